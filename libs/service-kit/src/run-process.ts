import type { INestApplication } from '@nestjs/common';
import type { Endpoints } from './endpoints';
import type { ConnectFacts, ServiceDefinition } from './kit';
import { SHUTDOWN_TIMEOUT_MS, SIGNAL_ECHO_MS } from './limits';
import type { Ports } from './ports';
import type { ProcessLog } from './process-log';
import { ServiceHost, type ServiceHostOptions } from './service-host';
import { listenFailure, StartFailure } from './start-failure';

export interface RunOptions extends Omit<ServiceHostOptions, 'endpoints'> {
  /** In the order in which they may depend on each other; drained from the last to the first. */
  services: readonly ServiceDefinition[];
  http: { host: string; port: number };
  endpoints: Endpoints;
  /** The option that changes a port, for error sentences. */
  flagOf(port: number): string;
  /** Releases what the caller opened besides the ports: locks. */
  release?(): Promise<void>;
}

export interface RunningProcess {
  /** What each DC's gateway announced. */
  readonly announced: ReadonlyMap<number, ConnectFacts>;
  /** Drains, closes and resolves; a second call returns the same promise. */
  stop(): Promise<void>;
}

/** Runs services until `stop`. Throws a StartFailure for what the operator can change; everything opened is closed again then. */
export async function runServices(options: RunOptions): Promise<RunningProcess> {
  const host = new ServiceHost(options);
  const log = options.log.of('process');
  let app: INestApplication | undefined;
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= (async () => {
      await tolerate(() => host.drain());
      await tolerate(async () => app?.close());
      await tolerate(() => options.network.close());
      for (const { ports } of options.dcs) await tolerate(async () => closePorts(await Promise.race([ports, NOT_OPEN]), tolerate));
      await tolerate(() => options.telemetry.shutdown());
      await tolerate(async () => options.release?.());
      options.log.flush();
    })();
    return stopping;
  };
  const tolerate = async (task: () => Promise<unknown>): Promise<void> => {
    try {
      await task();
    } catch (error) {
      log.error({ err: error }, 'shutdown step failed');
    }
  };
  try {
    const [{ createHttpApp }, { serviceModule }] = await Promise.all([import('@heliograph/service-kit/http-app'), import('@heliograph/service-kit/service-module')]);
    app = await createHttpApp({ host, endpoints: options.endpoints, hostname: options.http.host, log, modules: options.services.map(serviceModule) });
    await app.init();
    // Health is answered, with what is waited for, while services compose.
    await app.listen(options.http.port, options.http.host);
    await host.composed();
  } catch (error) {
    await stop();
    throw sentence(error, options.flagOf) ?? error;
  }
  return { announced: host.announced, stop };
}

function sentence(error: unknown, flagOf: (port: number) => string): StartFailure | undefined {
  if (error instanceof StartFailure) return error;
  return listenFailure(error, flagOf) ?? ((error as { cause?: unknown }).cause === undefined ? undefined : sentence((error as { cause: unknown }).cause, flagOf));
}

/** Ports that are still being opened when the process ends. */
const NOT_OPEN: Partial<Ports> = {};

async function closePorts(ports: Partial<Ports>, tolerate: (task: () => Promise<unknown>) => Promise<void>): Promise<void> {
  await tolerate(async () => ports.eventLog?.close());
  await tolerate(async () => ports.ephemeral?.close());
  await tolerate(async () => ports.blob?.close());
  await tolerate(async () => ports.storage?.close());
}

/**
 * Ends the process in order: on the first SIGTERM or SIGINT it stops and exits with 0, within `timeoutMs` whatever hangs;
 * a second signal ends it at once.
 */
export function endOnSignal(stop: () => Promise<void>, log: ProcessLog, timeoutMs = SHUTDOWN_TIMEOUT_MS): void {
  let first: number | undefined;
  const end = (signal: NodeJS.Signals): void => {
    if (first !== undefined) {
      // Ctrl-C reaches the whole process group, and npm passes it on once more: that is one signal.
      if (performance.now() - first < SIGNAL_ECHO_MS) return;
      process.exit(signal === 'SIGINT' ? 130 : 143);
    }
    first = performance.now();
    const timer = setTimeout(() => {
      // Nothing acknowledged is lost by this: it is what kill −9 does.
      log.of('process').warn({ waitedMs: timeoutMs }, 'shutdown took too long; cut off');
      log.flush();
      process.exit(0);
    }, timeoutMs);
    timer.unref();
    void stop().finally(() => process.exit(0));
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
}

/** A rejected promise that nobody awaits is a defect that concerns one task: it is logged. An uncaught exception may have left anything half done: the process ends. */
export function reportDefects(log: ProcessLog): void {
  process.on('unhandledRejection', (error) => log.of('process').error({ err: error }, 'unhandled rejection'));
  process.on('uncaughtException', (error) => {
    log.of('process').error({ err: error }, 'uncaught exception; ending');
    log.flush();
    process.exit(1);
  });
}
