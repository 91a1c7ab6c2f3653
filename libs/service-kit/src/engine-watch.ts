import { clockComplaint, clockReading, type ClockReading } from './clock-skew';
import type { Clock, Logger, PortName } from './kit';
import { ENGINE_CHECK_MS, ENGINE_CHECK_TIMEOUT_MS, ENGINE_FAILED_CHECKS_MAX } from './limits';
import type { Ports } from './ports';

export interface EngineWatchDeps {
  clock: Clock;
  log: Logger;
  /** What people call an engine: `Cassandra at 10.0.0.1:9042`. */
  placeOf(name: PortName): string;
  /** Engines whose loss is told, and is no reason not to be ready. */
  goesOnWithout?: readonly PortName[] | undefined;
  /** Clocks of other processes. */
  peerClocks(): Promise<readonly ClockReading[]>;
}

/** Asks now and then whether the engines answer, and what time it is elsewhere: reasons not to be ready. */
export class EngineWatch {
  /** What went wrong with an engine, how often in a row, since when. */
  private readonly failing = new Map<PortName, { times: number; since: number; reason: string }>();
  private complaint: string | undefined;
  private ticking: { stop(): void } | undefined;

  constructor(private readonly deps: EngineWatchDeps) {}

  /** Looks once, then every ENGINE_CHECK_MS. */
  async start(ports: Partial<Ports>): Promise<void> {
    this.ticking = this.deps.clock.every(ENGINE_CHECK_MS, () => this.look(ports));
    await this.look(ports);
  }

  stop(): void {
    this.ticking?.stop();
  }

  /** The clock of this machine is so wrong that this process should not serve. */
  get clockIsWrong(): boolean {
    return this.complaint !== undefined;
  }

  reasons(): string[] {
    const { clock, placeOf, goesOnWithout = [] } = this.deps;
    const lost = [...this.failing].filter(([name, { times }]) => times >= ENGINE_FAILED_CHECKS_MAX && !goesOnWithout.includes(name))
      .map(([name, { since, reason }]) => `${placeOf(name)} has not answered for ${Math.round((clock.now() - since) / 1_000)} s: ${reason}`);
    return this.complaint === undefined ? lost : [...lost, this.complaint];
  }

  private async look(ports: Partial<Ports>): Promise<void> {
    const readings: ClockReading[] = [];
    await Promise.all((Object.keys(ports) as PortName[]).map(async (name) => {
      const reading = await this.check(name, ports);
      if (reading !== undefined) readings.push(reading);
    }));
    readings.push(...await this.deps.peerClocks());
    const complaint = clockComplaint(readings);
    if (complaint !== undefined && this.complaint === undefined) this.deps.log.error({ readings }, complaint);
    if (complaint === undefined && this.complaint !== undefined) this.deps.log.warn({}, 'the clock of this machine is right again');
    this.complaint = complaint;
  }

  private async check(name: PortName, ports: Partial<Ports>): Promise<ClockReading | undefined> {
    const { clock, log, placeOf } = this.deps;
    const port = ports[name];
    if (port?.check === undefined) return undefined;
    const sentAt = clock.now();
    try {
      const { now } = await inTime(port.check());
      const before = this.failing.get(name);
      this.failing.delete(name);
      if (before !== undefined && before.times >= ENGINE_FAILED_CHECKS_MAX) log.warn({ engine: placeOf(name), lostMs: clock.now() - before.since }, 'an engine answers again');
      return now === undefined ? undefined : clockReading(placeOf(name), now, sentAt, clock.now());
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const before = this.failing.get(name);
      const times = (before?.times ?? 0) + 1;
      this.failing.set(name, { times, since: before?.since ?? sentAt, reason });
      if (times === ENGINE_FAILED_CHECKS_MAX) log.error({ engine: placeOf(name), reason }, 'an engine does not answer');
      return undefined;
    }
  }
}

async function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ENGINE_CHECK_TIMEOUT_MS} ms`)), ENGINE_CHECK_TIMEOUT_MS);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
