import type { Statement } from './cassandra-table';
import { WriteQueue } from './cassandra-writes';
import { StorageRefused, StorageTimeout, StorageUnavailable } from './errors';
import { processClock } from './clock';
import { CASSANDRA_BATCHES_IN_FLIGHT_MAX, CASSANDRA_WRITES_WAITING_BYTES_MAX } from './limits';
import { Pace } from './pace';

const statement = (name: string, bytes = 10): Statement => ({ query: name, params: [], bytes });
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A queue whose requests end when the test says so. */
function open(bounds = { statements: 4, bytes: 100 }, pace = new Pace(0, 1, processClock)): { queue: WriteQueue; requests: { names: string[]; end(error?: unknown): void }[] } {
  const requests: { names: string[]; end(error?: unknown): void }[] = [];
  const queue = new WriteQueue((statements) => new Promise((resolve, reject) => {
    requests.push({ names: statements.map(({ query }) => query), end: (error) => (error === undefined ? resolve() : reject(error as Error)) });
  }), bounds, pace);
  return { queue, requests };
}

test('what is written in one turn leaves together, whoever wrote it', async () => {
  const { queue, requests } = open();
  const done = Promise.all([queue.add([statement('a'), statement('b')]), queue.add([statement('c')]), queue.add([])]);
  await turn();
  expect(requests.map(({ names }) => names)).toEqual([['a', 'b', 'c']]);
  requests[0]?.end();
  await done;
});

test('few requests are in flight; what waits goes together in the next', async () => {
  const { queue, requests } = open();
  const pending: Promise<void>[] = [];
  for (let i = 0; i < CASSANDRA_BATCHES_IN_FLIGHT_MAX + 3; i++) {
    pending.push(queue.add([statement(String(i))]));
    await turn();
  }
  expect(requests).toHaveLength(CASSANDRA_BATCHES_IN_FLIGHT_MAX);
  requests[0]?.end();
  await turn();
  expect(requests.at(-1)?.names).toEqual(['4', '5', '6']);
  for (const request of requests) request.end();
  await Promise.all(pending);
});

test('a request holds so many statements and bytes, and one that is larger goes alone', async () => {
  const { queue, requests } = open();
  const done = queue.add(['a', 'b', 'c', 'd', 'e'].map((name) => statement(name)).concat([statement('large', 500), statement('f', 60), statement('g', 60)]));
  for (let i = 0; i < 6; i++) {
    for (const request of requests) request.end();
    await turn();
  }
  await done;
  expect(requests.map(({ names }) => names.join(''))).toEqual(['abcd', 'e', 'large', 'f', 'g']);
});

test('a failure reaches everyone whose rows were in the request, and nobody else', async () => {
  const { queue, requests } = open({ statements: 2, bytes: 100 });
  const outcomes = Promise.allSettled([queue.add([statement('a'), statement('b'), statement('c')]), queue.add([statement('d')]), queue.add([statement('e')])]);
  await turn();
  expect(requests.map(({ names }) => names)).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
  requests[0]?.end();
  requests[1]?.end(new StorageTimeout('late'));
  requests[2]?.end();
  expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
});

test('one caller’s unsound row does not fail the others', async () => {
  const { queue, requests } = open();
  const outcomes = Promise.allSettled([queue.add([statement('a')]), queue.add([statement('bad')]), queue.add([statement('c')])]);
  for (let i = 0; i < 5; i++) {
    await turn();
    for (const { names, end } of requests) end(names.includes('bad') ? new StorageRefused('too large') : undefined);
  }
  expect((await outcomes).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

test('what waits is bounded; beyond, nothing is sent', async () => {
  const { queue } = open();
  void queue.add([statement('first', 1)]);
  void queue.add([statement('much', CASSANDRA_WRITES_WAITING_BYTES_MAX)]);
  await expect(queue.add([statement('more')])).rejects.toBeInstanceOf(StorageUnavailable);
});

test('what must be whole is never parted, and shares a request where it fits', async () => {
  const { queue, requests } = open();
  const done = Promise.all([
    queue.add([statement('a')]), queue.addWhole([statement('b'), statement('c')]), queue.addWhole([statement('d'), statement('e')]),
    queue.addWhole(['f', 'g', 'h', 'i', 'j'].map((name) => statement(name))), queue.add([statement('k')]),
  ]);
  await turn();
  expect(requests.map(({ names }) => names.join(''))).toEqual(['abc', 'de', 'fghij', 'k']);
  for (const request of requests) request.end();
  await done;
});

test('in a stream requests keep their distance; a full one does not wait', async () => {
  const sleeps: (() => void)[] = [];
  let now = 0;
  const pace = new Pace(10, 2, { sleep: () => new Promise((resolve) => sleeps.push(resolve)) }, () => now);
  const { queue, requests } = open({ statements: 3, bytes: 1_000 }, pace);
  const done: Promise<void>[] = [];
  const write = async (name: string): Promise<void> => {
    done.push(queue.add([statement(name)]));
    await turn();
  };
  for (const name of ['a', 'b', 'c', 'd']) await write(name);
  expect(requests.map(({ names }) => names.join(''))).toEqual(['a', 'b']);
  await write('e');
  expect(requests.map(({ names }) => names.join(''))).toEqual(['a', 'b', 'cde']);
  await write('f');
  expect(requests).toHaveLength(3);
  now = 100;
  for (const resume of sleeps.splice(0)) resume();
  await turn();
  expect(requests.at(-1)?.names).toEqual(['f']);
  for (const request of requests) request.end();
  await Promise.all(done);
});
