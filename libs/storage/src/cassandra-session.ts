import { readFile } from 'node:fs/promises';
import { auth, Client, errors, type Host, policies, type QueryOptions, types } from 'cassandra-driver';
import { classify, type Failure } from './cassandra-errors';
import type { Statement } from './cassandra-table';
import type { StorageClock } from './clock';
import { StorageRefused, StorageUnavailable } from './errors';
import {
  CASSANDRA_BACKOFF_MAX_MS, CASSANDRA_BACKOFF_MS, CASSANDRA_CONDITIONAL_TIMEOUT_MS, CASSANDRA_CONNECT_TIMEOUT_MS, CASSANDRA_OPERATION_DEADLINE_MS, CASSANDRA_PAGE_ROWS_MAX, CASSANDRA_REQUEST_TIMEOUT_MS,
  CASSANDRA_REQUESTS_IN_FLIGHT_MAX, CASSANDRA_REQUESTS_WAITING_MAX, CASSANDRA_RETRIES_MAX, CASSANDRA_RETRY_BUDGET_COUNT, CASSANDRA_RETRY_BUDGET_PER_SUCCESS_RATIO, CASSANDRA_SPECULATIVE_READ_MS, SCHEMA_AGREEMENT_MS,
} from './limits';

export interface CassandraConnection {
  /** host:port each; the port may be left out. */
  contactPoints: readonly string[];
  /** The Cassandra data center that this process's requests go to. */
  localDataCenter: string;
  username?: string;
  password?: string;
  /** A file of PEM certificates that the servers' must be signed by; present: TLS. */
  tlsCa?: string;
}

/** Where a conditional write is agreed on: among the replicas of this data center, or of all. */
export type Serial = 'local' | 'everywhere';

const { consistencies } = types;
const READ: QueryOptions = { prepare: true, consistency: consistencies.localQuorum, isIdempotent: true, fetchSize: CASSANDRA_PAGE_ROWS_MAX };
const REPEATABLE_WRITE: QueryOptions = { prepare: true, consistency: consistencies.localQuorum, isIdempotent: true };
const PLAIN_WRITE: QueryOptions = { prepare: true, consistency: consistencies.localQuorum, isIdempotent: false };
const REPEATABLE_BATCH: QueryOptions = { ...REPEATABLE_WRITE, logged: false };
const PLAIN_BATCH: QueryOptions = { ...PLAIN_WRITE, logged: false };
const SERIAL: Readonly<Record<Serial, types.consistencies>> = { local: consistencies.localSerial, everywhere: consistencies.serial };

/**
 * Requests to Cassandra: prepared, bounded in flight, repeated where that is exact and the budget allows, with the port's errors. Knows no tables.
 * Timestamps of writes that name none are the server's: clocks of our processes decide nothing.
 */
export class CassandraSession {
  private inFlight = 0;
  private readonly waiting: (() => void)[] = [];
  private budget = CASSANDRA_RETRY_BUDGET_COUNT;
  private closed = false;

  private constructor(
    private readonly client: Client,
    private readonly localDataCenter: string,
    private readonly clock: StorageClock,
    private readonly random: () => number,
  ) {}

  /**
   * Connects; throws StorageUnavailable (try again later) or StorageRefused (a wrong setting).
   * @param random in [0, 1)
   * @param options.awaitsSchema whether a statement that changes the schema ends only when all nodes have it; default true
   */
  static async connect(connection: CassandraConnection, clock: StorageClock, random: () => number, options: { awaitsSchema?: boolean } = {}): Promise<CassandraSession> {
    const { contactPoints, localDataCenter, username, password, tlsCa } = connection;
    const ca = tlsCa === undefined ? undefined : await readFile(tlsCa, 'utf8').catch((error: Error) => {
      throw new StorageRefused(`the certificates of Cassandra cannot be read: ${error.message}`);
    });
    const client = new Client({
      contactPoints: [...contactPoints],
      localDataCenter,
      applicationName: 'heliograph',
      authProvider: username === undefined ? undefined : new auth.PlainTextAuthProvider(username, password ?? ''),
      // NOTE: the driver's own default is not to check certificates.
      sslOptions: ca === undefined ? undefined : { ca: [ca], rejectUnauthorized: true },
      protocolOptions: { maxVersion: types.protocolVersion.v4, maxSchemaAgreementWaitSeconds: options.awaitsSchema === false ? 0 : SCHEMA_AGREEMENT_MS / 1000 },
      isMetadataSyncEnabled: options.awaitsSchema !== false,
      socketOptions: { readTimeout: CASSANDRA_REQUEST_TIMEOUT_MS, connectTimeout: CASSANDRA_CONNECT_TIMEOUT_MS },
      encoding: { copyBuffer: false, useUndefinedAsUnset: false },
      policies: {
        // All repetitions are decided here, in `repeat`.
        retry: new policies.retry.FallthroughRetryPolicy(),
        reconnection: new policies.reconnection.ExponentialReconnectionPolicy(200, 5_000),
        speculativeExecution: new ReadSpeculation(),
        timestampGeneration: null as unknown as undefined,
      },
      monitorReporting: { enabled: false },
    });
    try {
      await client.connect();
    } catch (error) {
      await client.shutdown().catch(() => {});
      throw classify(error).error;
    }
    return new CassandraSession(client, localDataCenter, clock, random);
  }

  // ── requests ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** All rows of one statement, read page by page. */
  async read({ query, params }: Statement): Promise<types.Row[]> {
    await this.enter();
    try {
      let page = await this.repeat(true, () => this.client.execute(query, params, READ));
      if (page.pageState === null) return page.rows;
      const rows = [...page.rows];
      while (page.pageState !== null) {
        const { pageState } = page;
        page = await this.repeat(true, () => this.client.execute(query, params, { ...READ, pageState }));
        rows.push(...page.rows);
      }
      return rows;
    } finally {
      this.leave();
    }
  }

  /** @param repeatable whether the same write twice is one write, however late the first arrives */
  async write({ query, params }: Statement, repeatable: boolean): Promise<void> {
    await this.enter();
    try {
      await this.repeat(repeatable, () => this.client.execute(query, params, repeatable ? REPEATABLE_WRITE : PLAIN_WRITE));
    } finally {
      this.leave();
    }
  }

  /** An unlogged batch. Not counted to the requests in flight: the caller bounds them. */
  async batch(statements: readonly Statement[], repeatable: boolean): Promise<void> {
    await this.repeat(repeatable, () => this.client.batch(statements as Statement[], repeatable ? REPEATABLE_BATCH : PLAIN_BATCH));
  }

  /**
   * A conditional write, sent once. Answers whether it was applied, or the failure: what became of it is then for the caller to find out.
   * @param keyspace @param routingKey of the row: they say which node coordinates it
   */
  async conditional({ query, params }: Statement, serial: Serial, keyspace: string, routingKey: Buffer): Promise<boolean | Failure> {
    await this.enter();
    try {
      this.checkOpen();
      const { rows } = await this.client.execute(query, params, {
        prepare: true, consistency: consistencies.localQuorum, serialConsistency: SERIAL[serial], isIdempotent: false, readTimeout: CASSANDRA_CONDITIONAL_TIMEOUT_MS,
        host: this.coordinator(keyspace, routingKey),
      });
      return (rows[0] as types.Row)['[applied]'] === true;
    } catch (error) {
      if (error instanceof StorageUnavailable) return { effect: 'none', error };
      const failure = classify(error);
      // "Too few replicas" may have been said of a later round than the first.
      return failure.effect === 'none' && error instanceof errors.ResponseError ? { ...failure, effect: 'unknown' } : failure;
    } finally {
      this.leave();
    }
  }

  /** Waits longer with each attempt, with full jitter. @param attempt 1 for the first */
  pause(attempt: number): Promise<void> {
    return this.clock.sleep(Math.ceil(this.random() * Math.min(CASSANDRA_BACKOFF_MAX_MS, CASSANDRA_BACKOFF_MS * 2 ** (attempt - 1))));
  }

  /** A read that sees every conditional write that took place, and settles one that is half done. */
  async readSerial({ query, params }: Statement, serial: Serial): Promise<types.Row[]> {
    await this.enter();
    try {
      return (await this.repeat(true, () => this.client.execute(query, params, { prepare: true, consistency: SERIAL[serial], isIdempotent: true, readTimeout: CASSANDRA_CONDITIONAL_TIMEOUT_MS }))).rows;
    } finally {
      this.leave();
    }
  }

  /** A statement that is not prepared: schema, system tables. Repeated only if nothing happened. */
  async run(query: string, params: readonly unknown[] = []): Promise<types.Row[]> {
    return (await this.repeat(false, () => this.client.execute(query, [...params], { prepare: params.length > 0, consistency: consistencies.localOne, readTimeout: 30_000 }))).rows ?? [];
  }

  /** A conditional statement that is not prepared, sent once: the row of its answer. An error is the port's, and says that the fate is unknown. */
  async runConditional(query: string, serial: Serial, params: readonly unknown[] = []): Promise<Record<string, unknown>> {
    try {
      const { rows } = await this.client.execute(query, [...params], {
        prepare: params.length > 0, consistency: consistencies.localQuorum, serialConsistency: SERIAL[serial], isIdempotent: false, readTimeout: CASSANDRA_CONDITIONAL_TIMEOUT_MS,
      });
      return rows[0] as unknown as Record<string, unknown>;
    } catch (error) {
      throw classify(error).error;
    }
  }

  /**
   * The node that coordinates what is written conditionally at a key: the same for every process of this data center while it is up, so
   * that they meet in one place instead of contending, and timestamps of one row come from one clock.
   */
  private coordinator(keyspace: string, routingKey: Buffer): Host | undefined {
    const replicas = this.client.getReplicas(keyspace, routingKey) as Host[] | null;
    return replicas?.find((host) => host.isUp() && host.datacenter === this.localDataCenter);
  }

  // ── repetition ─────────────────────────────────────────────────────────────────────────────────────────────────────

  private async repeat<T>(repeatable: boolean, send: () => Promise<T>): Promise<T> {
    let until: number | undefined;
    for (let retry = 1; ; retry++) {
      this.checkOpen();
      try {
        const result = await send();
        this.budget = Math.min(CASSANDRA_RETRY_BUDGET_COUNT, this.budget + CASSANDRA_RETRY_BUDGET_PER_SUCCESS_RATIO);
        return result;
      } catch (raised) {
        const { effect, error } = classify(raised);
        until ??= this.clock.now() + CASSANDRA_OPERATION_DEADLINE_MS - CASSANDRA_REQUEST_TIMEOUT_MS;
        const exact = effect === 'none' || (effect === 'unknown' && repeatable);
        if (!exact || retry > CASSANDRA_RETRIES_MAX || this.budget < 1 || this.clock.now() >= until) throw error;
        this.budget -= 1;
        await this.pause(retry);
      }
    }
  }

  private checkOpen(): void {
    if (this.closed) throw new StorageUnavailable('the connection to Cassandra is closed');
  }

  private enter(): Promise<void> | undefined {
    if (this.inFlight < CASSANDRA_REQUESTS_IN_FLIGHT_MAX) {
      this.inFlight += 1;
      return undefined;
    }
    if (this.waiting.length >= CASSANDRA_REQUESTS_WAITING_MAX) throw new StorageUnavailable(`${this.waiting.length} requests wait for Cassandra; nothing was sent`);
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  /** Hands the place on. */
  private leave(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.inFlight -= 1;
    else next();
  }

  /** What is in flight ends as it may; what comes later is refused. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.client.shutdown();
  }
}

/** A slow read is asked of another replica too; writes are not. */
class ReadSpeculation extends policies.speculativeExecution.NoSpeculativeExecutionPolicy {
  override newPlan(_keyspace: string, query: string | object[]): { nextExecution(): number } {
    let left = typeof query === 'string' && query.startsWith('SELECT ') ? 1 : 0;
    return { nextExecution: () => (left-- > 0 ? CASSANDRA_SPECULATIVE_READ_MS : -1) };
  }
}
