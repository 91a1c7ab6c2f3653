import { processClock } from '@heliograph/storage/clock';
import { eventually } from '@heliograph/testing/eventually';
import { OffsetOutOfRange } from '../errors';
import type { RecordBatch, Topic } from '../event-log';
import type { Leader } from './cluster';
import { ConnectionLost } from './connection';
import { FETCH_SESSION_ID_NOT_FOUND, NOT_LEADER_OR_FOLLOWER, OFFSET_OUT_OF_RANGE, OK, TOPIC_AUTHORIZATION_FAILED, UNKNOWN_TOPIC_ID } from './error-codes';
import { Fetcher, type FetchTransport } from './fetcher';
import { FETCHED_BYTES_MAX } from './limits';
import { SILENT } from './notes';
import { PartitionReader } from './partition-reader';
import { encodeBatch } from './record-batch';
import type { FetchAnswer, FetchedPartition, FetchQuestion } from './requests';

const topic: Topic = { name: 'commands', partitions: 8, durability: 'durable', retentionMs: 1, recordBytesMax: 1_000_000 };
const ID = 'ab'.repeat(16);
const EMPTY = Buffer.alloc(0);

/** Brokers with incremental fetch sessions as KIP-227 has them: what a question does not name stays as it was. */
class FakeBrokers implements FetchTransport {
  readonly logs = new Map<number, { start: number; records: Uint8Array[] }>();
  readonly questions: (FetchQuestion & { node: number; slot: number })[] = [];
  leaders = new Map<number, Leader>();
  id = ID;
  /** Answered instead of records, once each. */
  codes = new Map<number, number[]>();
  sessionsForgotten = false;
  noSessions = false;
  down = new Set<number>();
  private readonly sessions = new Map<number, { epoch: number; offsets: Map<number, bigint>; told: Set<number> }>();
  private sessionIds = 100;

  append(partition: number, ...values: Uint8Array[]): void {
    const log = this.logs.get(partition) ?? { start: 0, records: [] };
    this.logs.set(partition, log);
    log.records.push(...values);
  }

  leader(_topic: string, partition: number): Leader | undefined {
    return this.leaders.get(partition) ?? { node: 1, leaderEpoch: 0 };
  }
  topicId(): string {
    return this.id;
  }
  async refresh(): Promise<void> {}
  seen(): void {}
  async ends(_topic: string, partition: number): Promise<{ earliest: bigint; next: bigint }> {
    const { start, records } = this.logs.get(partition) ?? { start: 0, records: [] };
    return { earliest: BigInt(start), next: BigInt(start + records.length) };
  }

  async fetch(node: number, slot: number, question: FetchQuestion): Promise<FetchAnswer> {
    this.questions.push({ ...question, node, slot });
    const { id } = this;
    if (this.down.has(node)) throw new ConnectionLost('down');
    const offsets = new Map<number, bigint>();
    let session = this.sessions.get(question.sessionId);
    if (question.sessionId !== 0) {
      if (session === undefined || this.sessionsForgotten || session.epoch + 1 !== question.sessionEpoch) {
        this.sessionsForgotten = false;
        return { code: FETCH_SESSION_ID_NOT_FOUND, sessionId: 0, topics: [] };
      }
      session.epoch = question.sessionEpoch;
      for (const { partitions } of question.forgotten) for (const index of partitions) session.offsets.delete(index);
      for (const [index, offset] of session.offsets) offsets.set(index, offset);
    } else {
      expect(question.forgotten).toEqual([]);
      session = { epoch: 0, offsets: new Map(), told: new Set() };
      this.sessionIds += 1;
      if (!this.noSessions) this.sessions.set(this.sessionIds, session);
    }
    const sessionId = this.noSessions ? 0 : question.sessionId === 0 ? this.sessionIds : question.sessionId;
    for (const { partitions } of question.topics) {
      for (const { index, offset } of partitions) {
        offsets.set(index, offset);
        session.offsets.set(index, offset);
      }
    }
    const answer = (): FetchedPartition[] => [...offsets].flatMap(([index, offset]): FetchedPartition[] => {
      const code = this.codes.get(index)?.shift();
      const { start, records } = this.logs.get(index) ?? { start: 0, records: [] };
      const base = { index, highWatermark: BigInt(start + records.length), logStart: BigInt(start), batches: EMPTY };
      if (code !== undefined) return [{ ...base, code }];
      if (this.leader('', index)?.node !== node) return [{ ...base, code: NOT_LEADER_OR_FOLLOWER }];
      if (Number(offset) < start || Number(offset) > start + records.length) return [{ ...base, code: OFFSET_OUT_OF_RANGE }];
      const from = Number(offset) - start;
      if (from === records.length) return [];
      const batch = encodeBatch(records.slice(from, from + 20).map((value) => ({ key: '', value })), 1, undefined);
      batch.writeBigInt64BE(offset, 0);
      return [{ ...base, code: OK, batches: batch }];
    });
    let found = answer();
    for (let turns = 0; found.length === 0 && turns < 20; turns++) {
      await new Promise((resolve) => setImmediate(resolve));
      found = answer();
    }
    return { code: OK, sessionId, topics: found.length === 0 ? [] : [{ id, partitions: found }] };
  }
}

let brokers: FakeBrokers;
let fetcher: Fetcher;
beforeEach(() => {
  brokers = new FakeBrokers();
  fetcher = new Fetcher(brokers, processClock, SILENT, 0);
});
afterEach(() => fetcher.close());

const subscribe = (partition: number, from = 0n, handler?: (batch: RecordBatch) => Promise<void>): { reader: PartitionReader; got: number[] } => {
  const got: number[] = [];
  const reader: PartitionReader = new PartitionReader(topic, ID, partition, from, handler ?? (async ({ records }) => { for (const { value } of records) got.push(Number(Buffer.from(value).toString())); }),
    processClock, (full) => fetcher.resume(full), (ended) => fetcher.remove(ended));
  fetcher.add(reader);
  return { reader, got };
};
const texts = (from: number, count: number): Buffer[] => Array.from({ length: count }, (_, i) => Buffer.from(String(from + i)));
const numbers = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i);

test('partitions of a broker share one request, which then names only what changed', async () => {
  const readers = numbers(0, 4).map((partition) => subscribe(partition));
  brokers.append(2, ...texts(0, 3));
  await eventually(() => readers[2]?.got.length === 3);
  await eventually(() => brokers.questions.length >= 4);
  expect(brokers.questions[0]?.topics.flatMap(({ partitions }) => partitions.map(({ index }) => index))).toEqual([0, 1, 2, 3]);
  expect(brokers.questions[1]?.topics.flatMap(({ partitions }) => partitions)).toEqual([expect.objectContaining({ index: 2, offset: 3n })]);
  for (const { topics, forgotten } of brokers.questions.slice(2)) expect([topics, forgotten]).toEqual([[], []]);
  expect(new Set(brokers.questions.slice(1).map(({ sessionId }) => sessionId))).toEqual(new Set([101]));
});

test.each<[string, (round: number) => void]>([
  ['nothing happening', () => {}],
  ['sessions that the broker forgets', () => { brokers.sessionsForgotten = true; }],
  ['no room for sessions', () => { brokers.noSessions = true; }],
  ['leaders that move', (round) => { for (let p = 0; p < 4; p++) brokers.leaders.set(p, { node: 1 + ((round + p) % 3), leaderEpoch: round }); }],
  ['brokers that go and come', (round) => { brokers.down = new Set([round % 3]); for (let p = 0; p < 4; p++) brokers.leaders.set(p, { node: (round + 1) % 3, leaderEpoch: round }); }],
  ['errors', (round) => { brokers.codes.set(round % 4, [UNKNOWN_TOPIC_ID, NOT_LEADER_OR_FOLLOWER]); }],
  ['subscribers that come and go', (round) => { const { reader } = subscribe(round % 4, 0n); void reader.close(); }],
])('all of it, in order, with %s', async (_what, happen) => {
  const readers = numbers(0, 4).map((partition) => subscribe(partition));
  for (let round = 0; round < 12; round++) {
    for (let partition = 0; partition < 4; partition++) brokers.append(partition, ...texts(round * 30, 30));
    happen(round);
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
  brokers.down.clear();
  await eventually(() => readers.every(({ got }) => got.length >= 360), { timeoutMs: 20_000 });
  for (const { got } of readers) expect(got).toEqual(numbers(0, 360));
}, 30_000);

test('several subscribers of one partition read by connections of their own', async () => {
  brokers.append(0, ...texts(0, 50));
  const [one, two] = [subscribe(0, 0n), subscribe(0, 30n)];
  await eventually(() => one.got.length === 50 && two.got.length === 20);
  expect(two.got).toEqual(numbers(30, 20));
  expect(new Set(brokers.questions.map(({ slot }) => slot))).toEqual(new Set([0, 1]));
});

test('one who comes in place of another gets nothing of the other\'s answer', async () => {
  brokers.append(0, ...texts(0, 100));
  const first = subscribe(0, 90n);
  await eventually(() => first.got.length === 10);
  // The next fetch, from 100 on, is under way.
  await first.reader.close();
  const second = subscribe(0, 7n);
  brokers.append(0, ...texts(100, 1));
  await eventually(() => second.got.length === 94);
  expect(second.got).toEqual(numbers(7, 94));
});

test('a subscriber that is behind is left out until it has room, and the others go on', async () => {
  const large = (): Uint8Array => Buffer.alloc(FETCHED_BYTES_MAX / 4);
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let taken = 0;
  const slow = subscribe(0, 0n, async ({ records }) => {
    await held;
    taken += records.length;
  });
  const quick = subscribe(1);
  for (let i = 0; i < 10; i++) brokers.append(0, large());
  await eventually(() => slow.reader.full);
  const { position } = slow.reader;
  brokers.append(1, ...texts(0, 5));
  await eventually(() => quick.got.length === 5);
  await eventually(() => brokers.questions.some(({ forgotten }) => forgotten.length > 0));
  for (let i = 0; i < 4; i++) brokers.append(0, large());
  brokers.append(1, ...texts(5, 5));
  await eventually(() => quick.got.length === 10);
  expect(slow.reader.position).toBe(position);
  release();
  await eventually(() => taken === 14);
});

test('an offset that is gone ends the subscriber; one that only a lagging broker misses does not', async () => {
  brokers.logs.set(0, { start: 50, records: texts(50, 10) });
  const lost = subscribe(0, 20n);
  expect(await lost.reader.ended).toBeInstanceOf(OffsetOutOfRange);
  expect(await lost.reader.ended).toMatchObject({ offset: 20n, earliest: 50n, next: 60n });
  const beyond = subscribe(0, 61n);
  expect(await beyond.reader.ended).toBeInstanceOf(OffsetOutOfRange);
  brokers.codes.set(0, [OFFSET_OUT_OF_RANGE, OFFSET_OUT_OF_RANGE]);
  const lagging = subscribe(0, 55n);
  await eventually(() => lagging.got.length === 5);
  expect(lagging.got).toEqual(numbers(55, 5));
});

test('a topic made anew ends its readers; a refusal does too', async () => {
  const { reader } = subscribe(0);
  await eventually(() => brokers.questions.length > 1);
  brokers.id = 'cd'.repeat(16);
  brokers.codes.set(0, [UNKNOWN_TOPIC_ID]);
  expect(await reader.ended).toMatchObject({ name: 'LogUnavailable', message: expect.stringContaining('made anew') as string });
  brokers.id = ID;
  brokers.codes.set(1, [TOPIC_AUTHORIZATION_FAILED]);
  expect(await subscribe(1).reader.ended).toMatchObject({ name: 'LogRefused' });
});

test('records that are damaged end the subscriber', async () => {
  const { reader } = subscribe(0);
  const fetch = brokers.fetch.bind(brokers);
  brokers.fetch = async (...question) => {
    const answer = await fetch(...question);
    for (const { batches } of answer.topics.flatMap(({ partitions }) => partitions)) if (batches.length > 0) batches[batches.length - 2] = (batches[batches.length - 2] as number) ^ 1;
    return answer;
  };
  brokers.append(0, ...texts(0, 1));
  expect(await reader.ended).toMatchObject({ name: 'LogUnavailable', message: expect.stringContaining('checksum') as string });
});
