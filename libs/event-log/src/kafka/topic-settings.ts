import type { Admin, ITopicConfig } from 'kafkajs';
import { LogRefused } from '../errors';
import type { Topic } from '../event-log';
import { PARTITIONS_MAX } from '../limits';
import { BATCH_BYTES_MAX } from './limits';
import type { TopicMetadata } from './requests';

/** Room in max.message.bytes for what a batch adds to one record. */
const BATCH_OVERHEAD_BYTES = 4_096;

/** max.message.bytes that a topic needs. */
function messageBytes(topic: Topic): number {
  return Math.max(BATCH_BYTES_MAX, topic.recordBytesMax + BATCH_OVERHEAD_BYTES);
}

/** Copies that must have a record before it is acknowledged. With one copy fewer than `replication` a topic stays writable. */
function insyncReplicas(topic: Topic, replication: number): number {
  return topic.durability === 'durable' ? Math.min(2, replication) : 1;
}

/** How a topic is made. */
export function topicConfig(topic: Topic, replication: number): ITopicConfig {
  const settings: Record<string, string> = {
    'cleanup.policy': 'delete',
    'retention.ms': String(topic.retentionMs),
    'retention.bytes': '-1',
    'max.message.bytes': String(messageBytes(topic)),
    'min.insync.replicas': String(insyncReplicas(topic, replication)),
    'unclean.leader.election.enable': 'false',
    // The broker's time: a process whose clock is wrong must not change what is kept, or be refused.
    'message.timestamp.type': 'LogAppendTime',
    'compression.type': 'producer',
  };
  return {
    topic: topic.name,
    numPartitions: topic.partitions,
    replicationFactor: replication,
    configEntries: Object.entries(settings).map(([name, value]) => ({ name, value })),
  };
}

export interface FoundTopic {
  metadata: TopicMetadata;
  /** Settings in force, by name. */
  settings: ReadonlyMap<string, string>;
}

/** What is wrong with a topic for us, each as a sentence that says what to change. */
export function faultsOfTopic(topic: Topic, replication: number, { metadata, settings }: FoundTopic): string[] {
  const faults: string[] = [];
  const { name } = topic;
  if (metadata.partitions.length !== topic.partitions) {
    faults.push(`topic ${name} has ${metadata.partitions.length} partitions and needs ${topic.partitions}; their number never changes, because a key would move to another: delete the topic if it holds nothing, else restore it`);
  }
  const fewest = Math.min(...metadata.partitions.map(({ replicas }) => replicas.length));
  if (fewest < replication) {
    faults.push(`topic ${name} has ${fewest} replicas and needs ${replication}: add some with kafka-reassign-partitions, or lower HELIOGRAPH_KAFKA_REPLICATION`);
  }
  const set = (setting: string, value: string): string => `set it with kafka-configs --alter --entity-type topics --entity-name ${name} --add-config ${setting}=${value}`;
  const expect = (setting: string, wanted: string, good: (value: string) => boolean, why: string): void => {
    const value = settings.get(setting);
    if (value !== undefined && !good(value)) faults.push(`topic ${name} has ${setting}=${value}, but ${why}: ${set(setting, wanted)}`);
  };
  expect('cleanup.policy', 'delete', (value) => value === 'delete', 'compaction takes records away and leaves gaps');
  expect('retention.ms', String(topic.retentionMs), (value) => value === '-1' || (topic.retentionMs >= 0 && Number(value) >= topic.retentionMs), `its records are needed for ${topic.retentionMs < 0 ? 'ever' : `${topic.retentionMs} ms`}`);
  if (topic.durability === 'durable') {
    expect('retention.bytes', '-1', (value) => value === '-1', 'its records must not go before their time');
    expect('unclean.leader.election.enable', 'false', (value) => value === 'false', 'a replica that lags behind would take acknowledged records away');
  }
  const bytes = messageBytes(topic);
  expect('max.message.bytes', String(bytes), (value) => Number(value) >= bytes, `its batches have up to ${bytes} bytes`);
  const least = insyncReplicas(topic, replication);
  expect('min.insync.replicas', String(least), (value) => Number(value) >= least, `a record that is acknowledged must be on ${least} brokers`);
  expect('min.insync.replicas', String(least), (value) => Number(value) <= Math.max(1, fewest), `there are only ${fewest} replicas, so nothing could be written`);
  expect('message.timestamp.type', 'LogAppendTime', (value) => value === 'LogAppendTime', 'a process whose clock is wrong would change what is kept');
  expect('compression.type', 'producer', (value) => value === 'producer' || value === 'uncompressed', 'content is sealed and does not shrink');
  return faults;
}

/** Throws LogRefused for a declaration that can't be a topic. */
export function checkDeclaration(topic: Topic): void {
  if (!(topic.partitions >= 1 && topic.partitions <= PARTITIONS_MAX)) throw new LogRefused(`topic ${topic.name} with ${topic.partitions} partitions; 1 to ${PARTITIONS_MAX}`);
}

/** The settings in force of some topics. */
export async function readSettings(admin: Admin, names: readonly string[]): Promise<Map<string, ReadonlyMap<string, string>>> {
  const { resources } = await admin.describeConfigs({
    // 2: a topic (Kafka's ConfigResource.Type)
    resources: names.map((name) => ({ type: 2, name })),
    includeSynonyms: false,
  });
  return new Map(resources.map(({ resourceName, configEntries }) => [resourceName, new Map(configEntries.map(({ configName, configValue }) => [configName, configValue]))]));
}
