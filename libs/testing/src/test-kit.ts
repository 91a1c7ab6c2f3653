import type { Keyring } from '@heliograph/crypto/keyring';
import { openEmbeddedPorts } from '@heliograph/service-kit/embedded-ports';
import { Endpoints, type HttpResponse } from '@heliograph/service-kit/endpoints';
import type { Clock, ConnectFacts, DataCenter, Kit, Logger, Replica, ServiceDefinition } from '@heliograph/service-kit/kit';
import { settingsOf, settingKey } from '@heliograph/service-kit/kit-settings';
import { keyringClient } from '@heliograph/service-kit/keyring-client';
import { LocalNetwork } from '@heliograph/service-kit/local-network';
import { type Composed, makeKit } from '@heliograph/service-kit/make-kit';
import type { Network } from '@heliograph/service-kit/network';
import type { Ports } from '@heliograph/service-kit/ports';
import { systemClock } from '@heliograph/service-kit/system-clock';
import { telemetryOff } from '@heliograph/service-kit/telemetry';
import { tempFolder } from './temp-folder';

export interface TestKitOptions {
  /** Default: DC 2 alone. The first is the DC of `kit()` and `start()` unless they name another. */
  dcs?: readonly DataCenter[];
  /** Default: this process's clock. */
  clock?: Clock;
  /** By name: `{ TEST_PHONES: '0' }`. DATA is set to the folder of the test. */
  settings?: Record<string, string>;
  /** Default: a fresh folder, removed by `close`. A given one stays, for tests of restarts. */
  folder?: string;
  /** Default: in-process calls. */
  network?: Network;
  /** Default: embedded ports in the folder. */
  ports?: Ports;
  /** Default: the client of the `keyring` service, which the test must start too. */
  keyring?: Keyring;
  /** Default: only errors, on stderr. */
  log?: Logger;
  /** Default: the only one, alone with its stores. */
  replica?: Replica;
}

/** Services in one process for tests: the kit that they get in production, over in-process calls and embedded ports in a temporary folder. */
export interface TestKit {
  readonly ports: Ports;
  readonly network: Network;
  readonly folder: string;
  /** What the gateway announced. */
  readonly announced: ConnectFacts[];
  /** A kit in the name of that service (default `test`). */
  kit(service?: string, dc?: number): Kit;
  /** Composes services, all at once as the process does. */
  start(...services: ServiceDefinition[]): Promise<void>;
  /** Asks an HTTP endpoint that a service registered; fails when there is none. */
  http(method: 'GET' | 'POST', path: string, request?: { query?: Record<string, string>; body?: string; headers?: Record<string, string> }): Promise<HttpResponse>;
  /** Why the started services are not ready. */
  unready(): string[];
  /** Drains what was started, closes the ports, removes the folder if it was made here. */
  close(): Promise<void>;
}

const quiet: Logger = {
  debug() {},
  info() {},
  warn() {},
  error: (fields, message) => console.error(message, fields),
};

export async function createTestKit(options: TestKitOptions = {}): Promise<TestKit> {
  const dcs = options.dcs ?? [{ id: 2, host: '127.0.0.1', port: 4430 }];
  const log = options.log ?? quiet;
  const temporary = options.folder === undefined ? tempFolder('kit') : undefined;
  const folder = options.folder ?? (temporary as { path: string }).path;
  const ports = options.ports ?? await openEmbeddedPorts({ folder, directory: `${folder}/directory` });
  const clock = options.clock ?? systemClock(() => log);
  const network = options.network ?? new LocalNetwork({ log: () => log });
  const endpoints = new Endpoints();
  const announced: ConnectFacts[] = [];
  const running: Composed[] = [];
  const own: Record<string, string> = { DATA: folder, DIRECTORY: `${folder}/directory`, HOST: '127.0.0.1', TEST_PHONES: '1' };
  for (const [name, value] of Object.entries(options.settings ?? {})) own[settingKey(name)] = value;
  const keyrings = new Map<number, Keyring>();

  const make = (service: string, dcId = (dcs[0] as DataCenter).id): { kit: Kit; composed: Composed } => {
    const dc = dcs.find((candidate) => candidate.id === dcId);
    if (dc === undefined) throw new Error(`no DC ${dcId} in this test`);
    return makeKit({
      service,
      dc,
      dcs,
      ports,
      replica: options.replica,
      keyring: () => {
        if (options.keyring !== undefined) return options.keyring;
        let keyring = keyrings.get(dcId);
        if (keyring === undefined) {
          keyring = keyringClient(network, dcId, service);
          keyrings.set(dcId, keyring);
        }
        return keyring;
      },
      clock,
      log,
      telemetry: telemetryOff,
      settings: settingsOf({ PORT: String(dc.port), ...own }, {}),
      network,
      endpoints,
      announce: (facts) => void announced.push(facts),
    });
  };

  return {
    ports,
    network,
    folder,
    announced,
    kit: (service = 'test', dc) => make(service, dc).kit,
    start: async (...services) => {
      await Promise.all(services.map(async (service) => {
        const { kit, composed } = make(service.name);
        running.push(composed);
        await service.compose(kit);
      }));
      await network.listen();
    },
    http: async (method, path, { query = {}, body = '', headers = {} } = {}) => {
      const answer = await endpoints.answer(method, path, { query: new URLSearchParams(query), body: Buffer.from(body), headers });
      if (answer === undefined) throw new Error(`nobody serves ${path}`);
      return answer;
    },
    unready: () => running.flatMap((composed) => composed.unready()),
    close: async () => {
      for (const composed of running.reverse()) await composed.drain();
      await network.close();
      if (options.ports === undefined) {
        await ports.eventLog.close();
        await ports.ephemeral.close();
        await ports.blob.close();
        await ports.storage.close();
      }
      temporary?.remove();
    },
  };
}
