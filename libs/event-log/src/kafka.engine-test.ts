import { spawn, type ChildProcess } from 'node:child_process';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { processClock } from '@heliograph/storage/clock';
import { eventually } from '@heliograph/testing/eventually';
import { freePort, freePorts } from '@heliograph/testing/free-port';
import { openTcpProxy, type TcpProxy } from '@heliograph/testing/tcp-proxy';
import { tempFolder } from '@heliograph/testing/temp-folder';
import { Kafka, logLevel, type Admin } from 'kafkajs';
import { describeEventLogContract } from './contract';
import { LogRefused, LogTimeout, LogUnavailable } from './errors';
import type { EventLog, LogRecord, PlacedRecords, SubscribeOptions, Topic } from './event-log';
import { openKafka } from './kafka';
import { APPEND_BUDGET_MS, HANDED_PROBE_MS } from './kafka/limits';
import { topicConfig } from './kafka/topic-settings';
import { READ_RECORDS_MAX } from './limits';

jest.setTimeout(120_000);

/** The real engine: HELIOGRAPH_KAFKA, as for a service. Topics of this suite have names of their own; what else is there stays. */
const brokers = (process.env['HELIOGRAPH_KAFKA'] ?? '127.0.0.1:9092').split(',');
const SLOW = { timeoutMs: 60_000 };

let run = 0;
const uniqueSuffix = (): string => `-${process.pid}-${++run}`;
const textOf = ({ value }: LogRecord): string => Buffer.from(value).toString();
const record = (text: string): { key: string; value: Uint8Array } => ({ key: 'k', value: Buffer.from(text) });

const adminOf = async (of: readonly string[]): Promise<Admin> => {
  const admin = new Kafka({ clientId: 'contract', brokers: [...of], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  return admin;
};

/** Makes a topic, again and again while Kafka still deletes one of that name. */
const makeTopic = (admin: Admin, config: Parameters<Admin['createTopics']>[0]['topics'][number]): Promise<unknown> =>
  eventually(() => admin.createTopics({ topics: [config], waitForLeaders: false }), { ...SLOW, what: `topic ${config.topic}` });

/** All records of a partition. */
async function readAll(log: EventLog, topic: Topic, partition: number): Promise<LogRecord[]> {
  const { earliest, next } = await log.bounds(topic, partition);
  const all: LogRecord[] = [];
  for (let from = earliest; from < next;) {
    const records = await log.read(topic, partition, from, READ_RECORDS_MAX);
    all.push(...records);
    from = (records.at(-1) as LogRecord).offset + 1n;
  }
  return all;
}

/** The same log, whose every subscriber asks to be handed records. */
const subscribing = (log: EventLog, handed: boolean): EventLog => Object.assign(Object.create(log) as EventLog, {
  subscribe: (topic: Topic, partition: number, from: bigint, handler: Parameters<EventLog['subscribe']>[3], options?: SubscribeOptions) => log.subscribe(topic, partition, from, handler, { ...options, handed }),
});

describe('kafka', () => {
  let admin: Admin;
  const made: string[] = [];
  beforeAll(async () => {
    admin = await adminOf(brokers);
  });
  afterAll(async () => {
    const left = await admin.listTopics();
    await admin.deleteTopics({ topics: left.filter((name) => made.some((suffix) => name.endsWith(suffix))) });
    await admin.disconnect();
  });

  describe.each([false, true])('read as it is handed over: %p', (handed) => describeEventLogContract('kafka', async () => {
    const suffix = uniqueSuffix();
    made.push(suffix);
    const open = async (): Promise<EventLog> => subscribing(await openKafka({ brokers, replication: 1, clientId: 'contract' }), handed);
    const log = await open();
    return {
      log,
      suffix,
      pass: (ms) => processClock.sleep(ms),
      reopen: async () => {
        await log.close();
        return open();
      },
      other: open,
      trim: async (topic, partition, before) => {
        // kafkajs deletes only where it has looked before.
        await admin.fetchTopicOffsets(topic.name);
        await admin.deleteTopicRecords({ topic: topic.name, partitions: [{ partition, offset: String(before) }] });
      },
      remake: async (topic) => {
        await admin.deleteTopics({ topics: [topic.name] });
        await makeTopic(admin, topicConfig(topic, 1));
      },
    };
  }));

  describe('other programs', () => {
    const topic: Topic = { name: `contract-interop${uniqueSuffix()}`, partitions: 1, durability: 'durable', retentionMs: 60_000, recordBytesMax: 100_000 };
    made.push(topic.name);

    test('read what we append, and append what we read', async () => {
      const log = await openKafka({ brokers, replication: 1, clientId: 'contract' });
      await log.ensureTopics([topic]);
      await log.append(topic, 0, [{ key: 'ключ', value: Buffer.from('наше'), headers: { имя: 'значение', empty: '' } }, record('second')]).durable;
      const kafka = new Kafka({ clientId: 'other', brokers, logLevel: logLevel.NOTHING });
      const producer = kafka.producer();
      await producer.connect();
      await producer.send({ topic: topic.name, acks: -1, messages: [{ key: 'их', value: 'theirs', headers: { h: 'v' } }, { value: null }] });
      await producer.disconnect();
      expect((await log.read(topic, 0, 2n, 10)).map(({ offset, key, value, headers }) => ({ offset, key, value: Buffer.from(value).toString(), headers }))).toEqual([
        { offset: 2n, key: 'их', value: 'theirs', headers: { h: 'v' } },
        { offset: 3n, key: '', value: '', headers: undefined },
      ]);
      const seen: object[] = [];
      const consumer = kafka.consumer({ groupId: `contract${uniqueSuffix()}` });
      await consumer.connect();
      await consumer.subscribe({ topic: topic.name, fromBeginning: true });
      await consumer.run({ eachMessage: async ({ message }) => {
        seen.push({ offset: message.offset, key: message.key?.toString(), value: message.value?.toString(), headers: Object.fromEntries(Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)])) });
      } });
      await eventually(() => seen.length >= 2, SLOW);
      await consumer.disconnect();
      expect(seen.slice(0, 2)).toEqual([
        { offset: '0', key: 'ключ', value: 'наше', headers: { имя: 'значение', empty: '' } },
        { offset: '1', key: 'k', value: 'second', headers: {} },
      ]);
      await log.close();
    });
  });

  describe('records that are handed over', () => {
    const topic: Topic = { name: `contract-handed${uniqueSuffix()}`, partitions: 1, durability: 'durable', retentionMs: 60_000, recordBytesMax: 100_000 };
    made.push(topic.name);

    test('by two processes that append, some lost, late or twice: all come once, in the log\'s order, and sooner than by asking', async () => {
      const [owner, other] = await Promise.all([0, 1].map(async () => {
        const log = await openKafka({ brokers, replication: 1, clientId: 'contract' });
        await log.ensureTopics([topic]);
        return log;
      })) as [EventLog, EventLog];
      const seen: string[] = [];
      const subscription = await owner.subscribe(topic, 0, 0n, async ({ records }) => {
        for (const each of records) {
          expect(each.offset).toBe(BigInt(seen.length));
          seen.push(textOf(each));
        }
      }, { handed: true });
      const held: PlacedRecords[] = [];
      let handed = 0;
      other.onPlaced?.((placed) => {
        handed += 1;
        if (handed % 10 === 3) return;
        if (handed % 10 === 5) return void held.push(placed);
        owner.hand?.(placed);
        if (handed % 10 === 7) owner.hand?.(placed);
        for (const late of held.splice(0)) owner.hand?.(late);
      });
      for (let i = 0; i < 200; i++) await Promise.all([owner.append(topic, 0, [record(`own ${i}`)]).durable, other.append(topic, 0, [record(`other ${i}`)]).durable]);
      await eventually(() => seen.length === 400, SLOW);
      expect(seen).toEqual((await readAll(owner, topic, 0)).map(textOf));
      const began = performance.now();
      for (let i = 0; i < 20; i++) {
        await owner.append(topic, 0, [record(`alone ${i}`)]).durable;
        await eventually(() => seen.length === 401 + i, SLOW);
      }
      expect(performance.now() - began).toBeLessThan(20 * HANDED_PROBE_MS / 2);
      await subscription.close();
      await Promise.all([owner.close(), other.close()]);
    });
  });

  describe('a start refuses', () => {
    let log: EventLog;
    let topic: Topic;
    beforeEach(async () => {
      topic = { name: `contract-settings${uniqueSuffix()}`, partitions: 2, durability: 'durable', retentionMs: 60_000, recordBytesMax: 100_000 };
      made.push(topic.name);
      log = await openKafka({ brokers, replication: 1, clientId: 'contract' });
    });
    afterEach(() => log.close());
    const refused = async (ensuring: Promise<void>, sentence: RegExp): Promise<void> => {
      const error = await ensuring.catch((failure: unknown) => failure);
      expect(error).toBeInstanceOf(LogRefused);
      expect((error as Error).message).toMatch(sentence);
    };

    test.each<[string, string, RegExp]>([
      ['cleanup.policy', 'compact', /cleanup\.policy=compact, but compaction .* set it with kafka-configs .*--add-config cleanup\.policy=delete/],
      ['retention.ms', '1000', /retention\.ms=1000, but its records are needed for 60000 ms: set it/],
      ['retention.bytes', '1000000', /retention\.bytes=1000000, but/],
      ['max.message.bytes', '50000', /max\.message\.bytes=50000, but its batches have up to 1048576 bytes: set it/],
      ['min.insync.replicas', '2', /min\.insync\.replicas=2, but there are only 1 replicas/],
      ['unclean.leader.election.enable', 'true', /unclean\.leader\.election\.enable=true, but/],
      ['message.timestamp.type', 'CreateTime', /message\.timestamp\.type=CreateTime, but/],
      ['compression.type', 'gzip', /compression\.type=gzip, but/],
    ])('a topic with a wrong %s', async (name, value, sentence) => {
      const config = topicConfig(topic, 1);
      await makeTopic(admin, { ...config, configEntries: [...(config.configEntries ?? []).filter((entry) => entry.name !== name), { name, value }] });
      await refused(log.ensureTopics([topic]), sentence);
    });

    test('a topic with other partitions, one with fewer replicas, and one that can not have as many', async () => {
      await makeTopic(admin, topicConfig(topic, 1));
      await refused(log.ensureTopics([{ ...topic, partitions: 3 }]), /has 2 partitions and needs 3/);
      const careful = await openKafka({ brokers, replication: 3, clientId: 'contract' });
      await refused(careful.ensureTopics([topic]), /has 1 replicas and needs 3: .*HELIOGRAPH_KAFKA_REPLICATION/);
      await refused(careful.ensureTopics([{ ...topic, name: `${topic.name}-new` }]), /can't be made with 3 replicas, Kafka has 1 brokers/);
      await careful.close();
    });

    test('brokers that are not there, or not Kafka', async () => {
      const port = await freePort();
      const began = performance.now();
      await expect(openKafka({ brokers: [`127.0.0.1:${port}`], replication: 1, clientId: 'contract' })).rejects.toMatchObject({ name: 'LogUnavailable', message: expect.stringContaining('no Kafka broker answers') as string });
      expect(performance.now() - began).toBeLessThan(5_000);
      await expect(openKafka({ brokers: ['nonsense'], replication: 1, clientId: 'contract' })).rejects.toBeInstanceOf(LogRefused);
      await expect(openKafka({ brokers, replication: 0, clientId: 'contract' })).rejects.toBeInstanceOf(LogRefused);
      await expect(openKafka({ brokers, replication: 1, clientId: 'contract', tlsCa: '/nowhere.pem' })).rejects.toBeInstanceOf(LogRefused);
    });

    test('nothing when several processes make the same topics at once', async () => {
      const logs = await Promise.all(Array.from({ length: 4 }, () => openKafka({ brokers, replication: 1, clientId: 'contract' })));
      await Promise.all(logs.map((each) => each.ensureTopics([topic])));
      const epochs = await Promise.all(logs.map((each) => each.epoch(topic)));
      expect(new Set(epochs)).toEqual(new Set([1]));
      for (const each of logs) await each.close();
    });
  });
});

/** A broker of this suite's own, behind a proxy, to be killed and cut off. */
describe.each([false, true])('kafka, hurt, read as it is handed over: %p', (handed) => {
  let child: ChildProcess;
  let proxy: TcpProxy;
  let log: EventLog;
  let topic: Topic;
  let answers: AsyncIterator<string>;
  const folder = tempFolder('kafka');
  const order = async (what: string): Promise<void> => {
    child.stdin?.write(`${what} kafka-dc1\n`);
    expect((await answers.next()).value).toBe('done');
  };

  beforeAll(async () => {
    const [base] = await freePorts(10) as [number];
    proxy = await openTcpProxy({ target: { host: '127.0.0.1', port: base } });
    child = spawn(process.execPath, [resolve(__dirname, '../../../tools/engines/obey.mjs'), JSON.stringify({
      folder: join(folder.path, 'engines'), which: ['kafka'], dcs: [1], ports: { kafka: base, controller: await freePort() },
      kafkaAdvertised: { 1: { host: proxy.host, port: proxy.port } }, remove: true,
    })], { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    answers = lines[Symbol.asyncIterator]();
    expect((await answers.next()).value).toMatch(/^ready /);
  });
  afterAll(async () => {
    const ended = new Promise((done) => { child.once('exit', done); });
    child.stdin?.end();
    await ended;
    await proxy.close();
    folder.remove();
  });
  beforeEach(async () => {
    topic = { name: `hurt${uniqueSuffix()}`, partitions: 4, durability: 'durable', retentionMs: 3_600_000, recordBytesMax: 100_000 };
    log = subscribing(await openKafka({ brokers: [`${proxy.host}:${proxy.port}`], replication: 1, clientId: 'hurt' }), handed);
    await log.ensureTopics([topic]);
  });
  afterEach(async () => {
    proxy.clear();
    await log.close();
  });

  /** Appends to all partitions until told to stop; remembers what was acknowledged, and what may have happened. */
  function load(): { acknowledged: Map<string, { partition: number; offset: bigint }>; unknown: Set<string>; stop(): Promise<void> } {
    const acknowledged = new Map<string, { partition: number; offset: bigint }>();
    const unknown = new Set<string>();
    let stopped = false;
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let i = 0; !stopped; i++) {
        const text = `${writer}:${i}`;
        const partition = writer % topic.partitions;
        const { firstOffset, durable } = log.append(topic, partition, [record(text)]);
        try {
          await durable;
          acknowledged.set(text, { partition, offset: await firstOffset });
        } catch (error) {
          if (!(error instanceof LogTimeout) && !(error instanceof LogUnavailable)) throw error;
          unknown.add(text);
        }
      }
    });
    return { acknowledged, unknown, stop: async () => {
      stopped = true;
      await Promise.all(writers);
    } };
  }

  /** Follows all partitions from their beginning; every offset must be the next one. */
  async function follow(): Promise<{ seen: string[][]; caughtUp(): Promise<void>; close(): Promise<void> }> {
    const seen: string[][] = [];
    const subscriptions = await Promise.all(Array.from({ length: topic.partitions }, (_, partition) => {
      const texts: string[] = [];
      seen.push(texts);
      return log.subscribe(topic, partition, 0n, async ({ records }) => {
        for (const each of records) {
          expect(each.offset).toBe(BigInt(texts.length));
          texts.push(textOf(each));
        }
      });
    }));
    return {
      seen,
      caughtUp: async () => {
        for (const [partition, texts] of seen.entries()) {
          const { next } = await log.bounds(topic, partition);
          await eventually(() => BigInt(texts.length) >= next, SLOW);
        }
      },
      close: async () => { for (const subscription of subscriptions) await subscription.close(); },
    };
  }

  /** All that was acknowledged is there once, at its offset, and each writer's records are in its order; followers saw the same. */
  async function judge({ acknowledged, unknown }: ReturnType<typeof load>, followed: Awaited<ReturnType<typeof follow>>): Promise<void> {
    await followed.caughtUp();
    await followed.close();
    const counts = new Map<string, number>();
    for (let partition = 0; partition < topic.partitions; partition++) {
      const all = await readAll(log, topic, partition);
      expect(followed.seen[partition]).toEqual(all.map(textOf));
      for (const each of all) counts.set(textOf(each), (counts.get(textOf(each)) ?? 0) + 1);
      for (const [text, { offset }] of [...acknowledged].filter(([, place]) => place.partition === partition)) expect(textOf(all[Number(offset)] as LogRecord)).toBe(text);
      const last = new Map<string, number>();
      for (const text of all.map(textOf).filter((each) => !unknown.has(each))) {
        const [writer, number] = text.split(':') as [string, string];
        expect(Number(number)).toBeGreaterThan(last.get(writer) ?? -1);
        last.set(writer, Number(number));
      }
    }
    for (const text of acknowledged.keys()) expect([text, counts.get(text)]).toEqual([text, 1]);
    for (const [text, count] of counts) expect([text, count <= 1 || unknown.has(text)]).toEqual([text, true]);
  }

  test('answers that get lost: what is repeated is in the log once', async () => {
    const followed = await follow();
    const loaded = load();
    let answered = 0;
    let lost = 0;
    proxy.tap({ back: (_chunk, connection) => {
      answered += 1;
      // Without fetches there are fewer.
      if (answered % (handed ? 15 : 40) !== 0) return true;
      lost += 1;
      connection.reset();
      return false;
    } });
    await eventually(() => lost >= 25, SLOW);
    proxy.tap(undefined);
    await loaded.stop();
    expect(loaded.unknown.size).toBe(0);
    await judge(loaded, followed);
  });

  test('connections that break at any byte', async () => {
    const followed = await follow();
    const loaded = load();
    let bytes = 0;
    let breaks = 0;
    const breakNow = (chunk: Buffer, connection: { reset(): void }): void => {
      bytes += chunk.length;
      if (bytes < (handed ? 25_000 : 60_000)) return;
      bytes = 0;
      breaks += 1;
      connection.reset();
    };
    proxy.tap({ there: breakNow, back: breakNow });
    await eventually(() => breaks >= 25, SLOW);
    proxy.tap(undefined);
    await loaded.stop();
    await judge(loaded, followed);
  });

  test('a broker that is silent for longer than an append may take: its outcome is unknown, what comes later is not', async () => {
    const followed = await follow();
    await log.append(topic, 0, [record('before')]).durable;
    proxy.set({ cut: true }, 'back');
    const began = performance.now();
    const silent = log.append(topic, 0, [record('perhaps')]);
    const behind = log.append(topic, 0, [record('behind')]);
    await expect(silent.durable).rejects.toBeInstanceOf(LogTimeout);
    expect(performance.now() - began).toBeLessThan(APPEND_BUDGET_MS + 2_500);
    await behind.durable.catch(() => {});
    proxy.reset();
    proxy.clear();
    const after = await log.append(topic, 0, [record('after')]).firstOffset;
    await followed.caughtUp();
    await followed.close();
    const texts = (await readAll(log, topic, 0)).map(textOf);
    expect(texts[Number(after)]).toBe('after');
    expect(texts.filter((text) => text === 'perhaps').length).toBeLessThanOrEqual(1);
    expect(texts.filter((text) => text !== 'perhaps' && text !== 'behind')).toEqual(['before', 'after']);
  });

  test('no broker: calls end as unavailable within their time, and all goes on by itself', async () => {
    const followed = await follow();
    await log.append(topic, 1, [record('before')]).durable;
    proxy.refuse(true);
    proxy.reset();
    const began = performance.now();
    const [append, read, bounds, position] = await Promise.all([
      log.append(topic, 1, [record('never')]).durable, log.read(topic, 1, 0n, 1), log.bounds(topic, 1), log.storePosition('g', topic, 1, 1n),
    ].map((work) => (work as Promise<unknown>).then(() => 'done', (error: unknown) => error)));
    // The append may have gone out on the connection that broke.
    expect([LogUnavailable.name, LogTimeout.name]).toContain((append as Error).name);
    for (const error of [read, bounds, position]) expect(error).toBeInstanceOf(LogUnavailable);
    expect(performance.now() - began).toBeLessThan(APPEND_BUDGET_MS + 2_500);
    proxy.clear();
    await log.append(topic, 1, [record('after')]).durable;
    await followed.caughtUp();
    expect(followed.seen[1]).toEqual(['before', 'after']);
    await followed.close();
  });

  test('kill −9 of the broker, three times under load: nothing acknowledged is lost', async () => {
    const followed = await follow();
    const loaded = load();
    for (let kill = 0; kill < 3; kill++) {
      const before = loaded.acknowledged.size;
      await eventually(() => loaded.acknowledged.size > before + 200, SLOW);
      await order('kill');
      await order('restart');
    }
    const before = loaded.acknowledged.size;
    await eventually(() => loaded.acknowledged.size > before + 200, SLOW);
    await loaded.stop();
    await judge(loaded, followed);
  });

  test('a broker that stands still for a while', async () => {
    const followed = await follow();
    const loaded = load();
    await eventually(() => loaded.acknowledged.size > 200, SLOW);
    await order('pause');
    const until = performance.now() + 6_500;
    await eventually(() => performance.now() > until, SLOW);
    await order('resume');
    const before = loaded.acknowledged.size;
    await eventually(() => loaded.acknowledged.size > before + 200, SLOW);
    await loaded.stop();
    expect(loaded.unknown.size).toBe(0);
    await judge(loaded, followed);
  });
});
