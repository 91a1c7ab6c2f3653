// npm run migrate: brings a data center's keyspaces to the newest schema. --new writes the migration for what services declare.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { declaredTables } from './declared-tables.mjs';
import { migrate, migrationFiles } from './migrate.mjs';

const USAGE = `npm run migrate -- [options]

  Brings the keyspace of a data center and the directory's to the newest schema. May be run again, and by several at the same time.
  Each option is also a variable: HELIOGRAPH_CASSANDRA, HELIOGRAPH_CASSANDRA_REPLICATION …

  --cassandra HOSTS                          host:port,… of Cassandra
  --dc ID                                    this data center                                        (1)
  --cassandra-datacenter NAME                its Cassandra data center                               (dc<ID>)
  --cassandra-keyspace NAME                  keyspace of this data center                            (heliograph_dc<ID>)
  --cassandra-directory-keyspace NAME        keyspace of all data centers                            (heliograph_directory)
  --cassandra-replication REPLICAS           of the keyspace, when it is made: dc1:3
  --cassandra-directory-replication REPLICAS of the directory, when it is made: dc1:3,dc2:3 (every data center)
  --cassandra-username NAME --cassandra-password TEXT --cassandra-tls-ca FILE

  --new WHY                                  writes schema/migrations/<next>-….json for what services declare, and schema/version.json
`;
const NAMES = ['cassandra', 'dc', 'cassandra-datacenter', 'cassandra-keyspace', 'cassandra-directory-keyspace', 'cassandra-replication', 'cassandra-directory-replication', 'cassandra-username', 'cassandra-password', 'cassandra-tls-ca'];

function writeNew(why) {
  const { read, next, folder, format } = migrationFiles();
  const migration = next(declaredTables(), why);
  if (migration === undefined) return console.log(`nothing to do: the schema at version ${read().length} is what services declare`);
  const name = `${String(migration.version).padStart(4, '0')}-${why.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-|-$/g, '').slice(0, 50)}.json`;
  writeFileSync(join(folder, 'migrations', name), format(migration));
  writeFileSync(join(folder, 'version.json'), `${JSON.stringify({ version: migration.version, oldestCode: migration.oldestCode })}\n`);
  console.log(`wrote schema/migrations/${name}`);
}

async function main(argv) {
  const { values } = parseArgs({ args: argv, options: Object.fromEntries([...NAMES.map((name) => [name, { type: 'string' }]), ['new', { type: 'string' }], ['help', { type: 'boolean' }]]) });
  if (values.help) return console.log(USAGE);
  if (values.new !== undefined) return writeNew(values.new);
  const setting = (name) => values[name] ?? (process.env[`HELIOGRAPH_${name.replaceAll('-', '_').toUpperCase()}`] || undefined);
  const dc = setting('dc') ?? '1';
  const hosts = setting('cassandra');
  if (hosts === undefined) throw new Error('--cassandra (HELIOGRAPH_CASSANDRA) must name the nodes of Cassandra: host:port,…');
  await migrate({
    contactPoints: hosts.split(','),
    localDataCenter: setting('cassandra-datacenter') ?? `dc${dc}`,
    keyspace: setting('cassandra-keyspace') ?? `heliograph_dc${dc}`,
    directoryKeyspace: setting('cassandra-directory-keyspace') ?? 'heliograph_directory',
    replication: setting('cassandra-replication'),
    directoryReplication: setting('cassandra-directory-replication'),
    username: setting('cassandra-username'),
    password: setting('cassandra-password'),
    tlsCa: setting('cassandra-tls-ca'),
  }, (sentence) => console.log(`migrate: ${sentence}`));
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(`migrate: ${error.message}`);
  process.exitCode = 1;
}
