import { parseArgs } from 'node:util';
import { printRow, printTable, runRow, type Row, type RowResult } from './report';
import { openStage, type Stage } from './stage';
import { accessRows } from './groups/access';
import { atRestRows } from './groups/at-rest';
import { basicGroupRows } from './groups/basic-groups';
import { channelRows } from './groups/channels';
import { chatlistRows } from './groups/chatlists';
import { encryptedRows } from './groups/encrypted';
import { floodRows } from './groups/floods';
import { handshakeRows } from './groups/handshake';
import { httpRows } from './groups/http';
import { loginRows } from './groups/login';
import { memoryRows } from './groups/memory';
import { selfTestRows } from './groups/self-test';
import { tlRows } from './groups/tl';
import { transportRows } from './groups/transports';

interface Group {
  readonly name: string;
  rows(stage: Stage, short: boolean): Row[] | Promise<Row[]>;
}

const GROUPS: readonly Group[] = [
  { name: 'self-test', rows: selfTestRows },
  { name: 'handshake', rows: ({ gateway }) => handshakeRows(gateway) },
  { name: 'encrypted', rows: encryptedRows },
  { name: 'transports', rows: transportRows },
  { name: 'tl', rows: tlRows },
  { name: 'access', rows: accessRows },
  { name: 'groups', rows: basicGroupRows },
  { name: 'channels', rows: channelRows },
  { name: 'shared folders', rows: chatlistRows },
  { name: 'login', rows: loginRows },
  { name: 'memory', rows: memoryRows },
  { name: 'http', rows: httpRows },
  { name: 'at rest', rows: atRestRows },
  { name: 'floods', rows: floodRows },
];

/** Runs the groups whose rows match; ends with 1 when one failed. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { only: { type: 'string' }, short: { type: 'boolean', default: false }, without: { type: 'string' } } });
  const wanted = (group: string, name: string): boolean => values.only === undefined || `${group} · ${name}`.toLowerCase().includes(values.only.toLowerCase());
  const stage = await openStage();
  const results: RowResult[] = [];
  const patient: Promise<void>[] = [];
  const finish = (result: RowResult): void => {
    results.push(result);
    printRow(result);
  };
  for (const { name: group, rows } of GROUPS) {
    if (group === values.without) continue;
    const selected = (await rows(stage, values.short)).filter(({ name }) => wanted(group, name));
    for (const row of selected) if (row.patient) patient.push(runRow(group, row).then(finish));
    for (const row of selected) if (!row.patient) finish(await runRow(group, row));
  }
  await Promise.all(patient);
  for (const result of await stage.close()) finish(result);
  printTable(results);
  const failed = results.filter(({ ok }) => !ok).length;
  console.log(`\n${results.length - failed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

// A row that failed may have left a connection open.
main().then(() => process.exit()).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
