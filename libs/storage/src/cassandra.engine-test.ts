import { openCassandra } from './cassandra';
import { CassandraSession } from './cassandra-session';
import { processClock } from './clock';
import { describeStorageContract } from './contract';
import { withStorageFaults } from './faults';
import type { Storage } from './storage';

// The storage contract on a real Cassandra: `npm run test:contract` starts one and names it.
const contactPoints = (process.env['HELIOGRAPH_CASSANDRA'] ?? '127.0.0.1:9042').split(',');
const localDataCenter = process.env['HELIOGRAPH_CASSANDRA_DATACENTER'] ?? 'dc1';
const keyspace = 'contract_dc';
const directoryKeyspace = 'contract_directory';
const replication = { [localDataCenter]: 1 };

const written = new Set<string>();
async function run(statements: readonly string[]): Promise<void> {
  const session = await CassandraSession.connect({ contactPoints, localDataCenter }, processClock, () => 0);
  try {
    for (const statement of statements) await session.run(statement);
  } finally {
    await session.close();
  }
}
const keyspaceOf = (table: string): string => (table === 'contract_names' ? directoryKeyspace : keyspace);

jest.setTimeout(60_000);
afterAll(() => run([keyspace, directoryKeyspace].map((name) => `DROP KEYSPACE IF EXISTS ${name}`)));

describeStorageContract('Cassandra', async () => {
  // Emptied and not made anew: schema statements are what costs time.
  if (written.size > 0) await run([...written].map((table) => `TRUNCATE ${keyspaceOf(table)}.${table}`));
  written.clear();
  const open = async (): Promise<Storage> => {
    const storage = await openCassandra({ contactPoints, localDataCenter, keyspace, directoryKeyspace, create: { replication, directoryReplication: replication } });
    return withStorageFaults(storage, {
      write: (table, operations) => {
        if (table !== '') written.add(table);
        for (const operation of operations) written.add(operation.table.name);
        return 'ok';
      },
    });
  };
  let storage = await open();
  return {
    storage,
    reopen: async () => {
      await storage.close();
      storage = await open();
      return storage;
    },
  };
}, { time: 'real', seenAtOnce: false });
