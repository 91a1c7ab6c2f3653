import type { Storage } from '@heliograph/storage/storage';
import { StorageRefused, StorageUnavailable } from '@heliograph/storage/errors';
import { fakeClock } from '@heliograph/testing/fake-clock';
import type { Logger } from './kit';
import { settingsOf } from './kit-settings';
import { ENGINE_RETRY_LONGEST_MS, ENGINE_WAIT_REPORT_MS } from './limits';
import { type PortOpeners, PortOpening } from './production-ports';
import { readEngineSettings } from './production-settings';

const who = { service: 'users', dc: 2, replica: 1, uses: ['storage', 'eventLog', 'ephemeral', 'blob'] as const };
const complete = {
  HELIOGRAPH_CASSANDRA: 'db1:9042, db2:9042', HELIOGRAPH_KAFKA: 'k:9092', HELIOGRAPH_REDIS: 'redis://:secret@r:6379/0',
  HELIOGRAPH_S3_ENDPOINT: 'https://s3', HELIOGRAPH_S3_BUCKET: 'b', HELIOGRAPH_S3_ACCESS_KEY: 'a', HELIOGRAPH_S3_SECRET_KEY: 's',
};
const read = (change: Record<string, string | undefined> = {}, uses: readonly ('storage' | 'eventLog' | 'ephemeral' | 'blob')[] = who.uses) => readEngineSettings(settingsOf({}, { ...complete, ...change }), { ...who, uses });

describe('settings of the engines', () => {
  test('defaults', () => {
    expect(read()).toMatchObject({
      storage: { contactPoints: ['db1:9042', 'db2:9042'], localDataCenter: 'dc2', keyspace: 'heliograph_dc2', directoryKeyspace: 'heliograph_directory' },
      eventLog: { brokers: ['k:9092'], replication: 3, clientId: 'heliograph-users-1' },
      ephemeral: { url: 'redis://:secret@r:6379/0' },
      blob: { region: 'us-east-1' },
    });
  });

  test('only what the service uses is needed', () => {
    expect(Object.keys(readEngineSettings(settingsOf({}, { HELIOGRAPH_CASSANDRA: 'db:9042' }), { ...who, uses: ['storage'] }))).toEqual(['storage']);
    expect(() => readEngineSettings(settingsOf({}, { HELIOGRAPH_CASSANDRA: 'db:9042' }), { ...who, uses: ['storage', 'eventLog'] })).toThrow('HELIOGRAPH_KAFKA is not set, and users needs Kafka.');
  });

  test.each([
    [{ HELIOGRAPH_CASSANDRA: 'db' }, 'HELIOGRAPH_CASSANDRA must be a list like host:port'],
    [{ HELIOGRAPH_CASSANDRA: ' , ' }, 'at least one'],
    [{ HELIOGRAPH_CASSANDRA_KEYSPACE: 'Drop Table' }, 'HELIOGRAPH_CASSANDRA_KEYSPACE must be'],
    [{ HELIOGRAPH_CASSANDRA_USERNAME: 'x' }, 'go together'],
    [{ HELIOGRAPH_KAFKA: 'k:99999' }, 'HELIOGRAPH_KAFKA must be a list'],
    [{ HELIOGRAPH_KAFKA_REPLICATION: '0' }, 'HELIOGRAPH_KAFKA_REPLICATION must be'],
    [{ HELIOGRAPH_REDIS: 'http://:secret@r' }, 'HELIOGRAPH_REDIS must be a URL such as redis://host:6379/0; it is "http://r".'],
    [{ HELIOGRAPH_S3_ENDPOINT: 's3' }, 'HELIOGRAPH_S3_ENDPOINT must be'],
    [{ HELIOGRAPH_S3_BUCKET: undefined }, 'HELIOGRAPH_S3_BUCKET is not set'],
  ])('%j is refused', (change, sentence) => {
    expect(() => read(change)).toThrow(sentence);
  });
});

describe('opening engines', () => {
  const lines: string[] = [];
  const log: Logger = { debug() {}, info: (_fields, message) => void lines.push(message), warn: (fields, message) => void lines.push(`${message} ${JSON.stringify(fields)}`), error() {} };
  const closed: string[] = [];
  const port = (name: string) => ({ close: async () => void closed.push(name) });
  const opening = (openers: Partial<PortOpeners>, signal = new AbortController().signal) => {
    const clock = fakeClock();
    lines.length = 0;
    closed.length = 0;
    const all = { storage: async () => port('storage'), eventLog: async () => port('eventLog'), ephemeral: async () => port('ephemeral'), blob: async () => port('blob'), ...openers } as unknown as PortOpeners;
    return { clock, ports: new PortOpening({ openers: all, clock, log, signal }, read()) };
  };

  test('an engine that is missing is waited for, and said so now and then', async () => {
    let tries = 0;
    const { clock, ports } = opening({ storage: async () => {
      tries += 1;
      if (tries < 8) throw new StorageUnavailable('connect ECONNREFUSED');
      return port('storage') as unknown as Storage;
    } });
    const opened = ports.open();
    await clock.advance(1_000);
    expect(ports.reasons()).toEqual(['waiting for Cassandra at db1:9042,db2:9042 since 1 s: connect ECONNREFUSED']);
    for (let passed = 0; passed < 7 * ENGINE_RETRY_LONGEST_MS; passed += 500) await clock.advance(500);
    expect(Object.keys(await opened).sort()).toEqual(['blob', 'ephemeral', 'eventLog', 'storage']);
    expect(ports.reasons()).toEqual([]);
    expect(lines[0]).toContain('waiting for an engine {"engine":"Cassandra at db1:9042,db2:9042"');
    expect(lines.length).toBeLessThanOrEqual(2 + Math.ceil(7 * ENGINE_RETRY_LONGEST_MS / ENGINE_WAIT_REPORT_MS));
    expect(lines.join('')).not.toContain('secret');
  });

  test('what an engine refuses ends the start with a sentence, and the others are closed', async () => {
    const { ports } = opening({ storage: async () => { throw new StorageRefused('the schema is newer than this program: start a newer one'); } });
    await expect(ports.open()).rejects.toMatchObject({ name: 'StartFailure', message: 'Cassandra at db1:9042,db2:9042: the schema is newer than this program: start a newer one' });
    expect(closed.sort()).toEqual(['blob', 'ephemeral', 'eventLog']);
  });

  test('a start that is interrupted waits no longer', async () => {
    const stop = new AbortController();
    const { clock, ports } = opening({ storage: async () => { throw new StorageUnavailable('nobody there'); } }, stop.signal);
    const opened = ports.open();
    const failed = expect(opened).rejects.toThrow('interrupted');
    await clock.advance(100);
    stop.abort();
    await failed;
  });
});
