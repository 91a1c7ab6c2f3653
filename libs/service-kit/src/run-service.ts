import { resolve } from 'node:path';
import { mkdirSync } from 'node:fs';
import { Endpoints } from './endpoints';
import { openEmbeddedPorts } from './embedded-ports';
import { type FlagValues, numberFlag, parseFlags, textFlag, usage } from './flags';
import { namedDirectory } from './grpc-directory';
import { GrpcNetwork } from './grpc-network';
import type { DataCenter, ServiceDefinition } from './kit';
import { processLog } from './process-log';
import { logLevelOf } from './log-level';
import { endOnSignal, reportDefects, runServices } from './run-process';
import { StartFailure } from './start-failure';
import { systemClock } from './system-clock';
import { startTelemetry } from './telemetry';

const flags = {
  data: { name: 'data', value: 'DIR', description: 'folder of the embedded ports (./.heliograph-service)', schema: textFlag('./.heliograph-service') },
  host: { name: 'host', value: 'ADDRESS', description: 'address to listen on (127.0.0.1)', schema: textFlag('127.0.0.1') },
  port: { name: 'port', value: 'PORT', description: 'MTProto port of a gateway (4430)', schema: numberFlag(4430, 1, 65535) },
  grpcPort: { name: 'grpc-port', value: 'PORT', description: 'gRPC port (50051)', schema: numberFlag(50051, 1, 65535) },
  httpPort: { name: 'http-port', value: 'PORT', description: 'port of health and HTTP endpoints (8080)', schema: numberFlag(8080, 1, 65535) },
  dc: { name: 'dc', value: 'ID', description: 'the data center that this service belongs to (2)', schema: numberFlag(2, 1, 31) },
  dcAddresses: { name: 'dc-addresses', value: 'LIST', description: 'all data centers as clients reach them: 1=host:port,2=host:port', schema: textFlag('2=127.0.0.1:4430') },
  peers: { name: 'peers', value: 'TARGET', description: 'gRPC target of the other services (dns:///{service}:50051)', schema: textFlag('dns:///{service}:50051') },
};

type ServiceOptions = FlagValues<typeof flags>;

/**
 * Runs one service alone: gRPC for its peers, HTTP for health, logs as JSON on stderr. The whole of a service's `main.ts`.
 * NOTE: its ports are the embedded ones, in its own folder, so only services that share no topic or table with another can run apart this way.
 */
export async function runService(definition: ServiceDefinition, args: readonly string[] = process.argv.slice(2), env: NodeJS.ProcessEnv = process.env): Promise<void> {
  if (args.includes('--help')) {
    console.log(usage(definition.name, flags));
    return;
  }
  try {
    const options = parseFlags(flags, args, env);
    const dcs = dataCenters(options);
    const dc = dcs.find(({ id }) => id === options.dc);
    if (dc === undefined) throw new StartFailure(`--dc-addresses does not name DC ${options.dc}, which --dc says this is.`);
    const telemetry = await startTelemetry(env, String(dc.id));
    const log = processLog({ level: logLevelOf(env, 'info'), format: env['HELIOGRAPH_LOG_FORMAT'] === 'lines' ? 'lines' : 'json', activeTraceparent: telemetry.enabled ? () => telemetry.activeTraceparent() : undefined, forward: telemetry.forwardLog });
    const data = resolve(options.data);
    mkdirSync(data, { recursive: true, mode: 0o700 });
    const ports = await openEmbeddedPorts({ folder: data, directory: `${data}/directory` });
    const { stop } = await runServices({
      services: [definition],
      dcs: [{ dc, ports, settings: { DATA: data, PORT: String(options.port) } }],
      allDcs: dcs,
      network: new GrpcNetwork({ log: log.of, record: telemetry.record, directory: namedDirectory(options.peers), host: options.host, port: options.grpcPort }),
      endpoints: new Endpoints(),
      clock: systemClock(() => log.of('process')),
      log,
      telemetry,
      settings: { HOST: options.host, HTTP_HOST: options.host, HTTP_PORT: String(options.httpPort), DIRECTORY: `${data}/directory` },
      env,
      http: { host: options.host, port: options.httpPort },
      flagOf: (port) => (port === options.httpPort ? '--http-port' : port === options.grpcPort ? '--grpc-port' : '--port'),
    });
    endOnSignal(stop, log);
    reportDefects(log);
    log.of(definition.name, dc.id).info({ grpcPort: options.grpcPort, httpPort: options.httpPort }, 'ready');
  } catch (error) {
    console.error(`${definition.name}: ${error instanceof StartFailure ? error.message : error instanceof Error ? error.stack ?? error.message : String(error)}`);
    process.exit(1);
  }
}

function dataCenters({ dcAddresses }: ServiceOptions): DataCenter[] {
  return dcAddresses.split(',').map((part) => {
    const match = /^\s*(\d{1,2})=(.+):(\d{1,5})\s*$/.exec(part);
    if (match === null) throw new StartFailure(`--dc-addresses must be a list like 1=host:port,2=host:port; "${part}" is not one.`);
    return { id: Number(match[1]), host: match[2] as string, port: Number(match[3]) };
  });
}
