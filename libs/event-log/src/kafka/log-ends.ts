import { LogRefused, LogUnavailable } from '../errors';
import { type Cluster, Pending } from './cluster';
import { errorName, isRefusal, OK } from './error-codes';
import { ANSWER_TIMEOUT_MS, ASK_BUDGET_MS } from './limits';
import { EARLIEST, LATEST, LIST_OFFSETS } from './requests';

export interface Ends {
  earliest: bigint;
  next: bigint;
}

interface Asked {
  topic: string;
  partition: number;
  leaderEpoch: number;
  answers: ((answer: Ends | Pending | Error) => void)[];
}

/** The first and the next offset of partitions, from their leaders. Questions of one turn of the event loop travel together. */
export class LogEnds {
  private readonly waiting = new Map<number, Map<string, Asked>>();

  constructor(private readonly cluster: Cluster) {}

  /** Asked after this call began. Throws LogUnavailable, LogRefused. */
  of(topic: string, partition: number): Promise<Ends> {
    return this.cluster.untilAnswered(`the ends of ${topic}/${partition} are not known`, ASK_BUDGET_MS, async () => {
      const leader = this.cluster.leader(topic, partition);
      if (leader === undefined) return new Pending('it has no leader');
      const answer = await this.ask(leader.node, leader.leaderEpoch, topic, partition);
      if (answer instanceof Error) throw answer;
      return answer;
    });
  }

  /** The next offset of each, one request to each leader; undefined where that leader has no answer now. Throws nothing. */
  async latest(asked: readonly { topic: string; partition: number }[]): Promise<(bigint | undefined)[]> {
    const byNode = new Map<number, Map<string, { index: number; leaderEpoch: number }[]>>();
    for (const { topic, partition } of asked) {
      const leader = this.cluster.leader(topic, partition);
      if (leader === undefined) continue;
      const ofNode = byNode.get(leader.node) ?? new Map<string, { index: number; leaderEpoch: number }[]>();
      byNode.set(leader.node, ofNode);
      const ofTopic = ofNode.get(topic);
      if (ofTopic === undefined) ofNode.set(topic, [{ index: partition, leaderEpoch: leader.leaderEpoch }]);
      else ofTopic.push({ index: partition, leaderEpoch: leader.leaderEpoch });
    }
    const found = new Map<string, bigint>();
    await Promise.all([...byNode].map(async ([node, topics]) => {
      try {
        const answer = await this.cluster.ask(node, LIST_OFFSETS, { at: LATEST, topics: [...topics].map(([name, partitions]) => ({ name, partitions })) });
        for (const { name, partitions } of answer.topics) for (const { index, code, offset } of partitions) if (code === OK) found.set(`${name}/${index}`, offset);
      } catch {
        // A leader that is gone: what is fresh is asked below.
      }
    }));
    if (found.size < asked.length) await this.cluster.refresh().catch(() => {});
    return asked.map(({ topic, partition }) => found.get(`${topic}/${partition}`));
  }

  private ask(node: number, leaderEpoch: number, topic: string, partition: number): Promise<Ends | Pending | Error> {
    return new Promise((resolve) => {
      let ofNode = this.waiting.get(node);
      if (ofNode === undefined) {
        ofNode = new Map();
        this.waiting.set(node, ofNode);
        setImmediate(() => void this.send(node));
      }
      const key = `${topic}/${partition}`;
      const asked = ofNode.get(key);
      if (asked === undefined) ofNode.set(key, { topic, partition, leaderEpoch, answers: [resolve] });
      else asked.answers.push(resolve);
    });
  }

  private async send(node: number): Promise<void> {
    const asked = [...(this.waiting.get(node) as Map<string, Asked>).values()];
    this.waiting.delete(node);
    const topics = [...new Set(asked.map(({ topic }) => topic))].map((name) => ({
      name,
      partitions: asked.filter(({ topic }) => topic === name).map(({ partition, leaderEpoch }) => ({ index: partition, leaderEpoch })),
    }));
    try {
      const connection = await this.cluster.connection(node, 'questions');
      // The earliest first: records that go between the two questions must not make the log look shorter than it was.
      const [earliest, latest] = await Promise.all([EARLIEST, LATEST].map(async (at) => {
        const answer = await connection.request(LIST_OFFSETS, { at, topics }, ANSWER_TIMEOUT_MS);
        return new Map<string, { code: number; offset: bigint }>(answer.topics.flatMap(({ name, partitions }) => partitions.map((partition) => [`${name}/${partition.index}`, partition] as const)));
      }));
      for (const { topic, partition, answers } of asked) {
        const key = `${topic}/${partition}`;
        const [from, to] = [earliest?.get(key), latest?.get(key)];
        const code = from === undefined || to === undefined ? undefined : from.code !== OK ? from.code : to.code;
        const answer = code === OK ? { earliest: from?.offset as bigint, next: to?.offset as bigint }
          : code === undefined ? new Pending('its leader left it out')
          : isRefusal(code) ? new LogRefused(`Kafka refuses to tell the ends of ${topic}: ${errorName(code)}`)
          : new Pending(errorName(code));
        for (const give of answers) give(answer);
      }
    } catch (error) {
      const answer = error instanceof LogRefused ? error : new LogUnavailable(error instanceof Error ? error.message : String(error));
      for (const { answers } of asked) for (const give of answers) give(answer);
    }
  }
}
