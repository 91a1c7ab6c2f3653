import { LogRefused, LogUnavailable } from '../errors';
import { type Cluster, Pending } from './cluster';
import { ConnectionLost } from './connection';
import { COORDINATOR_NOT_AVAILABLE, errorName, isRefusal, NOT_COORDINATOR, OK } from './error-codes';
import { ASK_BUDGET_MS } from './limits';
import { FIND_COORDINATOR, OFFSET_COMMIT, OFFSET_FETCH } from './requests';

interface Store {
  topic: string;
  partition: number;
  position: bigint;
  /** The incarnation that the position is of. */
  note: string;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Positions of groups, kept as Kafka's committed offsets of a group without members (a "simple consumer"): there is no rebalance, and
 * Kafka's own tools show how far each is behind.
 */
export class Positions {
  private readonly coordinators = new Map<string, number>();
  private readonly waiting = new Map<string, Store[]>();
  private readonly storing = new Set<string>();

  constructor(private readonly cluster: Cluster) {}

  /** Throws LogUnavailable, LogRefused. */
  find(group: string, topic: string, topicId: string, partition: number): Promise<bigint | undefined> {
    return this.cluster.untilAnswered(`the position of ${group} in ${topic}/${partition} is not known`, ASK_BUDGET_MS, async () => {
      const node = await this.coordinator(group);
      if (node instanceof Pending) return node;
      const answer = await this.askCoordinator(group, node, () => this.cluster.ask(node, OFFSET_FETCH, { group, topics: [{ name: topic, partitions: [partition] }] }));
      const found = answer.topics[0]?.partitions[0];
      const code = answer.code !== OK ? answer.code : found?.code ?? NOT_COORDINATOR;
      if (code !== OK) return this.notYet(group, code);
      // A position of an incarnation that is gone says nothing of this one.
      return { position: found === undefined || found.offset < 0n || found.note !== topicId ? undefined : found.offset };
    }).then(({ position }) => position);
  }

  /** What is stored while a store is under way goes together after it. Throws LogUnavailable, LogRefused. */
  store(group: string, topic: string, topicId: string, partition: number, position: bigint): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting = this.waiting.get(group) ?? [];
      this.waiting.set(group, waiting);
      waiting.push({ topic, partition, position, note: topicId, resolve, reject });
      if (this.storing.has(group)) return;
      this.storing.add(group);
      setImmediate(() => void this.storeWaiting(group));
    });
  }

  private async storeWaiting(group: string): Promise<void> {
    for (let stores = this.waiting.get(group); stores !== undefined; stores = this.waiting.get(group)) {
      this.waiting.delete(group);
      try {
        await this.commit(group, stores);
        for (const { resolve } of stores) resolve();
      } catch (error) {
        for (const { reject } of stores) reject(error);
      }
    }
    this.storing.delete(group);
  }

  private async commit(group: string, stores: readonly Store[]): Promise<void> {
    // The last one of a partition counts.
    const last = new Map(stores.map((store) => [`${store.topic}/${store.partition}`, store]));
    const topics = [...new Set(stores.map(({ topic }) => topic))].map((name) => ({
      name,
      partitions: [...last.values()].filter(({ topic }) => topic === name).map(({ partition, position, note }) => ({ index: partition, offset: position, note })),
    }));
    await this.cluster.untilAnswered(`positions of ${group} are not stored`, ASK_BUDGET_MS, async () => {
      const node = await this.coordinator(group);
      if (node instanceof Pending) return node;
      const answer = await this.askCoordinator(group, node, () => this.cluster.ask(node, OFFSET_COMMIT, { group, topics }));
      const code = answer.topics.flatMap(({ partitions }) => partitions).find((partition) => partition.code !== OK)?.code;
      return code === undefined ? true : this.notYet(group, code);
    });
  }

  private notYet(group: string, code: number): Pending {
    if (isRefusal(code)) throw new LogRefused(`Kafka refuses positions of group ${group}: ${errorName(code)}`);
    if (code === NOT_COORDINATOR || code === COORDINATOR_NOT_AVAILABLE) this.coordinators.delete(group);
    return new Pending(errorName(code));
  }

  private async askCoordinator<A>(group: string, node: number, ask: () => Promise<A>): Promise<A> {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof ConnectionLost && this.coordinators.get(group) === node) this.coordinators.delete(group);
      throw error;
    }
  }

  /** The broker that keeps a group's positions. */
  private async coordinator(group: string): Promise<number | Pending> {
    const known = this.coordinators.get(group);
    if (known !== undefined) return known;
    const { code, broker } = await this.cluster.askAny(FIND_COORDINATOR, { group });
    if (code !== OK) {
      if (isRefusal(code)) throw new LogRefused(`Kafka refuses group ${group}: ${errorName(code)}`);
      return new Pending(errorName(code));
    }
    if (!this.cluster.nodes.includes(broker.node)) throw new LogUnavailable(`broker ${broker.node}, which keeps the positions of ${group}, is not known yet`);
    this.coordinators.set(group, broker.node);
    return broker.node;
  }
}
