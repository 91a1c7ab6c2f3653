import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@heliograph/testing/free-port';
import { createTestKit, type TestKit } from '@heliograph/testing/test-kit';
import { GatewayService } from '@heliograph/protos/heliograph/gateway/v1/gateway_pb';
import { LocalNetwork } from '@heliograph/service-kit/local-network';
import type { Address, Network } from '@heliograph/service-kit/network';
import type { Clock, Logger } from '@heliograph/service-kit/kit';
import { gatewayService } from '../gateway.module';
import { type FakeKey, FakeServices } from './fake-services';
import { RawClient } from './raw-client';

/** A gateway on a port of its own with fake services behind it. */
export interface GatewayFixture {
  readonly services: FakeServices;
  readonly port: number;
  readonly kit: TestKit;
  /** A client under that key (default: a new one that nobody is logged in under), connected, its salt right. */
  client(key?: FakeKey): Promise<RawClient>;
  close(): Promise<void>;
}

/** Gateways of one data center, each a process of its own as far as it can tell. */
export interface GatewaysFixture {
  readonly services: FakeServices;
  readonly ports: readonly number[];
  readonly kits: readonly TestKit[];
  /** A client of the gateway in that place. */
  client(place: number, key?: FakeKey): Promise<RawClient>;
  /** Ends that gateway as SIGTERM does. */
  drain(place: number): Promise<void>;
  close(): Promise<void>;
}

/** Shared by all tests on this machine: making a key takes a second of CPU. */
const KEY_FILE = join(tmpdir(), 'heliograph-test-rsa.pem');

export async function startGateway(options: { settings?: Record<string, string>; clock?: Clock } = {}): Promise<GatewayFixture> {
  const port = await freePort();
  const services = new FakeServices();
  const kit = await createTestKit({ dcs: [{ id: 2, host: '127.0.0.1', port }], keyring: services.keyring, settings: { RSA_KEY_FILE: KEY_FILE, ...options.settings }, clock: options.clock });
  await kit.start(services.service, gatewayService);
  const clients: RawClient[] = [];
  return {
    services, port, kit,
    client: async (key = services.addKey()) => {
      const client = await new RawClient(key, port).connect();
      client.clockSkewS = ((options.clock?.now() ?? Date.now()) - Date.now()) / 1_000;
      clients.push(client);
      return client.settle();
    },
    close: async () => {
      for (const client of clients) client.close();
      await kit.close();
    },
  };
}

const quiet: Logger = { debug() {}, info() {}, warn() {}, error: (fields, message) => console.error(message, fields) };

/** The network as the gateway in one place sees it: what gateways serve is told apart by their place. */
function networkOf(shared: LocalNetwork, place: number, count: number): Network {
  const at = (address: Address, replica: number): Address => ({ ...address, dc: 1_000 + replica });
  return {
    serve: (address, desc, handlers) => shared.serve(desc.typeName === GatewayService.typeName ? at(address, place) : address, desc, handlers),
    client: (address, desc) => shared.client(desc.typeName === GatewayService.typeName ? at(address, address.replica ?? 0) : address, desc),
    replicas: (_, desc) => (desc.typeName === GatewayService.typeName ? count : 1),
    listen: () => shared.listen(),
    drain: async () => undefined,
    close: async () => undefined,
  };
}

export async function startGateways(count: number, options: { settings?: Record<string, string> } = {}): Promise<GatewaysFixture> {
  const services = new FakeServices();
  const shared = new LocalNetwork({ log: () => quiet });
  const behind = await createTestKit({ keyring: services.keyring, network: shared });
  await behind.start(services.service);
  const ports = await Promise.all(Array.from({ length: count }, () => freePort()));
  const kits = await Promise.all(ports.map(async (port, place) => createTestKit({
    dcs: [{ id: 2, host: '127.0.0.1', port }], keyring: services.keyring, settings: { RSA_KEY_FILE: KEY_FILE, ...options.settings },
    network: networkOf(shared, place, count), ports: behind.ports, replica: { index: place, count, alone: false },
  })));
  await Promise.all(kits.map((kit) => kit.start(gatewayService)));
  const clients: RawClient[] = [];
  const running = new Set(kits);
  const drain = async (kit: TestKit): Promise<void> => {
    if (running.delete(kit)) await kit.close();
  };
  return {
    services, ports, kits,
    client: async (place, key = services.addKey()) => {
      const client = await new RawClient(key, ports[place] as number).connect();
      clients.push(client);
      return client.settle();
    },
    drain: (place) => drain(kits[place] as TestKit),
    close: async () => {
      for (const client of clients) client.close();
      await Promise.all(kits.map(drain));
      await behind.close();
    },
  };
}
