import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@heliograph/testing/free-port';
import { createTestKit, type TestKit } from '@heliograph/testing/test-kit';
import type { Clock } from '@heliograph/service-kit/kit';
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
