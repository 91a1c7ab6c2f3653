import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { CallError } from './call-error';
import { Endpoints, type HttpResponse } from './endpoints';
import { parseDcAddresses } from './dc-addresses';
import { numberFlag, parseFlags, textFlag, usage } from './flags';
import { EngineWatch } from './engine-watch';
import { GrpcNetwork } from './grpc-network';
import type { ConnectFacts, DataCenter, PortName, Replica, ServiceDefinition } from './kit';
import { settingKey, settingsOf, type Settings } from './kit-settings';
import { ENGINE_RETRY_LONGEST_MS, ENGINE_WAIT_REPORT_MS, REPLICAS_MAX, SHUTDOWN_CLOSE_MS, UNREACHED_WAIT_PROCESS_MS } from './limits';
import { logLevelOf } from './log-level';
import { peersDirectory } from './peers';
import type { Ports } from './ports';
import { processLog, type ProcessLog } from './process-log';
import { type PortOpeners, PortOpening, productionOpeners } from './production-ports';
import { onSharedEngines, placeOf, readEngineSettings } from './production-settings';
import { endOnSignal, reportDefects, runServices } from './run-process';
import { StartFailure } from './start-failure';
import { systemClock } from './system-clock';
import { startTelemetry } from './telemetry';

/** Whole text, or nothing. */
const optional = () => textFlag('').transform((text) => (text === '' ? undefined : text));
const setting = (name: string, value: string, description: string) => ({ name, value, description, schema: optional() });

const flags = {
  data: { name: 'data', value: 'DIR', description: 'folder of what this process keeps itself: keys, embedded ports (./.heliograph-service)', schema: textFlag('./.heliograph-service') },
  host: { name: 'host', value: 'ADDRESS', description: 'address to listen on (127.0.0.1)', schema: textFlag('127.0.0.1') },
  port: { name: 'port', value: 'PORT', description: 'MTProto port of a gateway (4430)', schema: numberFlag(4430, 1, 65535) },
  grpcPort: { name: 'grpc-port', value: 'PORT', description: 'gRPC port (50051)', schema: numberFlag(50051, 1, 65535) },
  httpPort: { name: 'http-port', value: 'PORT', description: 'port of health and HTTP endpoints (8080)', schema: numberFlag(8080, 1, 65535) },
  dc: { name: 'dc', value: 'ID', description: 'the data center that this service belongs to (2)', schema: numberFlag(2, 1, 31) },
  dcAddresses: { name: 'dc-addresses', value: 'LIST', description: 'all data centers as clients reach them: 1=host:port,2=host:port; one may have several', schema: textFlag('2=127.0.0.1:4430') },
  replica: { name: 'replica', value: 'N', description: 'number of this process among those of its service, from 0; or the name of a stateful set\'s pod (0)', schema: textFlag('0') },
  replicas: { name: 'replicas', value: 'N', description: 'processes of this service in this data center (1)', schema: numberFlag(1, 1, REPLICAS_MAX) },
  peers: setting('peers', 'TARGET', 'where the other services are: dns:///{service}:50051, {dc} and {replica} in it too, or static:FILE'),
  drainSeconds: { name: 'drain-seconds', value: 'SECONDS', description: 'what a SIGTERM may take (25)', schema: numberFlag(25, 1, 3_600) },
  cassandra: setting('cassandra', 'HOSTS', 'host:port,… of Cassandra; absent: embedded ports in the data folder'),
  cassandraDatacenter: setting('cassandra-datacenter', 'NAME', 'its local data center (dc<ID>)'),
  cassandraKeyspace: setting('cassandra-keyspace', 'NAME', 'keyspace of this data center (heliograph_dc<ID>)'),
  cassandraDirectoryKeyspace: setting('cassandra-directory-keyspace', 'NAME', 'keyspace of all data centers (heliograph_directory)'),
  cassandraUsername: setting('cassandra-username', 'NAME', 'who logs in there'),
  cassandraPassword: setting('cassandra-password', 'TEXT', 'better given as variable'),
  cassandraTlsCa: setting('cassandra-tls-ca', 'FILE', 'certificates that it is known by'),
  kafka: setting('kafka', 'HOSTS', 'host:port,… of Kafka'),
  kafkaReplication: setting('kafka-replication', 'N', 'replicas of its topics (3)'),
  kafkaSaslUsername: setting('kafka-sasl-username', 'NAME', 'who logs in there'),
  kafkaSaslPassword: setting('kafka-sasl-password', 'TEXT', 'better given as variable'),
  kafkaTlsCa: setting('kafka-tls-ca', 'FILE', 'certificates that it is known by'),
  redis: setting('redis', 'URL', 'redis://host:port/0'),
  s3Endpoint: setting('s3-endpoint', 'URL', 'of the object store'),
  s3Bucket: setting('s3-bucket', 'NAME', 'bucket of this data center'),
  s3Region: setting('s3-region', 'NAME', 'its region (us-east-1)'),
  s3AccessKey: setting('s3-access-key', 'TEXT', 'who logs in there'),
  s3SecretKey: setting('s3-secret-key', 'TEXT', 'better given as variable'),
};

export interface RunServiceOptions {
  /** Without program names. */
  args?: readonly string[];
  env?: NodeJS.ProcessEnv;
  /** Default: the adapters of the real engines. */
  openers?: PortOpeners;
}

/**
 * Runs one service alone: gRPC for its peers, HTTP for health, logs as JSON on stderr. The whole of a service's `main.ts`.
 *
 * Its ports are real engines (HELIOGRAPH_CASSANDRA and what goes with it); without them the embedded ones, in a folder of its own, so that
 * only services that share no topic or table with another can run apart. Health is answered at once; readiness waits for engines and peers.
 */
export async function runService(definition: ServiceDefinition, { args = process.argv.slice(2), env = process.env, openers = productionOpeners }: RunServiceOptions = {}): Promise<void> {
  if (args.includes('--help')) {
    console.log(usage(definition.name, flags));
    return;
  }
  const interrupted = new AbortController();
  // A signal during the start ends it: nothing is acknowledged yet, and what was claimed is claimed again by the next process of this number.
  const interrupt = (): void => {
    interrupted.abort();
    process.exit(0);
  };
  process.once('SIGTERM', interrupt).once('SIGINT', interrupt);
  try {
    const options = parseFlags(flags, args, env);
    const own = settingsOf(Object.fromEntries(Object.values(flags).map(({ name }, index) => [settingKey(name), text(Object.values(options)[index])])), env);
    const dcs = parseDcAddresses(options.dcAddresses);
    const dc = dcs.find(({ id }) => id === options.dc);
    if (dc === undefined) throw new StartFailure(`--dc-addresses does not name DC ${options.dc}, which --dc says this is.`);
    const shared = onSharedEngines(own);
    const replica: Replica = { index: replicaIndex(options.replica), count: options.replicas, alone: !shared };
    if (replica.index >= replica.count) throw new StartFailure(`--replica ${replica.index} is not one of --replicas ${replica.count}: they are numbered from 0.`);
    const directory = peersDirectory(own);
    const telemetry = await startTelemetry(env, String(dc.id));
    const log = processLog({ level: logLevelOf(env, 'info'), format: env['HELIOGRAPH_LOG_FORMAT'] === 'lines' ? 'lines' : 'json', activeTraceparent: telemetry.enabled ? () => telemetry.activeTraceparent() : undefined, forward: telemetry.forwardLog });
    const clock = systemClock(() => log.of('process'));
    const data = resolve(options.data);
    mkdirSync(data, { recursive: true, mode: 0o700 });
    const network = new GrpcNetwork({ log: log.of, record: telemetry.record, directory, host: options.host, port: options.grpcPort, unreachedWaitMs: UNREACHED_WAIT_PROCESS_MS });
    const opening = openPorts({ shared, own, definition, dc, replica, data, log, openers, clock, signal: interrupted.signal });
    const watch = new EngineWatch({ clock, log: log.of(definition.name, dc.id), placeOf: opening.placeOf, goesOnWithout: definition.goesOnWithout, peerClocks: () => network.peerClocks() });
    // A failed opening is told by who composes.
    opening.ports.then((ports) => watch.start(ports), () => {});
    const endpoints = new Endpoints();
    let announced: ReadonlyMap<number, ConnectFacts> = new Map();
    endpoints.add({ method: 'GET', path: '/connect.json', dc: dc.id, service: definition.name, handler: async () => connectPart(dc, announced.get(dc.id)) });
    const running = await runServices({
      services: [definition],
      dcs: [{ dc, ports: opening.ports, replica, settings: { DATA: data, PORT: String(options.port) } }],
      allDcs: dcs,
      network,
      endpoints,
      clock,
      log,
      telemetry,
      settings: { HOST: options.host, HTTP_HOST: options.host, HTTP_PORT: String(options.httpPort), DIRECTORY: `${data}/directory`, DRAIN_SECONDS: String(options.drainSeconds) },
      env,
      http: { host: options.host, port: options.httpPort },
      flagOf: (port) => (port === options.httpPort ? '--http-port' : port === options.grpcPort ? '--grpc-port' : '--port'),
      composeTimeoutMs: Infinity,
      drainTimeoutMs: Math.max(500, options.drainSeconds * 1_000 - SHUTDOWN_CLOSE_MS),
      awaitKeyring: patience(log.of(definition.name, dc.id), clock, interrupted.signal),
      clockIsRight: () => !watch.clockIsWrong,
      unready: () => [...opening.reasons(), ...watch.reasons()],
    });
    process.off('SIGTERM', interrupt).off('SIGINT', interrupt);
    announced = running.announced;
    const stop = (): Promise<void> => {
      watch.stop();
      return running.stop();
    };
    endOnSignal(stop, log, options.drainSeconds * 1_000);
    reportDefects(log);
    log.of(definition.name, dc.id).info({ grpcPort: options.grpcPort, httpPort: options.httpPort, replica: replica.index }, 'ready');
  } catch (error) {
    console.error(`${definition.name}: ${error instanceof StartFailure || (error instanceof Error && error.name.endsWith('Refused')) ? error.message : error instanceof Error ? error.stack ?? error.message : String(error)}`);
    process.exit(1);
  }
}

/** What a gateway adds to the document that clients connect by: its own data center. */
function connectPart({ id, host, port }: DataCenter, facts: ConnectFacts | undefined): HttpResponse {
  if (facts === undefined) return { status: 404, body: { error: 'this process has not announced how clients connect to it' } };
  const { websocket, publicKey, fingerprint, layers } = facts;
  return { status: 200, body: { dcs: [{ id, host, port, websocket, publicKey, fingerprint }], layers } };
}

interface Opening {
  shared: boolean;
  own: Settings;
  definition: ServiceDefinition;
  dc: DataCenter;
  replica: Replica;
  data: string;
  log: ProcessLog;
  openers: PortOpeners;
  clock: ReturnType<typeof systemClock>;
  signal: AbortSignal;
}

function openPorts({ shared, own, definition, dc, replica, data, log, openers, clock, signal }: Opening): { ports: Promise<Partial<Ports>>; reasons(): string[]; placeOf(name: PortName): string } {
  if (shared) {
    const settings = readEngineSettings(own, { service: definition.name, dc: dc.id, replica: replica.index, uses: definition.uses ?? ['storage', 'eventLog', 'ephemeral', 'blob'] });
    const opening = new PortOpening({ openers, clock, log: log.of(definition.name, dc.id), signal }, settings);
    return { ports: opening.open(), reasons: () => opening.reasons(), placeOf: (name) => placeOf(name, settings) };
  }
  if (replica.count > 1) throw new StartFailure(`--replicas ${replica.count} needs engines that replicas share: set HELIOGRAPH_CASSANDRA and what goes with it.`);
  const embedded = async (): Promise<Ports> => {
    const { openEmbeddedPorts } = await import('@heliograph/service-kit/embedded-ports');
    return openEmbeddedPorts({
      folder: data,
      directory: `${data}/directory`,
      onFailure: (error: Error) => {
        // What was acknowledged is durable; what the process holds besides is not, and it must not go on answering from it.
        log.of(definition.name, dc.id).error({ err: error }, 'the store failed; ending');
        log.flush();
        process.exit(1);
      },
    });
  };
  return { ports: embedded(), reasons: () => [], placeOf: (name) => name };
}

/** What a start does while the key ring cannot be reached: says so now and then, and asks again. */
function patience(log: ReturnType<ProcessLog['of']>, clock: ReturnType<typeof systemClock>, signal: AbortSignal): (error: unknown) => Promise<void> {
  const since = clock.now();
  let saidAt = -Infinity;
  return async (error) => {
    if (clock.now() - saidAt >= ENGINE_WAIT_REPORT_MS) {
      saidAt = clock.now();
      log.warn({ waitedMs: clock.now() - since, reason: error instanceof CallError ? error.message : String(error) }, 'waiting for the key ring');
    }
    await clock.sleep(ENGINE_RETRY_LONGEST_MS / 6, signal);
  };
}

/** `3`, or the name of a pod that ends with its number: `message-store-3`. */
function replicaIndex(given: string): number {
  const match = /^(?:.*-)?(\d{1,3})$/.exec(given);
  if (match === null) throw new StartFailure(`--replica must be a number from 0 on, or a name that ends with one such as message-store-0; it is "${given}".`);
  return Number(match[1]);
}

function text(value: unknown): string | undefined {
  return value === undefined ? undefined : String(value);
}
