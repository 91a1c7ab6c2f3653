import type { Keyring } from '@heliograph/crypto/keyring';
import type { Endpoints } from './endpoints';
import type { Clock, ConnectFacts, DataCenter, Replica, ServiceDefinition } from './kit';
import { keyringClient } from './keyring-client';
import { settingsOf } from './kit-settings';
import { COMPOSE_TIMEOUT_MS, DRAIN_TIMEOUT_MS } from './limits';
import { type Composed, makeKit } from './make-kit';
import type { Network } from './network';
import type { Ports } from './ports';
import type { ProcessLog } from './process-log';
import { StartFailure } from './start-failure';
import type { ProcessTelemetry } from './telemetry';

/** One DC that this process runs services of. */
export interface HostedDc {
  dc: DataCenter;
  /** Opened already, or being opened: services compose when they are there. */
  ports: Partial<Ports> | Promise<Partial<Ports>>;
  /** Which replica of its services this process is. Default: the only one. */
  replica?: Replica;
  /** Settings that differ by DC (DATA, PORT); the rest comes from `settings`, then from the environment. */
  settings: Record<string, string | undefined>;
}

export interface ServiceHostOptions {
  dcs: readonly HostedDc[];
  /** All DCs of the deployment, with the addresses that clients are told. */
  allDcs: readonly DataCenter[];
  network: Network;
  endpoints: Endpoints;
  clock: Clock;
  log: ProcessLog;
  telemetry: ProcessTelemetry;
  settings: Record<string, string | undefined>;
  env: NodeJS.ProcessEnv;
  /** Services that have not composed after this long fail the start. Default COMPOSE_TIMEOUT_MS; Infinity where they wait for engines and for each other. */
  composeTimeoutMs?: number;
  /** All drains together. Default DRAIN_TIMEOUT_MS. */
  drainTimeoutMs?: number;
  /** Called with each failure of the key ring while a service composes: it is asked again then. Default: the first failure counts. */
  awaitKeyring?(error: unknown): Promise<void>;
  /** Default: it is right. */
  clockIsRight?(): boolean;
  /** More reasons why the process is not ready. */
  unready?(): string[];
}

/** Runs services: composes them all at once, knows whether they are ready, drains them in reverse order. */
export class ServiceHost {
  readonly announced = new Map<number, ConnectFacts>();
  private readonly running: Composed[] = [];
  private readonly composing: Promise<void>[] = [];
  private readonly keyrings = new Map<number, Keyring>();
  private state: 'starting' | 'running' | 'draining' = 'starting';

  constructor(private readonly options: ServiceHostOptions) {}

  /** Begins to compose a service in every DC of this process. Services wait for each other's contracts, so none is awaited before all began. */
  compose(definition: ServiceDefinition): void {
    for (const hosted of this.options.dcs) {
      const task = this.composeIn(hosted, definition).catch((error: unknown) => {
        if (error instanceof StartFailure) throw error;
        throw new Error(`${definition.name} (DC ${hosted.dc.id}) did not start: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
      });
      // Awaited in `composed`; a failure before that must not count as unhandled.
      task.catch(() => {});
      this.composing.push(task);
    }
  }

  private async composeIn(hosted: HostedDc, definition: ServiceDefinition): Promise<void> {
    const ports = hosted.ports instanceof Promise ? await hosted.ports : hosted.ports;
    const { kit, composed } = this.kitOf(definition.name, hosted, ports);
    this.running.push(composed);
    await definition.compose(kit);
  }

  /** Resolves when every service can take calls. */
  async composed(): Promise<void> {
    const { composeTimeoutMs = COMPOSE_TIMEOUT_MS } = this.options;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      if (composeTimeoutMs !== Infinity) timer = setTimeout(() => reject(new Error(`not all services are up after ${composeTimeoutMs} ms`)), composeTimeoutMs);
    });
    try {
      await Promise.race([Promise.all(this.composing), late]);
      await this.options.network.listen();
      this.state = 'running';
    } finally {
      clearTimeout(timer);
    }
  }

  unready(): string[] {
    if (this.state === 'draining') return ['shutting down'];
    const reasons = this.options.unready?.() ?? [];
    if (this.state === 'starting') return reasons.length > 0 ? reasons : ['starting'];
    return [...reasons, ...this.running.flatMap((composed) => composed.unready())];
  }

  /** Last composed first (the gateway stops taking queries before those that answer them go), within the drain's time altogether. */
  async drain(): Promise<void> {
    if (this.state === 'draining') return;
    this.state = 'draining';
    const until = performance.now() + (this.options.drainTimeoutMs ?? DRAIN_TIMEOUT_MS);
    for (const composed of [...this.running].reverse()) {
      const left = Math.max(50, until - performance.now());
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<'late'>((resolve) => { timer = setTimeout(() => resolve('late'), left); });
      const outcome = await Promise.race([composed.drain(), late]);
      clearTimeout(timer);
      if (outcome === 'late') this.options.log.of(composed.service, composed.dc).warn({ waitedMs: Math.round(left) }, 'not drained in time; cut off');
      await this.options.network.drain(composed.dc, composed.service, Math.max(0, until - performance.now()));
    }
  }

  private kitOf(service: string, hosted: HostedDc, ports: Partial<Ports>): ReturnType<typeof makeKit> {
    const { allDcs, network, endpoints, clock, log, telemetry, settings, env, awaitKeyring } = this.options;
    const { id } = hosted.dc;
    return makeKit({
      service,
      stopping: () => this.state === 'draining',
      dc: hosted.dc,
      dcs: allDcs,
      ports,
      replica: hosted.replica,
      keyring: () => {
        if (service === 'keyring') throw new Error('the key ring does not use itself');
        let keyring = this.keyrings.get(id);
        if (keyring === undefined) {
          keyring = keyringClient(network, id, service, awaitKeyring);
          this.keyrings.set(id, keyring);
        }
        return keyring;
      },
      clock,
      log: log.of(service, id),
      telemetry: telemetry.of(service, id),
      settings: settingsOf({ ...settings, ...hosted.settings }, env),
      network,
      endpoints,
      clockIsRight: () => this.options.clockIsRight?.() ?? true,
      announce: (facts) => {
        this.announced.set(id, facts);
      },
    });
  }
}
