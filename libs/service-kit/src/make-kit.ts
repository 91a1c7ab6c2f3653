import { randomBytes } from 'node:crypto';
import type { Ports } from './ports';
import type { Client, Clock, ConnectFacts, DataCenter, Kit, Logger, PortName, Replica, Telemetry } from './kit';
import type { Endpoints } from './endpoints';
import type { Settings } from './kit-settings';
import { addressKey, type Network } from './network';
import type { Keyring } from '@heliograph/crypto/keyring';

/** What a service registered while it composed; the process asks and runs it. */
export interface Composed {
  readonly service: string;
  readonly dc: number;
  /** Why the service is not ready; empty when it is. */
  unready(): string[];
  /** Runs the service's drain tasks, last registered first; each failure is logged and the next still runs. */
  drain(): Promise<void>;
}

export interface KitOptions {
  service: string;
  /** Whether the process has begun to end. Default: it has not. */
  stopping?: () => boolean;
  dc: DataCenter;
  dcs: readonly DataCenter[];
  /** Those that the service uses. */
  ports: Partial<Ports>;
  /** Default: the only one. */
  replica?: Replica;
  /** Given lazily: the key ring's client calls a service that may not be composed yet. */
  keyring: () => Keyring;
  clock: Clock;
  log: Logger;
  telemetry: Telemetry;
  settings: Settings;
  network: Network;
  endpoints: Endpoints;
  announce(facts: ConnectFacts): void;
  random?: (bytes: number) => Uint8Array;
  /** Default: it is. */
  clockIsRight?: () => boolean;
}

const ALONE: Replica = { index: 0, count: 1, alone: true };

/** Makes one service's Kit and the record of what it registers. */
export function makeKit(options: KitOptions): { kit: Kit; composed: Composed } {
  const { service, dc, dcs, ports, clock, log, telemetry, settings, network, endpoints } = options;
  const checks: (() => string | undefined)[] = [];
  const tasks: (() => Promise<void>)[] = [];
  const replicas = new Map<string, readonly unknown[]>();
  const port = <N extends PortName>(name: N): Ports[N] => {
    const opened = ports[name];
    if (opened === undefined) throw new Error(`${service} uses its ${name} and does not say so in its definition`);
    return opened as Ports[N];
  };
  const kit: Kit = {
    service,
    replica: options.replica ?? ALONE,
    dc,
    dcs,
    get storage() {
      return port('storage');
    },
    get eventLog() {
      return port('eventLog');
    },
    get ephemeral() {
      return port('ephemeral');
    },
    get blob() {
      return port('blob');
    },
    get keyring() {
      return options.keyring();
    },
    clock,
    clockIsRight: options.clockIsRight ?? (() => true),
    log,
    telemetry,
    random: options.random ?? ((bytes) => randomBytes(bytes)),
    setting: settings,
    announce: (facts) => options.announce(facts),
    serve: (desc, handlers, { owner } = {}) => network.serve({ dc: dc.id, service, owner }, desc, handlers),
    client: (desc, { owner, dc: other } = {}) => network.client({ dc: other ?? dc.id, service, owner }, desc),
    replicas: (desc, { owner, dc: other } = {}) => {
      const address = { dc: other ?? dc.id, service, owner };
      const count = network.replicas(address, desc);
      const key = addressKey(address.dc, desc, owner);
      let known = replicas.get(key) ?? [];
      if (known.length !== count) {
        // A new list, as callers may be going through the one before.
        known = Array.from({ length: count }, (_, replica) => known[replica] ?? network.client({ ...address, replica }, desc));
        replicas.set(key, known);
      }
      return known as readonly Client<typeof desc>[];
    },
    http: (method, path, handler) => endpoints.add({ method, path, dc: dc.id, service, handler }),
    readiness: (check) => void checks.push(check),
    get stopping() {
      return options.stopping?.() ?? false;
    },
    onDrain: (task) => void tasks.push(task),
  };
  const composed: Composed = {
    service,
    dc: dc.id,
    unready: () => checks.map((check) => check()).filter((reason) => reason !== undefined).map((reason) => `${service}: ${reason}`),
    drain: async () => {
      for (const task of tasks.reverse()) {
        try {
          await task();
        } catch (error) {
          log.error({ err: error }, 'drain task failed');
        }
      }
    },
  };
  return { kit, composed };
}
