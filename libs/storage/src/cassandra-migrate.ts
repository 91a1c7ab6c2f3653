import { addColumns, createKeyspace, createTable, dropColumns, dropTable, findMissing, readKeyspace, type Replication, type StoredKeyspace } from './cassandra-schema';
import { type CassandraConnection, CassandraSession } from './cassandra-session';
import { createStateTable, LOCK_ROW, readState, STATE_TABLE, VERSION_ROW } from './cassandra-state';
import { quoted } from './cassandra-table';
import type { StorageClock } from './clock';
import { StorageRefused, StorageTimeout, StorageUnavailable } from './errors';
import { MIGRATION_LOCK_ATTEMPTS_MAX, MIGRATION_LOCK_RENEW_MS, MIGRATION_LOCK_SECONDS, MIGRATION_LOCK_WAIT_MS, SCHEMA_AGREEMENT_MS, SCHEMA_AGREEMENT_POLL_MS } from './limits';
import { foldMigrations, type Migration, type Schema } from './schema-migrations';
import type { Table } from './table';

export interface MigrateOptions extends CassandraConnection {
  keyspace: string;
  directoryKeyspace: string;
  /** Needed where the keyspace is not there; where it is, it must agree. */
  replication?: Replication;
  directoryReplication?: Replication;
}

export interface MigrateDeps {
  clock: StorageClock;
  /** In [0, 1). */
  random(): number;
  /** Names this run to others who wait for it: a host and a process. */
  holder: string;
  /** Told of each step before it is done. */
  onProgress(sentence: string): void;
}

/**
 * Brings both keyspaces to the newest version. Whoever runs it at the same time waits, and takes over when the one who runs it dies; every
 * step may be repeated, so that a run that was cut off is completed by the next. Throws the port's errors, saying what to do.
 */
export async function migrateCassandra(options: MigrateOptions, migrations: readonly Migration[], deps: MigrateDeps): Promise<void> {
  const schema = foldMigrations(migrations);
  const session = await CassandraSession.connect(options, deps.clock, deps.random, { awaitsSchema: false });
  try {
    await new MigrationRun(session, options, schema, deps).run();
  } finally {
    await session.close();
  }
}

const describeReplication = (replication: Replication): string => Object.entries(replication).map(([dc, count]) => `${dc}:${count}`).sort().join(',');

class MigrationRun {
  /** Why the lock was lost, if it was. */
  private lost: string | undefined;

  constructor(private readonly session: CassandraSession, private readonly options: MigrateOptions, private readonly schema: Schema, private readonly deps: MigrateDeps) {}

  async run(): Promise<void> {
    const { keyspace, directoryKeyspace, replication, directoryReplication } = this.options;
    if (keyspace === directoryKeyspace) throw new StorageRefused(`keyspace and directory keyspace are both ${keyspace}; they need names of their own`);
    await this.ensureKeyspace(directoryKeyspace, directoryReplication, 'HELIOGRAPH_CASSANDRA_DIRECTORY_REPLICATION, such as dc1:3,dc2:3 (every data center)');
    await this.agree();
    await this.takeLock();
    const renewing = this.deps.clock.every(MIGRATION_LOCK_RENEW_MS, () => this.renewLock());
    try {
      await this.ensureKeyspace(keyspace, replication, 'HELIOGRAPH_CASSANDRA_REPLICATION, such as dc1:3');
      for (const kind of ['dc', 'directory'] as const) await this.migrate(kind);
    } finally {
      renewing.stop();
      await this.releaseLock();
    }
  }

  private readonly cql = (query: string, params?: readonly unknown[]): Promise<Record<string, unknown>[]> => this.session.run(query, params);

  /** A statement that changes the schema; never without the lock. */
  private async change(sentence: string, query: string): Promise<void> {
    if (this.lost !== undefined) throw new StorageUnavailable(`the migration was cut off: ${this.lost}; run it again`);
    this.deps.onProgress(sentence);
    await this.cql(query);
  }

  private async ensureKeyspace(name: string, replication: Replication | undefined, setting: string): Promise<void> {
    const stored = await readKeyspace(this.cql, name);
    if (stored.replication === undefined) {
      if (replication === undefined) throw new StorageRefused(`keyspace ${name} is not there, and nothing says how it is to be replicated: set ${setting}`);
      await this.change(`makes keyspace ${name} with replicas ${describeReplication(replication)}`, createKeyspace(name, replication));
    } else if (replication !== undefined && describeReplication(replication) !== describeReplication(stored.replication)) {
      throw new StorageRefused(`keyspace ${name} has replicas ${describeReplication(stored.replication)} and the setting says ${describeReplication(replication)}: `
        + 'change it with ALTER KEYSPACE and repair (new replicas are empty until then), or change the setting');
    }
    if (!stored.tables.has(STATE_TABLE)) await this.change(`makes ${name}.${STATE_TABLE}`, createStateTable(name));
  }

  private async migrate(kind: Table['keyspace']): Promise<void> {
    const name = kind === 'dc' ? this.options.keyspace : this.options.directoryKeyspace;
    const stored = await readKeyspace(this.cql, name);
    const state = await readState(this.cql, stored);
    const { version, oldestCode } = this.schema;
    if (state !== undefined && state.version > version) throw new StorageRefused(`the schema of keyspace ${name} is at version ${state.version}, and this code knows versions up to ${version}: migrate with a newer release`);
    if (state?.version === version) return this.deps.onProgress(`keyspace ${name} is at version ${version}`);
    // A keyspace goes straight to the newest shape: what one migration adds and another drops is not made first.
    const steps = [...this.expansions(kind, stored), ...this.contractions(kind, stored)];
    for (const [index, { sentence, query }] of steps.entries()) await this.change(`${name}, ${index + 1} of ${steps.length}: ${sentence}`, query);
    await this.agree();
    await this.storeVersion(name, state?.version);
    this.deps.onProgress(`keyspace ${name} is at version ${version} (code for version ${oldestCode} or newer may run)`);
  }

  private expansions(kind: Table['keyspace'], stored: StoredKeyspace): { sentence: string; query: string }[] {
    const steps: { sentence: string; query: string }[] = [];
    for (const table of this.schema.tables.values()) {
      if (table.keyspace !== kind) continue;
      const missing = findMissing(table, stored.tables.get(table.name));
      if (missing === 'table') steps.push({ sentence: `makes table ${table.name}`, query: createTable(table, stored.name) });
      else if (missing.length > 0) steps.push({ sentence: `adds ${missing.join(', ')} to ${table.name}`, query: addColumns(table, stored.name, missing) });
    }
    return steps;
  }

  private contractions(kind: Table['keyspace'], stored: StoredKeyspace): { sentence: string; query: string }[] {
    const steps: { sentence: string; query: string }[] = [];
    for (const [name, columns] of this.schema.droppedColumns) {
      const left = columns.filter((column) => stored.tables.get(name)?.columns.has(column));
      if (left.length > 0 && this.schema.tables.get(name)?.keyspace === kind) steps.push({ sentence: `drops ${left.join(', ')} of ${name}`, query: dropColumns(stored.name, name, left) });
    }
    for (const [name, keyspace] of this.schema.droppedTables) {
      if (keyspace === kind && stored.tables.has(name)) steps.push({ sentence: `drops table ${name}`, query: dropTable(stored.name, name) });
    }
    return steps;
  }

  private async storeVersion(keyspace: string, before: number | undefined): Promise<void> {
    const { version, oldestCode } = this.schema;
    const table = `${quoted(keyspace)}.${STATE_TABLE}`;
    const query = before === undefined
      ? `INSERT INTO ${table} (id, version, oldest_code) VALUES ('${VERSION_ROW}', ${version}, ${oldestCode}) IF NOT EXISTS`
      : `UPDATE ${table} SET version = ${version}, oldest_code = ${oldestCode} WHERE id = '${VERSION_ROW}' IF version = ${before}`;
    await this.session.runConditional(query, this.serialOf(keyspace));
    const state = await readState(this.cql, await readKeyspace(this.cql, keyspace));
    if (state?.version !== version) throw new StorageUnavailable(`the version of keyspace ${keyspace} is ${state?.version ?? 'unset'} and not ${version}: another migration came between; run it again`);
  }

  private serialOf(keyspace: string): 'local' | 'everywhere' {
    return keyspace === this.options.directoryKeyspace ? 'everywhere' : 'local';
  }

  // ── the lock: a row that expires unless its holder renews it ───────────────────────────────────────────────────────

  private get lockTable(): string {
    return `${quoted(this.options.directoryKeyspace)}.${STATE_TABLE}`;
  }

  private async takeLock(): Promise<void> {
    const { clock, holder, onProgress } = this.deps;
    let told: string | undefined;
    let unanswered = 0;
    for (;;) {
      // An error says nothing about whether it was taken: the next attempt finds our own name.
      const row = await this.session.runConditional(`INSERT INTO ${this.lockTable} (id, holder) VALUES ('${LOCK_ROW}', ?) IF NOT EXISTS USING TTL ${MIGRATION_LOCK_SECONDS}`, 'everywhere', [holder])
        .catch((error: unknown) => {
          unanswered += 1;
          if (!(error instanceof StorageTimeout) || unanswered >= MIGRATION_LOCK_ATTEMPTS_MAX) throw error;
          return undefined;
        });
      if (row?.['[applied]'] === true || row?.['holder'] === holder) return;
      const other = row?.['holder'] as string | undefined;
      if (other !== undefined && other !== told) onProgress(`waits for the migration that ${other} runs (if that has died: at most ${MIGRATION_LOCK_SECONDS} s)`);
      told = other;
      await clock.sleep(MIGRATION_LOCK_WAIT_MS);
    }
  }

  private async renewLock(): Promise<void> {
    try {
      const row = await this.session.runConditional(`UPDATE ${this.lockTable} USING TTL ${MIGRATION_LOCK_SECONDS} SET holder = ? WHERE id = '${LOCK_ROW}' IF holder = ?`, 'everywhere', [this.deps.holder, this.deps.holder]);
      if (row['[applied]'] !== true) this.lost ??= 'it went on for too long without a sign, and another took over';
    } catch {
      // Unknown: the next renewal, or the row's end, decides.
    }
  }

  private async releaseLock(): Promise<void> {
    // A lock that cannot be given back ends by itself.
    await this.session.runConditional(`DELETE FROM ${this.lockTable} WHERE id = '${LOCK_ROW}' IF holder = ?`, 'everywhere', [this.deps.holder]).catch(() => {});
  }

  /** Waits until all nodes that are up have one schema. */
  private async agree(): Promise<void> {
    const { clock } = this.deps;
    for (const until = clock.now() + SCHEMA_AGREEMENT_MS; ;) {
      const versions = [...(await this.cql('SELECT schema_version FROM system.local')), ...(await this.cql('SELECT schema_version FROM system.peers_v2'))];
      if (new Set(versions.map((row) => String(row['schema_version']))).size === 1) return;
      if (clock.now() >= until) throw new StorageUnavailable('the Cassandra nodes do not agree on one schema: see `nodetool describecluster`; a node that is down must come back or be removed');
      await clock.sleep(SCHEMA_AGREEMENT_POLL_MS);
    }
  }
}
