import { createHash } from 'node:crypto';
import { quoted } from './cassandra-table';
import type { Replication, RunCql, StoredKeyspace } from './cassandra-schema';
import { StorageRefused } from './errors';
import type { SchemaVersion } from './schema-migrations';

/** The table that says at which version a keyspace is, and (in the directory keyspace) who migrates. Not one of the services'. */
export const STATE_TABLE = 'schema_state';
export const VERSION_ROW = 'version';
export const LOCK_ROW = 'lock';

/**
 * Its DDL. The id is fixed: two that create it at once through two nodes would otherwise make two tables of one name, of which one is lost
 * with what was written to it.
 */
export function createStateTable(keyspace: string): string {
  const hash = createHash('sha256').update(`heliograph ${keyspace}.${STATE_TABLE}`).digest('hex');
  const id = `${hash.slice(0, 8)}-${hash.slice(8, 12)}-5${hash.slice(13, 16)}-a${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
  return `CREATE TABLE IF NOT EXISTS ${quoted(keyspace)}.${STATE_TABLE} (id text PRIMARY KEY, version int, oldest_code int, holder text) WITH ID = ${id} AND comment = 'heliograph: the version of this schema'`;
}

/** At which version a keyspace is; undefined: never migrated. */
export async function readState(run: RunCql, keyspace: StoredKeyspace): Promise<SchemaVersion | undefined> {
  if (!keyspace.tables.has(STATE_TABLE)) return undefined;
  const [row] = await run(`SELECT version, oldest_code FROM ${quoted(keyspace.name)}.${STATE_TABLE} WHERE id = '${VERSION_ROW}'`);
  return row === undefined || row['version'] === null ? undefined : { version: row['version'] as number, oldestCode: row['oldest_code'] as number };
}

const MIGRATE = 'run `npm run migrate` with the settings of this data center';

/**
 * Whether code may run on a keyspace; throws StorageRefused, saying what to do.
 * @param code what this code was built for
 * @param dataCenter where this process's replicas must be
 */
export function checkKeyspace(keyspace: { name: string; replication: Replication | undefined }, state: SchemaVersion | undefined, code: SchemaVersion, dataCenter: string): void {
  const { name, replication } = keyspace;
  if (replication === undefined) throw new StorageRefused(`keyspace ${name} is not there: ${MIGRATE}`);
  if (replication[dataCenter] === undefined) {
    const there = Object.keys(replication).join(', ') || 'none';
    throw new StorageRefused(`keyspace ${name} has no replicas in Cassandra data center ${dataCenter} (only in: ${there}): check HELIOGRAPH_CASSANDRA_DATACENTER, or add replicas with ALTER KEYSPACE and rebuild the nodes`);
  }
  if (state === undefined) throw new StorageRefused(`keyspace ${name} has no schema: ${MIGRATE}`);
  if (state.version < code.version) throw new StorageRefused(`the schema of keyspace ${name} is at version ${state.version} and this code needs ${code.version}: ${MIGRATE}`);
  if (state.oldestCode > code.version) {
    throw new StorageRefused(`the schema of keyspace ${name} (version ${state.version}) takes code for version ${state.oldestCode} or newer, and this code is for ${code.version}: run a newer release`);
  }
}
