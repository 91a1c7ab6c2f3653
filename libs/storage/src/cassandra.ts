import { randomBytes } from 'node:crypto';
import { ConditionalWrites } from './cassandra-conditional';
import { addColumns, createKeyspace, createTable, findMissing, readKeyspace, type Replication, type RunCql, type StoredKeyspace } from './cassandra-schema';
import { type CassandraConnection, CassandraSession } from './cassandra-session';
import { checkKeyspace, readState } from './cassandra-state';
import { CassandraTable, type Statement } from './cassandra-table';
import { WriteQueue } from './cassandra-writes';
import { processClock, type StorageClock } from './clock';
import { StorageRefused } from './errors';
import { BATCH_OPERATIONS_MAX, CASSANDRA_BATCH_BYTES_MAX, CASSANDRA_BATCH_STATEMENTS_MAX, CASSANDRA_KEYS_PER_REQUEST_MAX, CASSANDRA_PACE_BURST_COUNT, CASSANDRA_PACE_MS, MULTI_GET_KEYS_MAX } from './limits';
import { Pace } from './pace';
import { readSchemaVersion, type SchemaVersion } from './schema-migrations';
import type { ConditionalResult, RangeQuery, Storage, WriteOperation, WriteOptions } from './storage';
import type { Columns, Key, PartitionKey, Row, Table } from './table';
import { checkOnePartition, mergeByRow } from './write-operations';

export interface CassandraOptions extends CassandraConnection {
  /** The keyspace of tables with keyspace `dc`. */
  keyspace: string;
  /** The keyspace of tables with keyspace `directory`, replicated to every data center. */
  directoryKeyspace: string;
  /** For tests: ensureTables makes keyspaces and tables that are missing. Without it they are made by migrations, and ensureTables checks. */
  create?: { replication: Replication; directoryReplication: Replication };
  /** What this code was built for; default: schema/version.json. */
  schemaVersion?: SchemaVersion;
  /** Default: this process's clock. */
  clock?: StorageClock;
  /** Default: the system's. */
  random?: (bytes: number) => Buffer;
}

type Plain = Record<string, unknown>;

/**
 * Opens the storage port on Cassandra (ADR 0007). Throws StorageUnavailable while no node answers (try again), StorageRefused for a wrong
 * setting; both say what to do.
 */
export async function openCassandra(options: CassandraOptions): Promise<Storage> {
  const random = options.random ?? randomBytes;
  const clock = options.clock ?? processClock;
  const session = await CassandraSession.connect(options, clock, () => random(4).readUInt32BE() / 2 ** 32);
  return new CassandraStorage(session, options, random, clock);
}

class CassandraStorage implements Storage {
  private readonly tables = new Map<string, CassandraTable>();
  private readonly writes: WriteQueue;
  private readonly conditionals: ConditionalWrites;

  constructor(private readonly session: CassandraSession, private readonly options: CassandraOptions, private readonly random: (bytes: number) => Buffer, clock: StorageClock) {
    const bounds = { statements: CASSANDRA_BATCH_STATEMENTS_MAX, bytes: CASSANDRA_BATCH_BYTES_MAX };
    this.writes = new WriteQueue((statements) => this.send(statements, true), bounds, new Pace(CASSANDRA_PACE_MS, CASSANDRA_PACE_BURST_COUNT, clock));
    this.conditionals = new ConditionalWrites(session, () => this.token());
  }

  private token(): Buffer {
    return this.random(8);
  }

  /** One request: a batch, or the statement alone where there is but one. */
  private send(statements: readonly Statement[], repeatable: boolean): Promise<void> {
    return statements.length === 1 ? this.session.write(statements[0] as Statement, repeatable) : this.session.batch(statements, repeatable);
  }

  private table(declaration: Table): CassandraTable {
    const table = this.tables.get(declaration.name);
    if (table === undefined) throw new StorageRefused(`table ${declaration.name} is not there: name it in ensureTables at start`);
    return table;
  }

  // ── reads ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  async get<T extends Table>(declaration: T, key: Key<T>): Promise<Row<T> | undefined> {
    const table = this.table(declaration);
    const [row] = await this.session.read(table.get(key));
    return row === undefined ? undefined : (table.row(key, row) as Row<T>);
  }

  async getMany<T extends Table>(declaration: T, keys: readonly Key<T>[]): Promise<(Row<T> | undefined)[]> {
    if (keys.length > MULTI_GET_KEYS_MAX) throw new StorageRefused(`getMany of ${keys.length} keys; at most ${MULTI_GET_KEYS_MAX}`);
    const table = this.table(declaration);
    const found: (Row<T> | undefined)[] = Array.from({ length: keys.length }, () => undefined);
    const groups = new Map<string, number[]>();
    for (const [index, key] of keys.entries()) {
      const text = table.clustering.length === 0 ? String(index) : table.groupText(key);
      const group = groups.get(text);
      if (group === undefined) groups.set(text, [index]);
      else group.push(index);
    }
    const one = async (index: number): Promise<void> => {
      found[index] = await this.get(declaration, keys[index] as Key<T>);
    };
    const several = async (indexes: readonly number[]): Promise<void> => {
      const last = (table.clustering.at(-1) as { name: string }).name;
      const rows = await this.session.read(table.getSeveral(indexes.map((index) => keys[index] as Plain)));
      const byValue = new Map(rows.map((row) => [textOf(table.row({}, row)[last]), row]));
      for (const index of indexes) {
        const row = byValue.get(textOf((keys[index] as Plain)[last]));
        if (row !== undefined) found[index] = table.row(keys[index] as Plain, row) as Row<T>;
      }
    };
    const requests: Promise<void>[] = [];
    for (const group of groups.values()) {
      if (group.length === 1) requests.push(one(group[0] as number));
      else for (let from = 0; from < group.length; from += CASSANDRA_KEYS_PER_REQUEST_MAX) requests.push(several(group.slice(from, from + CASSANDRA_KEYS_PER_REQUEST_MAX)));
    }
    await Promise.all(requests);
    return found;
  }

  async range<T extends Table>(declaration: T, partition: PartitionKey<T>, query: RangeQuery<T>): Promise<Row<T>[]> {
    const table = this.table(declaration);
    const rows: Row<T>[] = [];
    for (const statement of table.range(partition, query)) {
      for (const row of await this.session.read(statement)) rows.push(table.row(partition, row) as Row<T>);
      if (rows.length >= query.limit) break;
    }
    return rows.length > query.limit ? rows.slice(0, query.limit) : rows;
  }

  // ── writes ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  async put<T extends Table>(declaration: T, row: Key<T> & Partial<Columns<T>>, options: WriteOptions = {}): Promise<void> {
    return this.writeOne({ kind: 'put', table: declaration, row, version: options.version, ttlSeconds: options.ttlSeconds });
  }

  async delete<T extends Table>(declaration: T, key: Key<T>, options: { version?: bigint } = {}): Promise<void> {
    return this.writeOne({ kind: 'delete', table: declaration, key, version: options.version });
  }

  private writeOne(operation: WriteOperation): Promise<void> {
    const table = this.table(operation.table);
    const statement = table.statement(operation, ZERO_TOKEN);
    return table.versioned ? this.writes.add([statement]) : this.session.write(statement, false);
  }

  async atomicBatch(operations: readonly WriteOperation[]): Promise<void> {
    this.checkCount(operations);
    checkOnePartition(operations);
    const first = operations[0];
    if (first === undefined) return;
    const { versioned } = this.table(first.table);
    // In one partition of one table an unlogged batch is one mutation: applied whole, and seen whole.
    if (versioned) return this.writes.addWhole(this.statements(operations));
    await this.send(this.statements(mergeByRow(operations)), false);
  }

  async batch(operations: readonly WriteOperation[]): Promise<void> {
    this.checkCount(operations);
    const versioned: WriteOperation[] = [];
    const others: WriteOperation[] = [];
    for (const operation of operations) (this.table(operation.table).versioned ? versioned : others).push(operation);
    // All must be sound before the first is sent.
    const statements = this.statements(versioned);
    if (others.length === 0) return this.writes.add(statements);
    const rest = this.statements(mergeByRow(others));
    const requests = [this.writes.add(statements)];
    for (const chunk of chunks(rest)) requests.push(this.send(chunk, false));
    const outcomes = await Promise.allSettled(requests);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  private checkCount(operations: readonly WriteOperation[]): void {
    if (operations.length > BATCH_OPERATIONS_MAX) throw new StorageRefused(`batch of ${operations.length} operations; at most ${BATCH_OPERATIONS_MAX}`);
  }

  private statements(operations: readonly WriteOperation[]): Statement[] {
    const statements: Statement[] = [];
    for (const operation of operations) statements.push(this.table(operation.table).statement(operation, ZERO_TOKEN));
    return statements;
  }

  // ── conditional writes ─────────────────────────────────────────────────────────────────────────────────────────────

  async insertIfAbsent<T extends Table>(declaration: T, row: Key<T> & Partial<Columns<T>>, options: { ttlSeconds?: number } = {}): Promise<ConditionalResult<T>> {
    return (await this.conditionals.insertIfAbsent(this.conditional(declaration), row, options.ttlSeconds)) as ConditionalResult<T>;
  }

  async replaceIf<T extends Table>(declaration: T, key: Key<T>, expected: Partial<Columns<T>>, next: Partial<Columns<T>>): Promise<ConditionalResult<T>> {
    return (await this.conditionals.replaceIf(this.conditional(declaration), key, expected, next)) as ConditionalResult<T>;
  }

  async deleteIf<T extends Table>(declaration: T, key: Key<T>, expected: Partial<Columns<T>>): Promise<ConditionalResult<T>> {
    return (await this.conditionals.deleteIf(this.conditional(declaration), key, expected)) as ConditionalResult<T>;
  }

  private conditional(declaration: Table): CassandraTable {
    const table = this.table(declaration);
    table.checkConditional();
    return table;
  }

  // ── schema ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  async ensureTables(tables: readonly Table[]): Promise<void> {
    const run: RunCql = (query, params) => this.session.run(query, params);
    for (const kind of ['dc', 'directory'] as const) {
      const own = tables.filter(({ keyspace }) => keyspace === kind);
      if (own.length === 0) continue;
      const stored = await this.keyspace(run, kind);
      for (const table of own) {
        const missing = findMissing(table, stored.tables.get(table.name));
        if (missing.length > 0) await this.complete(run, table, stored.name, missing);
        const known = this.tables.get(table.name);
        if (known === undefined || known.columns.length < Object.keys(table.columns).length) this.tables.set(table.name, new CassandraTable(table, stored.name));
      }
    }
  }

  private async keyspace(run: RunCql, kind: Table['keyspace']): Promise<StoredKeyspace> {
    const { keyspace, directoryKeyspace, create } = this.options;
    const name = kind === 'dc' ? keyspace : directoryKeyspace;
    const stored = await readKeyspace(run, name);
    if (create === undefined) {
      checkKeyspace(stored, await readState(run, stored), this.options.schemaVersion ?? readSchemaVersion(), this.options.localDataCenter);
      return stored;
    }
    if (stored.replication !== undefined) return stored;
    await run(createKeyspace(name, kind === 'dc' ? create.replication : create.directoryReplication));
    return readKeyspace(run, name);
  }

  /** Makes what is missing, where that is this process's to do. */
  private async complete(run: RunCql, table: Table, keyspace: string, missing: 'table' | string[]): Promise<void> {
    if (this.options.create === undefined) {
      const what = missing === 'table' ? `has no table ${table.name}` : `has no ${missing.join(', ')} in table ${table.name}`;
      throw new StorageRefused(`keyspace ${keyspace} ${what}, though its version is right: write the migration (\`npm run migrate -- --new WHY\`) and run it`);
    }
    await run(missing === 'table' ? createTable(table, keyspace) : addColumns(table, keyspace, missing));
  }

  async check(): Promise<{ now?: number }> {
    const [row] = await this.session.run('SELECT toUnixTimestamp(now()) AS now FROM system.local');
    return { now: Number(row?.['now']) };
  }

  close(): Promise<void> {
    return this.session.close();
  }
}

/** Of writes without a condition: they are nobody's to recognise. */
const ZERO_TOKEN = Buffer.alloc(8);

const textOf = (value: unknown): string => (value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value));

/** Statements in the portions that one request may hold. */
function* chunks(statements: readonly Statement[]): Generator<Statement[]> {
  let chunk: Statement[] = [];
  let bytes = 0;
  for (const statement of statements) {
    if (chunk.length > 0 && (chunk.length >= CASSANDRA_BATCH_STATEMENTS_MAX || bytes + statement.bytes > CASSANDRA_BATCH_BYTES_MAX)) {
      yield chunk;
      chunk = [];
      bytes = 0;
    }
    chunk.push(statement);
    bytes += statement.bytes;
  }
  if (chunk.length > 0) yield chunk;
}
