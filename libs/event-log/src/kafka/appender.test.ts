import { processClock } from '@heliograph/storage/clock';
import { eventually } from '@heliograph/testing/eventually';
import { LogRefused, LogTimeout, LogUnavailable } from '../errors';
import type { AppendRecord, Topic } from '../event-log';
import { Appender, ProduceFailed, type BatchAnswer, type OutgoingBatch, type ProduceTransport } from './appender';
import { DUPLICATE_SEQUENCE_NUMBER, MESSAGE_TOO_LARGE, NOT_LEADER_OR_FOLLOWER, OK, OUT_OF_ORDER_SEQUENCE_NUMBER, REQUEST_TIMED_OUT } from './error-codes';
import { APPEND_BYTES_WAITING_MAX, BATCH_BYTES_MAX } from './limits';
import { decodeBatches } from './record-batch';

const durable: Topic = { name: 'commands', partitions: 8, durability: 'durable', retentionMs: 1, recordBytesMax: 1_000_000 };
const volatile: Topic = { ...durable, name: 'pushes', durability: 'volatile' };
const records = (...texts: string[]): AppendRecord[] => texts.map((text) => ({ key: 'k', value: Buffer.from(text) }));

/** What the broker does with a request: answers, or breaks the connection before or after it took the batches. */
type Fate = 'take' | 'lose' | 'take and lose' | number;

/** A broker that checks sequences as Kafka does, and every request for two batches of one partition. */
class FakeBroker implements ProduceTransport {
  readonly requests: { acks: number; batches: { partition: string; texts: string[]; producer: bigint; sequence: number }[] }[] = [];
  readonly logs = new Map<string, string[]>();
  fates: Fate[] = [];
  leaderless = false;
  refreshes = 0;
  private readonly expected = new Map<string, number>();
  private readonly last = new Map<string, { sequence: number; offset: number }>();
  private producers = 0n;
  private inRequest = false;
  hold: Promise<void> | undefined;

  leader(): number | undefined {
    return this.leaderless ? undefined : 1;
  }

  async produce(_node: number, acks: -1 | 1, batches: readonly OutgoingBatch[], _timeoutMs: number): Promise<(BatchAnswer | undefined)[]> {
    expect(this.inRequest).toBe(false);
    this.inRequest = true;
    await this.hold;
    await new Promise((resolve) => setImmediate(resolve));
    this.inRequest = false;
    const read = batches.map(({ topic, partition, batch }) => ({
      partition: `${topic}/${partition}`, texts: decodeBatches(batch, 0n).records.map(({ value }) => Buffer.from(value).toString()), producer: batch.readBigInt64BE(43), sequence: batch.readInt32BE(53),
    }));
    expect(new Set(read.map(({ partition }) => partition)).size).toBe(read.length);
    this.requests.push({ acks, batches: read });
    const fate = this.fates.shift() ?? 'take';
    if (fate === 'lose') throw new ProduceFailed('broken', true);
    if (typeof fate === 'number') return read.map(() => ({ code: fate, firstOffset: -1n, message: '' }));
    const answers = read.map((batch) => this.take(batch));
    if (fate === 'take and lose') throw new ProduceFailed('broken', true);
    return answers;
  }

  private take({ partition, texts, producer, sequence }: FakeBroker['requests'][0]['batches'][0]): BatchAnswer {
    const log = this.logs.get(partition) ?? [];
    this.logs.set(partition, log);
    if (producer >= 0n) {
      const key = `${partition} ${producer}`;
      const last = this.last.get(key);
      if (last?.sequence === sequence) return { code: OK, firstOffset: BigInt(last.offset), message: '' };
      if (sequence !== (this.expected.get(key) ?? 0)) return { code: OUT_OF_ORDER_SEQUENCE_NUMBER, firstOffset: -1n, message: '' };
      this.last.set(key, { sequence, offset: log.length });
      this.expected.set(key, sequence + texts.length);
    }
    const firstOffset = BigInt(log.length);
    log.push(...texts);
    return { code: OK, firstOffset, message: '' };
  }

  async newProducer(): Promise<{ producerId: bigint; producerEpoch: number }> {
    this.producers += 1n;
    return { producerId: this.producers, producerEpoch: 0 };
  }

  async refresh(): Promise<void> {
    this.refreshes += 1;
  }
}

let broker: FakeBroker;
let appender: Appender;
const open = (budgetMs = 2_000, paceMs = 0): void => {
  appender = new Appender(broker, processClock, { budgetMs, paceMs });
};
beforeEach(() => {
  broker = new FakeBroker();
  open();
});
afterEach(() => appender.close(0));

test('what is appended in one turn travels in one request, a batch for each partition', async () => {
  const appended = [appender.append(durable, 0, records('a', 'b')), appender.append(durable, 0, records('c')), appender.append(durable, 1, records('d')), appender.append(volatile, 0, records('e'))];
  expect(await Promise.all(appended.map(({ firstOffset }) => firstOffset))).toEqual([0n, 2n, 0n, 0n]);
  await Promise.all(appended.map((each) => each.durable));
  expect(broker.requests.map(({ acks, batches }) => [acks, batches.map(({ partition, texts }) => [partition, ...texts])])).toEqual([
    [-1, [['pushes/0', 'e'], ['commands/0', 'a', 'b', 'c'], ['commands/1', 'd']]],
  ]);
  expect(broker.requests[0]?.batches.map(({ producer }) => producer)).toEqual([-1n, 1n, 1n]);
});

test('volatile records alone are acknowledged by the leader', async () => {
  await appender.append(volatile, 0, records('e')).durable;
  expect(broker.requests[0]?.acks).toBe(1);
});

test('one request at a time; what comes meanwhile is the next', async () => {
  let release = (): void => {};
  broker.hold = new Promise((resolve) => {
    release = resolve;
  });
  const all = [appender.append(durable, 0, records('0')).durable];
  await eventually(() => broker['inRequest']);
  for (let i = 1; i < 50; i++) all.push(appender.append(durable, i % 8, records(String(i))).durable);
  release();
  await Promise.all(all);
  expect(broker.requests.length).toBe(2);
});

test.each<[string, Fate[]]>([
  ['an answer that is lost', ['take and lose']],
  ['a request that is lost', ['lose']],
  ['several in a row', ['take and lose', 'lose', NOT_LEADER_OR_FOLLOWER, 'take and lose', REQUEST_TIMED_OUT]],
])('%s: repeated until it is there, once, before what comes later', async (_what, fates) => {
  await appender.append(durable, 0, records('first')).durable;
  broker.fates = fates;
  const appended = ['a', 'b', 'c'].map((text, index) => {
    if (index > 0) broker.hold = new Promise((resolve) => setImmediate(resolve));
    return appender.append(durable, 0, records(text));
  });
  expect(await Promise.all(appended.map(({ firstOffset }) => firstOffset))).toEqual([1n, 2n, 3n]);
  expect(broker.logs.get('commands/0')).toEqual(['first', 'a', 'b', 'c']);
  expect(broker.refreshes).toBeGreaterThan(0);
});

test('random faults: every record once, in order, at the offset that was told', async () => {
  let state = 7;
  const random = (below: number): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
  const fate = (): Fate => (['take', 'take', 'take', 'take and lose', 'lose', NOT_LEADER_OR_FOLLOWER, REQUEST_TIMED_OUT] as Fate[])[random(7)] as Fate;
  open(30_000);
  broker.fates = Array.from({ length: 60 }, fate);
  const places: Promise<void>[] = [];
  const sent = new Map<number, string[]>();
  for (let i = 0; i < 400; i++) {
    const partition = random(3);
    sent.set(partition, [...sent.get(partition) ?? [], String(i)]);
    places.push(appender.append(durable, partition, records(String(i))).firstOffset.then((offset) => {
      expect(broker.logs.get(`commands/${partition}`)?.[Number(offset)]).toBe(String(i));
    }));
    if (random(3) === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(places);
  for (const [partition, texts] of sent) expect(broker.logs.get(`commands/${partition}`)).toEqual(texts);
}, 30_000);

test('what can not be told within the budget is unknown; what comes later goes on under another producer', async () => {
  open(300);
  await appender.append(durable, 0, records('before')).durable;
  broker.fates = Array.from({ length: 50 }, () => 'lose' as const);
  const { firstOffset, durable: unknown } = appender.append(durable, 0, records('perhaps'));
  await expect(unknown).rejects.toBeInstanceOf(LogTimeout);
  await expect(firstOffset).rejects.toBeInstanceOf(LogTimeout);
  broker.fates = [];
  expect(await appender.append(durable, 0, records('after')).firstOffset).toBe(1n);
  expect(broker.requests.at(-1)?.batches[0]).toMatchObject({ producer: 2n, sequence: 0 });
  // Another partition keeps its numbering.
  await appender.append(durable, 1, records('x')).durable;
  expect(broker.logs.get('commands/0')).toEqual(['before', 'after']);
});

test('what was never sent is unavailable', async () => {
  open(200);
  broker.leaderless = true;
  await expect(appender.append(durable, 0, records('a')).durable).rejects.toBeInstanceOf(LogUnavailable);
  broker.leaderless = false;
  expect(await appender.append(durable, 0, records('b')).firstOffset).toBe(0n);
});

test('a numbering that the broker lost begins anew, and nothing is lost with it', async () => {
  await appender.append(durable, 0, records('a')).durable;
  broker.fates = [OUT_OF_ORDER_SEQUENCE_NUMBER];
  await appender.append(durable, 0, records('b')).durable;
  expect(broker.logs.get('commands/0')).toEqual(['a', 'b']);
  expect(broker.requests.at(-1)?.batches[0]).toMatchObject({ producer: 2n, sequence: 0 });
});

test('a refusal is told, and what waits behind it goes on', async () => {
  await appender.append(durable, 0, records('a')).durable;
  broker.fates = [MESSAGE_TOO_LARGE];
  await expect(appender.append(durable, 0, records('b')).durable).rejects.toBeInstanceOf(LogRefused);
  expect(await appender.append(durable, 0, records('c')).firstOffset).toBe(1n);
});

test('a duplicate that the broker has forgotten the place of is unknown, and the numbering goes on', async () => {
  await appender.append(durable, 0, records('a')).durable;
  broker.fates = ['take and lose', DUPLICATE_SEQUENCE_NUMBER];
  await expect(appender.append(durable, 0, records('b')).durable).rejects.toBeInstanceOf(LogTimeout);
  expect(await appender.append(durable, 0, records('c')).firstOffset).toBe(2n);
});

test('a large append is split, and stays in order', async () => {
  const value = new Uint8Array(300_000);
  const { firstOffset, durable: all } = appender.append(durable, 0, Array.from({ length: 10 }, (_, i) => ({ key: String(i), value })));
  const after = appender.append(durable, 0, records('after'));
  await all;
  expect(await firstOffset).toBe(0n);
  expect(await after.firstOffset).toBe(10n);
  expect(BATCH_BYTES_MAX).toBeLessThan(10 * value.length);
  for (const { batches } of broker.requests) expect(batches[0]?.texts.reduce((bytes, text) => bytes + text.length, 0)).toBeLessThan(BATCH_BYTES_MAX);
});

test('what waits is bounded: more is refused, and room comes back', async () => {
  let release = (): void => {};
  broker.hold = new Promise((resolve) => {
    release = resolve;
  });
  const value = new Uint8Array(1_000_000);
  const all: Promise<void>[] = [];
  while (all.length < APPEND_BYTES_WAITING_MAX / value.length - 1) all.push(appender.append(durable, 0, [{ key: '', value }]).durable);
  await expect(appender.append(durable, 1, [{ key: '', value }, { key: '', value }]).durable).rejects.toMatchObject({ name: 'LogUnavailable', message: expect.stringContaining('are not held') as string });
  release();
  await Promise.all(all);
  await appender.append(durable, 1, [{ key: '', value }]).durable;
});

test('after close nothing is taken, and what waits ends', async () => {
  open(60_000);
  broker.leaderless = true;
  const waiting = appender.append(durable, 0, records('a')).durable;
  await appender.close(20);
  await expect(waiting).rejects.toBeInstanceOf(Error);
  await expect(appender.append(durable, 0, records('b')).durable).rejects.toBeInstanceOf(LogUnavailable);
});
