import type { StorageClock } from '@heliograph/storage/clock';
import { LogRefused, LogUnavailable } from '../errors';
import { Connection, ConnectionLost, type ConnectionOptions, type SaslChoice } from './connection';
import { errorName, OK } from './error-codes';
import { inTime } from './in-time';
import { ANSWER_TIMEOUT_MS, DEADLINE_CHECK_INTERVAL_MS, RETRY_FIRST_MS, RETRY_LONGEST_MS } from './limits';
import type { KafkaNotes } from './notes';
import { METADATA, type BrokerAddress, type RequestKind, type TopicMetadata } from './requests';

/**
 * What a connection is for. A broker answers a connection's requests one after the other: a fetch that waits, or a produce that waits
 * for replicas, would hold up everything behind it.
 */
export type Purpose = 'questions' | 'produce' | `fetch-${number}`;

/** Which broker leads a partition, and in which term (KIP-320). */
export interface Leader {
  node: number;
  leaderEpoch: number;
}

/** One incarnation of a topic. */
export interface KnownTopic {
  name: string;
  id: string;
  leaders: (Leader | undefined)[];
}

/** Brokers, connections to them, and who leads what. */
export class Cluster {
  private readonly connections = new Map<string, Promise<Connection>>();
  /** Of those, what came to be open. */
  private readonly open = new Map<string, Connection>();
  private readonly brokers = new Map<number, BrokerAddress>();
  private readonly topics = new Map<string, KnownTopic>();
  private readonly names = new Set<string>();
  /** Ids of incarnations that are gone: a broker that lags behind must not bring one back. One per topic made anew in this process's life. */
  private readonly gone = new Set<string>();
  private refreshing: Promise<void> | undefined;
  /** Asked for while one was under way, which may have been answered already. */
  private refreshNext: Promise<void> | undefined;
  private readonly choice: SaslChoice = {};
  private readonly sweep: { stop(): void };
  /** Where the next question to any broker begins, so that one which hangs does not hold up all. */
  private place = 0;
  private closed = false;

  constructor(
    private readonly seeds: readonly { host: string; port: number }[],
    private readonly options: ConnectionOptions,
    private readonly clock: StorageClock,
    private readonly notes: KafkaNotes,
  ) {
    this.sweep = clock.every(DEADLINE_CHECK_INTERVAL_MS, () => {
      const now = performance.now();
      for (const opening of this.connections.values()) void opening.then((connection) => connection.checkDeadlines(now), () => {});
    });
  }

  /** The mechanism that brokers asked for; undefined before the first connection, and without SASL. */
  get saslMechanism(): string | undefined {
    return this.choice.mechanism;
  }

  /** Addresses of all brokers known. */
  get nodes(): readonly number[] {
    return [...this.brokers.keys()];
  }

  // ── connections ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Throws ConnectionLost when there is none to be had; LogRefused when the broker won't have us. */
  async connection(node: number, purpose: Purpose): Promise<Connection> {
    const broker = this.brokers.get(node);
    if (broker === undefined) throw new ConnectionLost(`broker ${node} is not known`);
    return this.connect(broker.host, broker.port, purpose);
  }

  /** The same where it is open already; undefined: `connection` makes one. */
  opened(node: number, purpose: Purpose): Connection | undefined {
    const broker = this.brokers.get(node);
    const connection = broker && this.open.get(`${broker.host}:${broker.port}/${purpose}`);
    return connection?.usable === true ? connection : undefined;
  }

  private async connect(host: string, port: number, purpose: Purpose): Promise<Connection> {
    if (this.closed) throw new ConnectionLost('the log is closed');
    const key = `${host}:${port}/${purpose}`;
    const known = this.connections.get(key);
    if (known !== undefined) {
      const connection = await known.catch(() => undefined);
      if (connection?.usable === true) return connection;
      if (this.connections.get(key) === known) {
        this.connections.delete(key);
        this.open.delete(key);
        connection?.close(new ConnectionLost('its login runs out'));
      }
      return this.connect(host, port, purpose);
    }
    const opening = Connection.open(host, port, this.options, this.choice);
    this.connections.set(key, opening);
    try {
      const connection = await opening;
      this.open.set(key, connection);
      if (this.closed) connection.close(new ConnectionLost('the log is closed'));
      return connection;
    } catch (error) {
      if (this.connections.get(key) === opening) this.connections.delete(key);
      throw error;
    }
  }

  /** Asks one broker. Throws ConnectionLost, LogRefused. */
  async ask<Q, A>(node: number, kind: RequestKind<Q, A>, question: Q): Promise<A> {
    return (await this.connection(node, 'questions')).request(kind, question, ANSWER_TIMEOUT_MS);
  }

  /** Asks any broker that answers. Throws LogUnavailable, LogRefused. */
  async askAny<Q, A>(kind: RequestKind<Q, A>, question: Q): Promise<A> {
    const places = [...this.brokers.values(), ...this.seeds];
    const failures = new Set<string>();
    const asked = new Set<string>();
    const first = this.place += 1;
    for (let i = 0; i < places.length; i++) {
      const { host, port } = places[(first + i) % places.length] as { host: string; port: number };
      if (asked.has(`${host}:${port}`)) continue;
      asked.add(`${host}:${port}`);
      if (this.closed) break;
      try {
        return await (await this.connect(host, port, 'questions')).request(kind, question, ANSWER_TIMEOUT_MS);
      } catch (error) {
        if (!(error instanceof ConnectionLost)) throw error;
        failures.add(error.message);
      }
    }
    throw new LogUnavailable(this.closed ? 'the log is closed' : `no Kafka broker answers (${[...failures].join('; ')}); start one, or correct HELIOGRAPH_KAFKA`);
  }

  // ── metadata ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The topic as it was when metadata came last. */
  topic(name: string): KnownTopic | undefined {
    return this.topics.get(name);
  }

  leader(name: string, partition: number): Leader | undefined {
    return this.topics.get(name)?.leaders[partition];
  }

  /** Metadata of these topics, fresh. Throws LogUnavailable, LogRefused. */
  async describe(names: readonly string[]): Promise<TopicMetadata[]> {
    for (const name of names) this.names.add(name);
    const { topics } = await this.askMetadata(names);
    return topics;
  }

  private async askMetadata(names: readonly string[]): Promise<{ topics: TopicMetadata[] }> {
    const answer = await this.askAny(METADATA, { topics: names });
    this.brokers.clear();
    for (const broker of answer.brokers) this.brokers.set(broker.node, broker);
    for (const topic of answer.topics) this.takeTopic(topic);
    return answer;
  }

  private takeTopic({ code, name, id, partitions }: TopicMetadata): void {
    const before = this.topics.get(name);
    if (this.gone.has(id)) return;
    if (code !== OK) {
      // What is not known to this broker yet may be known to another; it keeps its id, so that nobody takes it for another topic.
      if (before !== undefined) before.leaders = before.leaders.map(() => undefined);
      return;
    }
    const leaders: (Leader | undefined)[] = [];
    for (const { index, leader, leaderEpoch } of partitions) leaders[index] = leader < 0 ? undefined : { node: leader, leaderEpoch };
    if (before?.id === id) {
      // A broker that lags behind must not bring back an older leader.
      leaders.forEach((leader, index) => {
        const known = before.leaders[index];
        if (leader !== undefined && known !== undefined && known.leaderEpoch > leader.leaderEpoch) leaders[index] = known;
      });
      before.leaders = leaders;
      return;
    }
    if (before !== undefined) this.gone.add(before.id);
    if (before !== undefined) this.notes.warn({ topic: name, before: before.id, now: id }, 'a Kafka topic was made anew');
    this.topics.set(name, { name, id, leaders });
  }

  /** Asks for all topics in use, after this call began; those who come together share the question. Throws LogUnavailable, LogRefused. */
  refresh(): Promise<void> {
    if (this.refreshing === undefined) {
      this.refreshing = this.askMetadata([...this.names]).then(() => {}).finally(() => { this.refreshing = undefined; });
      return this.refreshing;
    }
    this.refreshNext ??= this.refreshing.catch(() => {}).then(() => {
      this.refreshNext = undefined;
      return this.refresh();
    });
    return this.refreshNext;
  }

  /**
   * Repeats `task` until it answers something else than `undefined`, with fresh metadata before each repetition. A task that throws
   * ConnectionLost or LogUnavailable counts as not yet. Throws LogUnavailable with the last reason when `budgetMs` is over.
   */
  async untilAnswered<T>(what: string, budgetMs: number, task: () => Promise<T | undefined | Pending>): Promise<T> {
    const until = performance.now() + budgetMs;
    let last = 'no answer in time';
    let pause = RETRY_FIRST_MS;
    for (let attempt = 0; ; attempt++) {
      try {
        const answering = attempt === 0 ? task() : this.refresh().then(task);
        const answer = await inTime<T | undefined | Pending>(this.clock, until - performance.now(), answering, () => new Pending(last));
        if (answer instanceof Pending) last = answer.reason;
        else if (answer !== undefined) return answer;
      } catch (error) {
        if (!(error instanceof ConnectionLost) && !(error instanceof LogUnavailable)) throw error;
        last = error.message;
      }
      if (this.closed) throw new LogUnavailable('the log is closed');
      if (performance.now() + pause > until) throw new LogUnavailable(`${what}: ${last}`);
      await this.clock.sleep(pause);
      pause = Math.min(pause * 2, RETRY_LONGEST_MS);
    }
  }

  close(): void {
    this.closed = true;
    this.sweep.stop();
    for (const opening of this.connections.values()) void opening.then((connection) => connection.close(new ConnectionLost('the log is closed')), () => {});
    this.connections.clear();
  }
}

/** Not answered yet; why. */
export class Pending {
  constructor(readonly reason: string) {}

  static of(what: string, code: number): Pending {
    return new Pending(`${what}: ${errorName(code)}`);
  }
}

/** Reads `host:port`. Throws LogRefused. */
export function parseBroker(text: string): { host: string; port: number } {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text.trim());
  const port = Number(match?.[3]);
  if (match === null || port < 1 || port > 65_535) throw new LogRefused(`"${text}" in HELIOGRAPH_KAFKA is not host:port`);
  return { host: (match[1] ?? match[2]) as string, port };
}
