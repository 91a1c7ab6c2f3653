import type { StorageClock } from '@heliograph/storage/clock';
import { ProduceFailed, type BatchAnswer, type OutgoingBatch } from './appender';
import type { Cluster } from './cluster';
import type { Connection } from './connection';
import { inTime } from './in-time';
import { PRODUCE_BY_ID, PRODUCE_BY_NAME, type ProduceQuestion } from './requests';

/** How much longer we wait than the broker does for its replicas, so that its answer has time to come. */
const ANSWER_GRACE_MS = 500;

/** One produce request; to connect for it counts as its time. Answers by the batches' order; undefined where the broker left one out. Throws ProduceFailed. */
export async function produceOn(cluster: Cluster, clock: StorageClock, node: number, acks: -1 | 1, batches: readonly OutgoingBatch[], budgetMs: number): Promise<(BatchAnswer | undefined)[]> {
  const until = performance.now() + budgetMs;
  let connection: Connection;
  try {
    connection = cluster.opened(node, 'produce') ?? await inTime(clock, budgetMs, cluster.connection(node, 'produce'), () => {
      throw new Error(`no connection to broker ${node} in time`);
    });
  } catch (error) {
    throw new ProduceFailed(error instanceof Error ? error.message : String(error), false);
  }
  const timeoutMs = Math.max(1, until - performance.now());
  const { byTopicId } = connection;
  const topics = new Map<string, { index: number; batch: Buffer }[]>();
  for (const { topic, partition, batch } of batches) {
    const partitions = topics.get(topic);
    if (partitions === undefined) topics.set(topic, [{ index: partition, batch }]);
    else partitions.push({ index: partition, batch });
  }
  const idOf = (topic: string): string => cluster.topic(topic)?.id ?? '';
  const question: ProduceQuestion = {
    acks,
    timeoutMs: Math.ceil(timeoutMs),
    topics: [...topics].map(([name, partitions]) => ({ name, id: idOf(name), partitions })),
  };
  const names = new Map(question.topics.map(({ name, id }) => [byTopicId ? id : name, name]));
  try {
    const answer = await connection.request(byTopicId ? PRODUCE_BY_ID : PRODUCE_BY_NAME, question, timeoutMs + ANSWER_GRACE_MS);
    const answers = new Map(answer.topics.flatMap(({ topic, partitions }) => partitions.map((partition) => [`${names.get(topic)}/${partition.index}`, partition] as const)));
    const incarnations = new Map(byTopicId ? question.topics.map(({ name, id }) => [name, id]) : []);
    return batches.map(({ topic, partition }) => {
      const answer = answers.get(`${topic}/${partition}`);
      return answer && { ...answer, incarnation: incarnations.get(topic) };
    });
  } catch (error) {
    throw new ProduceFailed(error instanceof Error ? error.message : String(error), true);
  }
}
