import type { PortName } from './kit';
import type { Settings } from './kit-settings';
import { StartFailure } from './start-failure';

/** Settings of the engines, read and checked. Those of ports that the service does not use are left out. */
export interface EngineSettings {
  storage?: CassandraSettings;
  eventLog?: KafkaSettings;
  ephemeral?: { url: string };
  blob?: S3Settings;
}

export interface CassandraSettings {
  contactPoints: string[];
  localDataCenter: string;
  keyspace: string;
  directoryKeyspace: string;
  username?: string;
  password?: string;
  /** Path of a PEM file. */
  tlsCa?: string;
}

export interface KafkaSettings {
  brokers: string[];
  replication: number;
  clientId: string;
  /** Lowest epoch of a topic that is made anew. */
  epochFloor: number;
  saslUsername?: string;
  saslPassword?: string;
  tlsCa?: string;
}

export interface S3Settings {
  endpoint: string;
  bucket: string;
  region: string;
  accessKey: string;
  secretKey: string;
}

const REPLICATION_DEFAULT = '3';

/** Whether this process runs on engines that others share: HELIOGRAPH_CASSANDRA names them. Absent: on embedded ports of its own. */
export function onSharedEngines(setting: Settings): boolean {
  return setting('CASSANDRA') !== undefined;
}

/** Reads what the ports need. Throws a StartFailure that names the setting. */
export function readEngineSettings(setting: Settings, { service, dc, replica, uses }: { service: string; dc: number; replica: number; uses: readonly PortName[] }): EngineSettings {
  const need = (name: string, engine: string): string => {
    const value = setting(name);
    if (value === undefined) throw new StartFailure(`HELIOGRAPH_${name} is not set, and ${service} needs ${engine}.`);
    return value;
  };
  const both = (first: string, second: string): [string | undefined, string | undefined] => {
    const values: [string | undefined, string | undefined] = [setting(first), setting(second)];
    if ((values[0] === undefined) !== (values[1] === undefined)) throw new StartFailure(`HELIOGRAPH_${first} and HELIOGRAPH_${second} go together; only one is set.`);
    return values;
  };
  const settings: EngineSettings = {};
  if (uses.includes('storage')) {
    const [username, password] = both('CASSANDRA_USERNAME', 'CASSANDRA_PASSWORD');
    settings.storage = {
      contactPoints: hostList('CASSANDRA', need('CASSANDRA', 'Cassandra')),
      localDataCenter: setting('CASSANDRA_DATACENTER') ?? `dc${dc}`,
      keyspace: keyspaceName('CASSANDRA_KEYSPACE', setting('CASSANDRA_KEYSPACE') ?? `heliograph_dc${dc}`),
      directoryKeyspace: keyspaceName('CASSANDRA_DIRECTORY_KEYSPACE', setting('CASSANDRA_DIRECTORY_KEYSPACE') ?? 'heliograph_directory'),
      username, password, tlsCa: setting('CASSANDRA_TLS_CA'),
    };
  }
  if (uses.includes('eventLog')) {
    const [saslUsername, saslPassword] = both('KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD');
    const replication = setting('KAFKA_REPLICATION') ?? REPLICATION_DEFAULT;
    if (!/^\d{1,2}$/.test(replication) || Number(replication) < 1) throw new StartFailure(`HELIOGRAPH_KAFKA_REPLICATION must be a number of replicas from 1 on; it is "${replication}".`);
    const epochFloor = setting('KAFKA_EPOCH_FLOOR') ?? '1';
    if (!/^\d{1,5}$/.test(epochFloor) || Number(epochFloor) < 1) throw new StartFailure(`HELIOGRAPH_KAFKA_EPOCH_FLOOR must be a number from 1 on; it is "${epochFloor}".`);
    settings.eventLog = {
      brokers: hostList('KAFKA', need('KAFKA', 'Kafka')),
      replication: Number(replication),
      epochFloor: Number(epochFloor),
      clientId: `heliograph-${service}-${replica}`,
      saslUsername, saslPassword, tlsCa: setting('KAFKA_TLS_CA'),
    };
  }
  if (uses.includes('ephemeral')) {
    const url = need('REDIS', 'Redis');
    if (!/^rediss?:\/\/.+/.test(url)) throw new StartFailure(`HELIOGRAPH_REDIS must be a URL such as redis://host:6379/0; it is "${hidden(url)}".`);
    settings.ephemeral = { url };
  }
  if (uses.includes('blob')) {
    const endpoint = need('S3_ENDPOINT', 'S3');
    if (!/^https?:\/\/.+/.test(endpoint)) throw new StartFailure(`HELIOGRAPH_S3_ENDPOINT must be a URL such as https://s3.example.com; it is "${endpoint}".`);
    settings.blob = { endpoint, bucket: need('S3_BUCKET', 'S3'), region: setting('S3_REGION') ?? 'us-east-1', accessKey: need('S3_ACCESS_KEY', 'S3'), secretKey: need('S3_SECRET_KEY', 'S3') };
  }
  return settings;
}

/** Where an engine is, for lines that people read: no password in it. */
export function placeOf(name: PortName, settings: EngineSettings): string {
  switch (name) {
    case 'storage': return `Cassandra at ${settings.storage?.contactPoints.join(',')}`;
    case 'eventLog': return `Kafka at ${settings.eventLog?.brokers.join(',')}`;
    case 'ephemeral': return `Redis at ${hidden(settings.ephemeral?.url ?? '')}`;
    case 'blob': return `S3 at ${settings.blob?.endpoint}`;
  }
}

/** A URL without what only its owner should see. */
function hidden(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//');
}

function hostList(name: string, text: string): string[] {
  const hosts = text.split(',').map((part) => part.trim()).filter((part) => part !== '');
  for (const host of hosts) {
    const port = Number(/:(\d{1,5})$/.exec(host)?.[1]);
    if (!(port >= 1 && port <= 65_535)) throw new StartFailure(`HELIOGRAPH_${name} must be a list like host:port,host:port; "${host}" is not one of those.`);
  }
  if (hosts.length === 0) throw new StartFailure(`HELIOGRAPH_${name} must name at least one host:port.`);
  return hosts;
}

function keyspaceName(name: string, text: string): string {
  if (!/^[a-z][a-z0-9_]{0,47}$/.test(text)) throw new StartFailure(`HELIOGRAPH_${name} must be a keyspace's name (small letters, digits, _; at most 48); it is "${text}".`);
  return text;
}
