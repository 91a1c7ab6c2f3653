import { FanoutService } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';
import { KeyringService } from '@heliograph/protos/heliograph/keyring/v1/keyring_pb';
import { eventually } from '@heliograph/testing/eventually';
import { CallError } from './call-error';
import type { Handlers, Logger } from './kit';
import { LocalNetwork } from './local-network';
import { networkContract } from './network-contract';

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

networkContract('in-process calls', () => Promise.resolve(new LocalNetwork({ log: () => silent })));

const handlers = (over: Partial<Handlers<typeof KeyringService>> = {}): Handlers<typeof KeyringService> => ({
  getSecret: async () => ({ secret: new Uint8Array(32) }),
  getDataKey: async () => ({ key: new Uint8Array(32), version: 1 }),
  deleteDataKey: async () => ({}),
  ...over,
});

describe('in-process calls only', () => {
  test('a call made before the contract is served waits for it, within its deadline', async () => {
    const network = new LocalNetwork({ log: () => silent });
    const client = network.client({ dc: 2, service: 'test', owner: undefined }, KeyringService);
    const early = client.getDataKey({ scope: 'user:1' });
    await expect(client.getSecret({ purpose: 'x' }, { deadlineMs: 30 })).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED', delivered: false });
    network.serve({ dc: 2, service: 'keyring', owner: undefined }, KeyringService, handlers());
    await expect(early).resolves.toMatchObject({ version: 1 });
  });

  test('serving a contract without one of its methods is refused', () => {
    const network = new LocalNetwork({ log: () => silent });
    const { getSecret } = handlers();
    expect(() => network.serve({ dc: 2, service: 'keyring', owner: undefined }, KeyringService, { getSecret } as unknown as Handlers<typeof KeyringService>)).toThrow('without getDataKey');
  });

  test('one owner answers for its own contract', async () => {
    const network = new LocalNetwork({ log: () => silent });
    for (const [owner, version] of [['a', 1], ['b', 2]] as const) {
      network.serve({ dc: 2, service: owner, owner }, KeyringService, handlers({ getDataKey: async () => ({ version }) }));
    }
    expect(await network.client({ dc: 2, service: 'test', owner: 'b' }, KeyringService).getDataKey({})).toMatchObject({ version: 2 });
  });

  test('a drained service refuses new calls and finishes those in flight', async () => {
    const network = new LocalNetwork({ log: () => silent });
    let release = (): void => {};
    network.serve({ dc: 2, service: 'keyring', owner: undefined }, KeyringService, handlers({
      getDataKey: () => new Promise((resolve) => { release = () => resolve({ version: 7 }); }),
    }));
    const client = network.client({ dc: 2, service: 'test', owner: undefined }, KeyringService);
    const running = client.getDataKey({});
    let drained = false;
    const draining = network.drain(2, 'keyring', 5_000).then(() => { drained = true; });
    await expect(client.getSecret({})).rejects.toMatchObject({ code: 'UNAVAILABLE', delivered: false });
    expect(drained).toBe(false);
    release();
    await draining;
    expect(await running).toMatchObject({ version: 7 });
  });

  test('a drained service ends its streams', async () => {
    const network = new LocalNetwork({ log: () => silent });
    network.serve({ dc: 2, service: 'fanout', owner: undefined }, FanoutService, {
      attach: async function* attach(requests) {
        yield { pushes: [] };
        for await (const _request of requests) { /* until the end */ }
      },
      publish: async () => ({}),
    });
    const never = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) };
    const frames = network.client({ dc: 2, service: 'test', owner: undefined }, FanoutService).attach(never)[Symbol.asyncIterator]();
    await frames.next();
    const ending = expect(frames.next()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await network.drain(2, 'fanout', 5_000);
    await ending;
  });

  test('a stream handler that nobody reads is held back by the buffer', async () => {
    const network = new LocalNetwork({ log: () => silent });
    let made = 0;
    network.serve({ dc: 2, service: 'fanout', owner: undefined }, FanoutService, {
      attach: async function* attach() {
        for (;;) {
          made += 1;
          yield { pushes: [] };
        }
      },
      publish: async () => ({}),
    });
    const client = network.client({ dc: 2, service: 'test', owner: undefined }, FanoutService);
    const responses = client.attach((async function* none() {})())[Symbol.asyncIterator]();
    await responses.next();
    await eventually(() => made > 10);
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(made).toBeLessThan(40);
    await responses.return?.();
  });

  test('the abort signal carries the reason', async () => {
    const network = new LocalNetwork({ log: () => silent });
    let reason: unknown;
    network.serve({ dc: 2, service: 'keyring', owner: undefined }, KeyringService, handlers({
      getDataKey: (_request, context) => new Promise((resolve) => {
        context.signal.addEventListener('abort', () => {
          reason = context.signal.reason;
          resolve({});
        });
      }),
    }));
    const client = network.client({ dc: 2, service: 'test', owner: undefined }, KeyringService);
    await expect(client.getDataKey({}, { deadlineMs: 20 })).rejects.toBeInstanceOf(CallError);
    expect(reason).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  });
});
