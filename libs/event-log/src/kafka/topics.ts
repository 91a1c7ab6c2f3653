import type { StorageClock } from '@heliograph/storage/clock';
import type { Admin } from 'kafkajs';
import { LogRefused, LogUnavailable } from '../errors';
import type { Topic } from '../event-log';
import { type Cluster, Pending } from './cluster';
import type { ConnectionOptions } from './connection';
import { errorName, isRefusal, OK, UNKNOWN_TOPIC_OR_PARTITION } from './error-codes';
import { RETRY_LONGEST_MS } from './limits';
import type { TopicMetadata } from './requests';
import { faultsOfTopic, readSettings, topicConfig } from './topic-settings';

/** How long Kafka may have fewer brokers than a new topic needs replicas: those that start together come one after the other. */
const BROKERS_WAIT_MS = 5_000;

/**
 * Makes topics that are not there, waits until each partition has a leader, and checks settings and replicas of all. Whoever else does the
 * same at the same time. Throws LogRefused with what to change, LogUnavailable when it takes longer than `budgetMs`.
 */
export async function ensureKafkaTopics(
  cluster: Cluster,
  topics: readonly Topic[],
  replication: number,
  access: ConnectionOptions & { brokers: readonly string[]; mechanism: string | undefined },
  clock: StorageClock,
  budgetMs: number,
): Promise<void> {
  const names = topics.map(({ name }) => name);
  const admin = await openAdmin(access);
  try {
    const missing = (await cluster.describe(names)).filter(({ code }) => code === UNKNOWN_TOPIC_OR_PARTITION).map(({ name }) => name);
    for (const topic of topics) if (missing.includes(topic.name)) await make(admin, topic, replication, clock, cluster);
    const metadata = await cluster.untilAnswered('topics have no leaders', budgetMs, async () => whenReady(topics, await cluster.describe(names)));
    const settings = await cluster.untilAnswered('the settings of topics are not known', budgetMs, async () => {
      try {
        return await readSettings(admin, names);
      } catch (error) {
        return new Pending(reasonOf(error));
      }
    });
    const faults = topics.flatMap((topic) => faultsOfTopic(topic, replication, {
      metadata: metadata.find(({ name }) => name === topic.name) as TopicMetadata,
      settings: settings.get(topic.name) ?? new Map(),
    }));
    if (faults.length > 0) throw new LogRefused(faults.join('; '));
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

/** Kafka's library for what is done once, at the start. Loaded by processes that do it. */
async function openAdmin({ brokers, clientId, tls, sasl, mechanism }: ConnectionOptions & { brokers: readonly string[]; mechanism: string | undefined }): Promise<Admin> {
  const { Kafka, logLevel } = await import('kafkajs');
  const admin = new Kafka({
    clientId,
    brokers: [...brokers],
    ...(tls === undefined ? {} : { ssl: { ca: tls.ca } }),
    ...(sasl === undefined ? {} : { sasl: { ...sasl, mechanism: (mechanism ?? 'SCRAM-SHA-512').toLowerCase() as 'scram-sha-512' } }),
    // What fails is thrown; its own log lines would only repeat it.
    logLevel: logLevel.NOTHING,
  }).admin();
  try {
    await admin.connect();
    return admin;
  } catch (error) {
    throw new LogUnavailable(`Kafka can't be asked for its topics: ${reasonOf(error)}`, { cause: error });
  }
}

async function make(admin: Admin, topic: Topic, replication: number, clock: StorageClock, cluster: Cluster): Promise<void> {
  const until = performance.now() + BROKERS_WAIT_MS;
  for (;;) {
    try {
      await admin.createTopics({ topics: [topicConfig(topic, replication)], waitForLeaders: false });
      return;
    } catch (error) {
      const reasons = typesOf(error);
      if (reasons.includes('INVALID_REPLICATION_FACTOR')) {
        if (performance.now() > until) {
          throw new LogRefused(`topic ${topic.name} can't be made with ${replication} replicas, Kafka has ${cluster.nodes.length} brokers: start more, or lower HELIOGRAPH_KAFKA_REPLICATION`, { cause: error });
        }
        await clock.sleep(RETRY_LONGEST_MS);
        await cluster.refresh();
      } else if (reasons.some((type) => /AUTHORIZATION|POLICY|INVALID/.test(type))) {
        throw new LogRefused(`topic ${topic.name} can't be made: ${reasonOf(error)}`, { cause: error });
      } else {
        throw new LogUnavailable(`topic ${topic.name} can't be made now: ${reasonOf(error)}`, { cause: error });
      }
    }
  }
}

/** The topics' metadata, when every partition has a leader. */
function whenReady(topics: readonly Topic[], metadata: TopicMetadata[]): TopicMetadata[] | Pending {
  for (const { name } of topics) {
    const found = metadata.find((topic) => topic.name === name);
    if (found === undefined || found.code !== OK) {
      if (found !== undefined && isRefusal(found.code)) throw new LogRefused(`Kafka does not show topic ${name}: ${errorName(found.code)}`);
      return new Pending(`${name}: ${found === undefined ? 'not told' : errorName(found.code)}`);
    }
    const leaderless = found.partitions.find(({ leader }) => leader < 0);
    if (leaderless !== undefined) return new Pending(`${name}/${leaderless.index} has no leader`);
  }
  return metadata;
}

/** Kafka's names of what was wrong: kafkajs throws one error, or several in one. */
function typesOf(error: unknown): string[] {
  const { type, errors = [] } = error as { type?: string; errors?: { type?: string }[] };
  return [type, ...errors.map((each) => each.type)].filter((each) => each !== undefined);
}

function reasonOf(error: unknown): string {
  const { errors } = error as { errors?: Error[] };
  if (errors !== undefined && errors.length > 0) return errors.map(({ message }) => message).join('; ');
  return error instanceof Error ? error.message : String(error);
}
