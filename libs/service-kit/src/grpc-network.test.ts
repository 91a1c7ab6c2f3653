import { credentials, Client as Channel } from '@grpc/grpc-js';
import { service as healthService } from 'grpc-health-check';
import { FanoutService } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';
import { KeyringService } from '@heliograph/protos/heliograph/keyring/v1/keyring_pb';
import { eventually } from '@heliograph/testing/eventually';
import { CallError } from './call-error';
import { loopbackDirectory, namedDirectory, serviceOf } from './grpc-directory';
import { GrpcNetwork } from './grpc-network';
import { RETRY_ATTEMPTS_MAX } from './limits';
import type { Handlers, Logger } from './kit';
import { networkContract } from './network-contract';

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const open = (directory = loopbackDirectory()): GrpcNetwork => new GrpcNetwork({ log: () => silent, directory });
const at = { dc: 2, service: 'server', owner: undefined };
const keyring = (over: Partial<Handlers<typeof KeyringService>> = {}): Handlers<typeof KeyringService> => ({ getSecret: async () => ({}), getDataKey: async () => ({}), deleteDataKey: async () => ({}), ...over });

networkContract('gRPC over loopback', () => Promise.resolve(open()));

describe('gRPC only', () => {
  const networks: GrpcNetwork[] = [];
  const network = (directory = loopbackDirectory()): GrpcNetwork => {
    const made = open(directory);
    networks.push(made);
    return made;
  };
  afterEach(async () => {
    for (const made of networks.splice(0)) await made.close();
  });

  test('a server that is not there is UNAVAILABLE, certainly not delivered, after bounded retries', async () => {
    const client = network(namedDirectory('ipv4:127.0.0.1:1')).client(at, KeyringService);
    const started = performance.now();
    await expect(client.getDataKey({}, { deadlineMs: 5_000 })).rejects.toMatchObject({ code: 'UNAVAILABLE', delivered: false });
    expect(performance.now() - started).toBeLessThan(4_000);
  });

  test('a handler’s UNAVAILABLE is not retried, for the call may have taken effect, unless that does no harm', async () => {
    const net = network();
    let calls = 0;
    const refuse = (): Promise<never> => {
      calls += 1;
      return Promise.reject(new CallError('UNAVAILABLE', 'no'));
    };
    net.serve(at, FanoutService, { attach: async function* attach() { /* nothing */ }, publish: refuse });
    await expect(net.client(at, FanoutService).publish({})).rejects.toMatchObject({ code: 'UNAVAILABLE', delivered: true });
    expect(calls).toBe(1);
    // An idempotent one is, a few times.
    net.serve(at, KeyringService, keyring({ getDataKey: refuse }));
    await expect(net.client(at, KeyringService).getDataKey({})).rejects.toMatchObject({ code: 'UNAVAILABLE', delivered: true });
    expect(calls).toBe(1 + RETRY_ATTEMPTS_MAX);
  });

  test('a client finds its server again after a restart', async () => {
    const first = network();
    first.serve(at, KeyringService, keyring({ getDataKey: async () => ({ version: 1 }) }));
    const port = await (first as unknown as { servers: Map<string, { listening: Promise<number> }> }).servers.get('2/server')?.listening as number;
    const client = network(namedDirectory(`ipv4:127.0.0.1:${port}`)).client(at, KeyringService);
    expect((await client.getDataKey({})).version).toBe(1);
    await first.close();
    const second = new GrpcNetwork({ log: () => silent, directory: loopbackDirectory(), port });
    networks.push(second);
    second.serve(at, KeyringService, keyring({ getDataKey: async () => ({ version: 2 }) }));
    await eventually(async () => (await client.getDataKey({}, { deadlineMs: 500 })).version === 2);
  });

  test('the health service tells whether it serves', async () => {
    const net = network();
    net.serve(at, KeyringService, keyring());
    const port = await (net as unknown as { servers: Map<string, { listening: Promise<number> }> }).servers.get('2/server')?.listening as number;
    const channel = new Channel(`127.0.0.1:${port}`, credentials.createInsecure());
    const { Check } = healthService as unknown as { Check: { path: string; requestSerialize(value: object): Buffer; responseDeserialize(bytes: Buffer): { status: string } } };
    const status = await new Promise<string>((resolve, reject) => {
      channel.makeUnaryRequest(Check.path, Check.requestSerialize, Check.responseDeserialize, { service: KeyringService.typeName }, (error, response) => (error === null ? resolve(response?.status ?? '') : reject(error)));
    });
    expect(status).toBe('SERVING');
    channel.close();
  });

  test('draining finishes calls in flight and ends streams', async () => {
    const net = network();
    let release: (() => void) | undefined;
    net.serve(at, KeyringService, keyring({ getDataKey: () => new Promise((resolve) => { release = () => resolve({ version: 7 }); }) }));
    net.serve(at, FanoutService, {
      attach: async function* attach(requests) {
        yield { pushes: [] };
        for await (const _request of requests) { /* until the end */ }
      },
      publish: async () => ({}),
    });
    const never = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) };
    const frames = net.client(at, FanoutService).attach(never)[Symbol.asyncIterator]();
    await frames.next();
    const running = net.client(at, KeyringService).getDataKey({});
    await eventually(() => release !== undefined);
    const ending = expect(frames.next()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    const draining = net.drain(2, 'server', 5_000);
    await ending;
    release?.();
    expect((await running).version).toBe(7);
    await draining;
  });

  test('four megabytes on one stream do not hold up another on the same connection', async () => {
    const net = network();
    net.serve(at, FanoutService, {
      attach: async function* attach() {
        for (let turn = 0; turn < 200; turn += 1) yield { pushes: [{ what: { case: 'updates' as const, value: new Uint8Array(16_000) } }] };
      },
      publish: async () => ({}),
    });
    const client = net.client(at, FanoutService);
    const stuck = client.attach((async function* none() {})())[Symbol.asyncIterator]();
    await stuck.next();
    // 3.2 MB wait unread on the first stream; a window of 64 KiB for the connection would stop this one.
    await client.publish({}, { deadlineMs: 2_000 });
    let frames = 0;
    for await (const _frame of client.attach((async function* none() {})(), { deadlineMs: 5_000 })) frames += 1;
    expect(frames).toBe(200);
    await stuck.return?.();
  });

  test.each([[KeyringService, undefined, 'keyring'], [FanoutService, undefined, 'fanout'], [KeyringService, 'users', 'users']] as const)('a contract is found at its service', (desc, owner, expected) => {
    expect(serviceOf(desc, owner)).toBe(expected);
  });
});
