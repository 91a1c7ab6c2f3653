// Keyspaces and tables of a stack on a new cluster: those that services declare and that are not there yet.
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);

/**
 * Makes what is missing, one data center after another: schema changes of one cluster that meet are not safe.
 * @param {{ root: string, environments: Record<number, Record<string, string>> }} options environments: by DC, settings that name Cassandra
 * @returns {Promise<number>} how many tables there are
 */
export async function ensureSchema({ root, environments }) {
  const { openCassandra } = require(join(root, 'libs/storage/dist/cassandra.js'));
  const tables = declaredTables(root);
  const dcs = Object.keys(environments);
  for (const dc of dcs) {
    const { HELIOGRAPH_CASSANDRA: contact, HELIOGRAPH_CASSANDRA_DATACENTER: localDataCenter } = environments[dc];
    const storage = await openCassandra({
      contactPoints: [contact], localDataCenter, keyspace: `heliograph_dc${dc}`, directoryKeyspace: 'heliograph_directory',
      create: { replication: { [localDataCenter]: 1 }, directoryReplication: Object.fromEntries(dcs.map((each) => [environments[each].HELIOGRAPH_CASSANDRA_DATACENTER, 1])) },
    });
    try {
      await storage.ensureTables(tables);
    } finally {
      await storage.close();
    }
  }
  return tables.length;
}

/** Every table that a service of the built checkout declares. */
function declaredTables(root) {
  const folders = readdirSync(join(root, 'services')).map((service) => join(root, 'services', service, 'dist', 'tables')).filter((folder) => existsSync(folder));
  const exported = folders.flatMap((folder) => readdirSync(folder).filter((file) => file.endsWith('.js')).flatMap((file) => Object.values(require(join(folder, file)))));
  return [...new Set(exported.filter((value) => typeof value === 'object' && value !== null && 'partition' in value && 'clustering' in value))];
}
