// Migrations as programs use them: the command line, the stack, tests.
import { createRequire } from 'node:module';
import { hostname } from 'node:os';

const require = createRequire(import.meta.url);
const built = (file) => require(`../../libs/storage/dist/${file}.js`);

/**
 * Brings both keyspaces to the newest schema.
 * @param {object} options as of migrateCassandra, replications as settings have them: `dc1:3,dc2:3`
 * @param {(sentence: string) => void} onProgress
 */
export async function migrate({ replication, directoryReplication, ...options }, onProgress) {
  const { migrateCassandra } = built('cassandra-migrate');
  const { parseReplication } = built('cassandra-schema');
  const { processClock } = built('clock');
  const { readMigrations } = built('schema-migrations');
  const parse = (setting) => (setting === undefined ? undefined : parseReplication(setting));
  await migrateCassandra(
    { ...options, replication: parse(replication), directoryReplication: parse(directoryReplication) },
    readMigrations(),
    { clock: processClock, random: Math.random, holder: `${hostname()}:${process.pid}`, onProgress },
  );
}

/** The files of migrations, and how the next one comes about. */
export function migrationFiles() {
  const { migrationTo, readMigrations, readSchemaVersion, SCHEMA_FOLDER } = built('schema-migrations');
  return {
    folder: SCHEMA_FOLDER,
    read: () => readMigrations(),
    version: () => readSchemaVersion(),
    next: (declared, why) => migrationTo(declared, readMigrations(), why),
    format: formatMigration,
  };
}

/** One line for each table and each added column set: what a review compares. */
function formatMigration(migration) {
  const lines = Object.entries(migration).map(([name, value]) => {
    if (!Array.isArray(value)) return `  ${JSON.stringify(name)}: ${JSON.stringify(value)}`;
    return `  ${JSON.stringify(name)}: [\n${value.map((each) => `    ${JSON.stringify(each)}`).join(',\n')}\n  ]`;
  });
  return `{\n${lines.join(',\n')}\n}\n`;
}
