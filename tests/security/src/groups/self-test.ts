import assert from 'node:assert/strict';
import { CarelessServer } from '../careless-server';
import { makeKey, type Gateway } from '../client/person';
import { runRow, type Row, type RowResult } from '../report';
import { packetRows } from './encrypted';
import { handshakeRows } from './handshake';

/** What rows say that found a planted flaw; anything else is an accident of the careless server. */
const FOUND = /was answered with|is still open|did not come within|repeats|no answer|were answered|were kept|bytes were|is too small to be work|no frame within/;

async function against<T>(task: (gateway: Gateway) => Promise<T>): Promise<T> {
  const { gateway, stop } = await CarelessServer.start();
  try {
    return await task(gateway);
  } finally {
    stop();
  }
}

/** Rows side by side: most of those that fail have waited for something that never comes. */
const runAll = (rows: readonly Row[]): Promise<RowResult[]> => Promise.all(rows.filter(({ patient }) => patient !== true).map((row) => runRow('self-test', row)));

function mustFind(results: readonly RowResult[]): string {
  assert.deepEqual(results.filter(({ ok }) => ok).map(({ name }) => `passes: ${name}`), []);
  assert.deepEqual(results.filter(({ note }) => !FOUND.test(note)).map(({ name, note }) => `fails for another reason: ${name}: ${note.slice(0, 200)}`), []);
  return `${results.length} rows`;
}

/** Proof that rows can fail: a server that checks nothing is caught by each of them. Planted leaks and answers that tell peers apart are found by the unit tests beside the code. */
export function selfTestRows(): Row[] {
  const accepts = /makes a key|at its word|allowed g_b|req_pq of old clients|may begin anew|tdesktop|fingerprint is that|server_DH_inner_data|a right packet/;
  return [
    {
      name: 'a server that checks nothing makes keys and answers pings',
      run: () => against(async (gateway) => {
        const results = await runAll(handshakeRows(gateway).filter(({ name }) => /makes a key|at its word/.test(name)));
        assert.deepEqual(results.filter(({ ok }) => !ok).map(({ name, note }) => `${name}: ${note}`), []);
        return `${results.length} rows`;
      }),
    },
    {
      name: 'it is caught by every row of the handshake that refuses',
      run: () => against(async (gateway) => mustFind(await runAll(handshakeRows(gateway).filter(({ name }) => !accepts.test(name))))),
    },
    {
      name: 'it is caught by every row about flawed packets',
      run: () => against(async (gateway) => mustFind(await runAll(packetRows({ gateway, key: await makeKey(gateway) }).filter(({ name }) => !accepts.test(name))))),
    },
  ];
}
