// What the event log on Kafka costs: CPU of this process and of the broker per record, and how late records are acknowledged and handed over. One
// process appends to 16 partitions and reads them; it starts a broker of its own, or takes --brokers with the broker's --pid.
// node tests/load/log-cost.mjs [--rate 200] [--seconds 10] [--senders 64] [--pace 8] [--client heliograph|kafkajs] [--brokers HOST:PORT --pid N]
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startEngines } from '../../tools/engines/engines.mjs';

const root = new URL('../..', import.meta.url).pathname;
/** What the event log itself depends on is at hand for the comparison. */
const load = createRequire(`${root}libs/event-log/package.json`);
const option = (fallback) => ({ type: 'string', default: fallback });
const { values } = parseArgs({ options: { rate: option('200'), seconds: option('10'), senders: option('64'), pace: option('8'), body: option('300'), client: option('heliograph'), port: option('19290'), brokers: { type: 'string' }, pid: { type: 'string' } } });
const [rate, seconds, senders] = [values.rate, values.seconds, values.senders].map(Number);
const PARTITIONS = 16;
const WARM_MS = 5_000;

let engines;
let broker = { address: values.brokers, pid: values.pid };
if (broker.address === undefined) {
  engines = await startEngines({ folder: mkdtempSync(join(tmpdir(), 'log-cost-')), which: ['kafka'], dcs: [1], basePort: Number(values.port) });
  broker = engines.kafka[1];
}
const topic = { name: `log-cost-${process.pid}`, partitions: PARTITIONS, durability: 'durable', retentionMs: 3_600_000, recordBytesMax: 65_536 };

/** The same three calls on both clients. */
async function ours() {
  const { openKafka } = load(`${root}libs/event-log/dist/kafka.js`);
  const log = await openKafka({ brokers: [broker.address], replication: 1, clientId: 'log-cost', paceMs: Number(values.pace) });
  await log.ensureTopics([topic]);
  return {
    subscribe: (take) => Promise.all(Array.from({ length: PARTITIONS }, (_, partition) => log.subscribe(topic, partition, 0n, async ({ records }) => {
      for (const { key } of records) take(key);
    }))),
    append: (partition, key, value) => log.append(topic, partition, [{ key, value }]).durable,
    close: () => log.close(),
  };
}
async function kafkajs() {
  const { Kafka, logLevel } = load('kafkajs');
  const kafka = new Kafka({ clientId: 'log-cost', brokers: [broker.address], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: topic.name, numPartitions: PARTITIONS, replicationFactor: 1 }] });
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  const consumer = kafka.consumer({ groupId: topic.name, maxWaitTimeInMs: 250 });
  await consumer.connect();
  return {
    subscribe: async (take) => {
      await consumer.subscribe({ topic: topic.name, fromBeginning: true });
      const joined = new Promise((resolve) => { consumer.on(consumer.events.GROUP_JOIN, resolve); });
      await consumer.run({ partitionsConsumedConcurrently: PARTITIONS, eachBatch: async ({ batch }) => { for (const { key } of batch.messages) take(String(key)); } });
      await joined;
    },
    append: (partition, key, value) => producer.send({ topic: topic.name, acks: -1, messages: [{ partition, key, value }] }),
    close: () => Promise.all([producer.disconnect(), consumer.disconnect(), admin.disconnect()]),
  };
}

/** Milliseconds of CPU that a process has used. */
const cpuOf = (pid) => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
};
const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]?.toFixed(1) ?? '–';

const client = await (values.client === 'kafkajs' ? kafkajs() : ours());
const begun = new Map();
let taken = [];
await client.subscribe((key) => {
  const since = begun.get(key);
  begun.delete(key);
  if (since !== undefined) taken.push(performance.now() - since);
});

let sequence = 0;
let acknowledged = [];
const value = randomBytes(Number(values.body));
async function appendOne() {
  const key = String(sequence);
  const since = performance.now();
  begun.set(key, since);
  await client.append(sequence++ % PARTITIONS, key, value);
  acknowledged.push(performance.now() - since);
}
const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

async function saturate(ms) {
  const until = performance.now() + ms;
  await Promise.all(Array.from({ length: senders }, async () => { while (performance.now() < until) await appendOne(); }));
}
async function steady(ms) {
  const start = performance.now();
  const under = new Set();
  for (let i = 0; i < (ms / 1_000) * rate; i++) {
    const wait = start + (i * 1_000) / rate - performance.now();
    if (wait > 0) await sleep(wait);
    const one = appendOne().finally(() => under.delete(one));
    under.add(one);
  }
  await Promise.all(under);
}

/** Runs `work` and prints what it cost. */
async function measure(name, work, perRecord = true) {
  [acknowledged, taken] = [[], []];
  const [own, theirs, since] = [process.cpuUsage(), cpuOf(broker.pid), performance.now()];
  await work();
  const { user, system } = process.cpuUsage(own);
  const [cpu, brokerCpu, elapsed] = [(user + system) / 1_000, cpuOf(broker.pid) - theirs, performance.now() - since];
  if (!perRecord) {
    console.log(`${name}: client ${(cpu / elapsed * 100).toFixed(2)} % of a core, broker ${(brokerCpu / elapsed * 100).toFixed(2)} %`);
    return;
  }
  while (begun.size > 0) await sleep(5);
  const [acks, events] = [acknowledged, taken].map((list) => list.toSorted((a, b) => a - b));
  console.log(`${name}: ${acks.length} records, ${(acks.length / elapsed * 1_000).toFixed(0)}/s; CPU a record: client ${(cpu / acks.length).toFixed(3)} ms, broker ${(brokerCpu / acks.length).toFixed(3)} ms; `
    + `acknowledged p50 ${quantile(acks, 0.5)} ms, p99 ${quantile(acks, 0.99)} ms; handed over p50 ${quantile(events, 0.5)} ms, p99 ${quantile(events, 0.99)} ms`);
}

console.log(`${values.client}, pace ${values.pace} ms, load ${loadavg()[0].toFixed(1)}`);
// A Java process in its first half minute of load costs about double.
await saturate(WARM_MS);
await measure('saturated', () => saturate(seconds * 1_000));
await measure(`${rate}/s`, () => steady(seconds * 1_000));
await measure('20/s', async () => {
  for (let i = 0; i < 100; i++) {
    await appendOne();
    await sleep(50);
  }
});
await measure('idle, 16 subscriptions', () => sleep(seconds * 1_000), false);
await client.close();
await engines?.stop({ graceMs: 0, remove: true });
process.exit(0);
