import type { Keyring } from '@heliograph/crypto/keyring';
import type { Endpoints } from './endpoints';
import type { Clock, ConnectFacts, DataCenter, ServiceDefinition } from './kit';
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
  ports: Ports;
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
      const { kit, composed } = this.kitOf(definition.name, hosted);
      this.running.push(composed);
      const task = (async () => definition.compose(kit))().catch((error: unknown) => {
        if (error instanceof StartFailure) throw error;
        throw new Error(`${definition.name} (DC ${hosted.dc.id}) did not start: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
      });
      // Awaited in `composed`; a failure before that must not count as unhandled.
      task.catch(() => {});
      this.composing.push(task);
    }
  }

  /** Resolves when every service can take calls. */
  async composed(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`not all services are up after ${COMPOSE_TIMEOUT_MS} ms`)), COMPOSE_TIMEOUT_MS);
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
    if (this.state === 'starting') return ['starting'];
    if (this.state === 'draining') return ['shutting down'];
    return this.running.flatMap((composed) => composed.unready());
  }

  /** Last composed first (the gateway stops taking queries before those that answer them go), within DRAIN_TIMEOUT_MS altogether. */
  async drain(): Promise<void> {
    if (this.state === 'draining') return;
    this.state = 'draining';
    const until = performance.now() + DRAIN_TIMEOUT_MS;
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

  private kitOf(service: string, hosted: HostedDc): ReturnType<typeof makeKit> {
    const { allDcs, network, endpoints, clock, log, telemetry, settings, env } = this.options;
    const { id } = hosted.dc;
    return makeKit({
      service,
      dc: hosted.dc,
      dcs: allDcs,
      ports: hosted.ports,
      keyring: () => {
        if (service === 'keyring') throw new Error('the key ring does not use itself');
        let keyring = this.keyrings.get(id);
        if (keyring === undefined) {
          keyring = keyringClient(network, id, service);
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
      announce: (facts) => {
        this.announced.set(id, facts);
      },
    });
  }
}
