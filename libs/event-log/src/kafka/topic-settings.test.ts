import type { Topic } from '../event-log';
import { faultsOfTopic, topicConfig } from './topic-settings';

const durable: Topic = { name: 't', partitions: 2, durability: 'durable', retentionMs: 60_000, recordBytesMax: 100_000 };
const volatile: Topic = { ...durable, durability: 'volatile' };

const found = (topic: Topic, replication: number, settings: Record<string, string> = {}, shape: { partitions?: number; replicas?: number } = {}) => ({
  metadata: {
    code: 0, name: topic.name, id: 'x',
    partitions: Array.from({ length: shape.partitions ?? topic.partitions }, (_, index) => ({ code: 0, index, leader: 1, leaderEpoch: 0, replicas: Array.from({ length: shape.replicas ?? replication }, (__, node) => node) })),
  },
  settings: new Map(Object.entries({ ...Object.fromEntries((topicConfig(topic, replication).configEntries ?? []).map(({ name, value }) => [name, value])), ...settings })),
});

test.each([[durable, 1], [durable, 2], [durable, 3], [volatile, 3]])('a topic as it is made is right', (topic, replication) => {
  expect(faultsOfTopic(topic, replication, found(topic, replication))).toEqual([]);
});

test('a record is acknowledged by two of three, one of one; of volatile topics by one', () => {
  const of = (topic: Topic, replication: number): string | undefined => topicConfig(topic, replication).configEntries?.find(({ name }) => name === 'min.insync.replicas')?.value;
  expect([of(durable, 1), of(durable, 2), of(durable, 3), of(durable, 5), of(volatile, 3)]).toEqual(['1', '2', '2', '2', '1']);
});

test.each<[string, Topic, Record<string, string>, { partitions?: number; replicas?: number }, RegExp | undefined]>([
  ['too few partitions', durable, {}, { partitions: 1 }, /has 1 partitions and needs 2/],
  ['too few replicas', durable, {}, { replicas: 2 }, /has 2 replicas and needs 3.*HELIOGRAPH_KAFKA_REPLICATION/],
  ['more replicas', durable, {}, { replicas: 5 }, undefined],
  ['compaction', durable, { 'cleanup.policy': 'compact,delete' }, {}, /cleanup\.policy=compact,delete/],
  ['longer retention', durable, { 'retention.ms': '120000' }, {}, undefined],
  ['endless retention', durable, { 'retention.ms': '-1' }, {}, undefined],
  ['shorter retention', durable, { 'retention.ms': '59999' }, {}, /retention\.ms=59999.*--add-config retention\.ms=60000/],
  ['shorter retention than for ever', { ...durable, retentionMs: -1 }, { 'retention.ms': '60000' }, {}, /needed for ever.*retention\.ms=-1/],
  ['a bound on bytes', durable, { 'retention.bytes': '1000' }, {}, /retention\.bytes=1000/],
  ['a bound on bytes of what may go', volatile, { 'retention.bytes': '1000' }, {}, undefined],
  ['small batches', durable, { 'max.message.bytes': '1000' }, {}, /max\.message\.bytes=1000/],
  ['records larger than a batch', { ...durable, recordBytesMax: 2_000_000 }, { 'max.message.bytes': '2000000' }, {}, /up to 2004096 bytes/],
  ['one replica in sync', durable, { 'min.insync.replicas': '1' }, {}, /must be on 2 brokers/],
  ['more in sync than there are', durable, { 'min.insync.replicas': '4' }, {}, /only 3 replicas, so nothing could be written/],
  ['unclean elections', durable, { 'unclean.leader.election.enable': 'true' }, {}, /unclean/],
  ['unclean elections of what may go', volatile, { 'unclean.leader.election.enable': 'true' }, {}, undefined],
  ['times of writers', durable, { 'message.timestamp.type': 'CreateTime' }, {}, /LogAppendTime/],
  ['compression', durable, { 'compression.type': 'zstd' }, {}, /compression\.type=zstd/],
])('%s', (_name, topic, settings, shape, sentence) => {
  const faults = faultsOfTopic(topic, 3, found(topic, 3, settings, shape));
  if (sentence === undefined) expect(faults).toEqual([]);
  else expect(faults).toEqual([expect.stringMatching(sentence)]);
});
