import type { Blob } from '@heliograph/blob/blob';
import type { Ephemeral } from '@heliograph/ephemeral/ephemeral';
import type { EventLog } from '@heliograph/event-log/event-log';
import type { Storage } from '@heliograph/storage/storage';
import { ENGINE_OPEN_TIMEOUT_MS, ENGINE_RETRY_FIRST_MS, ENGINE_RETRY_LONGEST_MS, ENGINE_WAIT_REPORT_MS } from './limits';
import type { Clock, Logger, PortName } from './kit';
import type { Ports } from './ports';
import { type CassandraSettings, type EngineSettings, type KafkaSettings, placeOf, type S3Settings } from './production-settings';
import { StartFailure } from './start-failure';

/** How each engine's adapter is opened. The log takes what an adapter has to tell its operators later. */
export interface PortOpeners {
  storage(settings: CassandraSettings, log: Logger): Promise<Storage>;
  eventLog(settings: KafkaSettings, log: Logger): Promise<EventLog>;
  ephemeral(settings: { url: string }, log: Logger): Promise<Ephemeral>;
  blob(settings: S3Settings, log: Logger): Promise<Blob>;
}

/** The adapters of the real engines, each loaded by the processes that use it. */
export const productionOpeners: PortOpeners = {
  storage: async (settings) => (await import('@heliograph/storage/cassandra')).openCassandra(settings),
  eventLog: async (settings, log) => (await import('@heliograph/event-log/kafka')).openKafka({ ...settings, log }),
  ephemeral: async (settings, log) => (await import('@heliograph/ephemeral/redis')).openRedis({ ...settings, log }),
  blob: (settings) => byName('@heliograph/blob/s3', 'openS3', settings),
};

/** An adapter that a build may lack. */
async function byName<S, P>(module: string, opener: string, settings: S): Promise<P> {
  const { [opener]: open } = (await import(module)) as Record<string, ((settings: S) => Promise<P>) | undefined>;
  if (open === undefined) throw new Error(`${module} has no ${opener}`);
  return open(settings);
}

/** Opens the ports of a process, waiting for engines that are not there. */
export class PortOpening {
  /** What is waited for: which, where, since when. */
  private readonly waiting = new Map<PortName, { since: number; reason: string }>();

  constructor(private readonly deps: { openers: PortOpeners; clock: Pick<Clock, 'now' | 'sleep'>; log: Logger; signal: AbortSignal }, private readonly settings: EngineSettings) {}

  /** Why the process is not ready: one sentence for each engine that is missing. */
  reasons(): string[] {
    return [...this.waiting].map(([name, { since, reason }]) => `waiting for ${placeOf(name, this.settings)} since ${Math.round((this.deps.clock.now() - since) / 1_000)} s: ${reason}`);
  }

  /**
   * Resolves when all are open. An engine that cannot be reached is tried again for ever; what it refuses (a wrong setting, a schema that
   * this code must not use) rejects with a StartFailure, and those that are open are closed again.
   */
  async open(): Promise<Partial<Ports>> {
    const { openers, log } = this.deps;
    const { storage, eventLog, ephemeral, blob } = this.settings;
    const opened: Partial<Ports> = {};
    const tasks: Promise<void>[] = [];
    const open = <N extends PortName>(name: N, opener: (() => Promise<Ports[N]>) | undefined): void => {
      if (opener !== undefined) tasks.push(this.until(name, opener).then((port) => { opened[name] = port; }));
    };
    open('storage', storage && (() => openers.storage(storage, log)));
    open('eventLog', eventLog && (() => openers.eventLog(eventLog, log)));
    open('ephemeral', ephemeral && (() => openers.ephemeral(ephemeral, log)));
    open('blob', blob && (() => openers.blob(blob, log)));
    const outcomes = await Promise.allSettled(tasks);
    const refused = outcomes.find((outcome) => outcome.status === 'rejected');
    if (refused === undefined) return opened;
    for (const port of Object.values(opened)) await port.close().catch(() => {});
    throw refused.reason;
  }

  private async until<T extends { close(): Promise<void> }>(name: PortName, opener: () => Promise<T>): Promise<T> {
    const { clock, log, signal } = this.deps;
    const since = clock.now();
    let saidAt = -Infinity;
    for (let pause = ENGINE_RETRY_FIRST_MS; ; pause = Math.min(pause * 2, ENGINE_RETRY_LONGEST_MS)) {
      try {
        const port = await inTime(opener());
        if (this.waiting.delete(name)) log.info({ engine: placeOf(name, this.settings), waitedMs: clock.now() - since }, 'an engine that was waited for is there');
        if (!signal.aborted) return port;
        await port.close();
      } catch (error) {
        if (error instanceof StartFailure) throw error;
        const reason = error instanceof Error ? error.message : String(error);
        if (error instanceof Error && error.name.endsWith('Refused')) throw new StartFailure(`${placeOf(name, this.settings)}: ${reason}`, { cause: error });
        this.waiting.set(name, { since, reason });
        if (clock.now() - saidAt >= ENGINE_WAIT_REPORT_MS) {
          saidAt = clock.now();
          log.warn({ engine: placeOf(name, this.settings), waitedMs: clock.now() - since, reason }, 'waiting for an engine');
        }
      }
      if (signal.aborted) throw new StartFailure('the start was interrupted');
      await clock.sleep(pause, signal);
    }
  }
}

/** An opener that never ends must not keep the start from trying again. What it opens later is closed. */
async function inTime<T extends { close(): Promise<void> }>(opening: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let late = false;
  const expired = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      late = true;
      reject(new Error(`no answer within ${ENGINE_OPEN_TIMEOUT_MS} ms`));
    }, ENGINE_OPEN_TIMEOUT_MS);
  });
  opening.then((port) => (late ? port.close() : undefined)).catch(() => {});
  try {
    return await Promise.race([opening, expired]);
  } finally {
    clearTimeout(timer);
  }
}
