import { KeyringService } from '@heliograph/protos/heliograph/keyring/v1/keyring_pb';
import { eventually } from '@heliograph/testing/eventually';
import { freePort } from '@heliograph/testing/free-port';
import { openTcpProxy } from '@heliograph/testing/tcp-proxy';
import { movedError } from './call-error';
import { GrpcNetwork } from './grpc-network';
import type { GrpcDirectory } from './grpc-directory';
import type { Client, Logger } from './kit';
import { holderOfSlice, sliceOf } from './slices';

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const at = { dc: 2, service: 'server', owner: undefined };
const KEYS = Array.from({ length: 64 }, (_, n) => (2 ** 20 + n) * 32 + 2);

/** Replicas that own slices, and say so, as a message store does. */
class Replicas {
  readonly ports: number[] = [];
  readonly networks = new Map<number, GrpcNetwork>();
  /** Which replica owns a slice; undefined: it is being handed over. */
  owner: (slice: number) => number | undefined = (slice) => slice % this.ports.length;
  /** Keys that each replica answered, and turned away. */
  readonly answered = new Map<number, number[]>();
  turnedAway = 0;

  readonly directory: GrpcDirectory = {
    toldApart: () => true,
    replicas: () => this.ports.length,
    target: async (_dc, _desc, _owner, replica) => `ipv4:127.0.0.1:${this.ports[replica]}`,
    listening() {},
  };

  async start(replica: number): Promise<void> {
    const network = new GrpcNetwork({ log: () => silent, directory: this.directory, port: this.ports[replica] ??= await freePort() });
    this.networks.set(replica, network);
    network.serve(at, KeyringService, {
      // The scope carries the key, so that the test sees who answered it.
      deleteDataKey: async ({ scope }) => {
        const owner = this.owner(sliceOf(Number(scope)));
        if (scope !== '' && owner !== replica) {
          this.turnedAway += 1;
          throw movedError(owner);
        }
        const keys = this.answered.get(replica) ?? [];
        this.answered.set(replica, [...keys, Number(scope)]);
        return {};
      },
      getSecret: async () => ({}),
      getDataKey: async () => ({}),
    });
    await network.listen();
  }

  async stop(replica: number): Promise<void> {
    await this.networks.get(replica)?.close();
    this.networks.delete(replica);
  }
}

jest.setTimeout(30_000);

describe('calls to replicas', () => {
  let replicas: Replicas;
  let network: GrpcNetwork;
  let client: Client<typeof KeyringService>;
  beforeEach(async () => {
    replicas = new Replicas();
    for (let replica = 0; replica < 3; replica += 1) await replicas.start(replica);
    network = new GrpcNetwork({ log: () => silent, directory: replicas.directory, unreachedWaitMs: 10_000 });
    client = network.client(at, KeyringService);
  });
  afterEach(async () => {
    await network.close();
    for (const replica of [...replicas.networks.keys()]) await replicas.stop(replica);
  });
  const callAll = (deadlineMs = 15_000): Promise<unknown> => Promise.all(KEYS.map((key) => client.deleteDataKey({ scope: String(key) }, { routeKey: key, deadlineMs })));
  const answeredBy = (replica: number): number[] => replicas.answered.get(replica) ?? [];

  test('a key goes to its slice’s home, whoever else could be asked', async () => {
    await callAll();
    expect(replicas.turnedAway).toBe(0);
    for (const replica of [0, 1, 2]) expect(answeredBy(replica).every((key) => sliceOf(key) % 3 === replica)).toBe(true);
    expect([0, 1, 2].flatMap(answeredBy)).toHaveLength(KEYS.length);
  });

  test('who is turned away goes to the owner that is named, and remembers it', async () => {
    replicas.owner = () => 1;
    await callAll();
    expect(answeredBy(1)).toHaveLength(KEYS.length);
    const before = replicas.turnedAway;
    expect(before).toBeGreaterThan(0);
    await callAll();
    expect(replicas.turnedAway).toBe(before);
  });

  test('a slice between owners is waited for', async () => {
    let owner: number | undefined;
    replicas.owner = () => owner;
    const calls = callAll();
    setTimeout(() => { owner = 2; }, 300);
    await calls;
    expect(answeredBy(2)).toHaveLength(KEYS.length);
  });

  test('but not beyond the deadline, and the caller learns that nothing was done', async () => {
    replicas.owner = () => undefined;
    await expect(client.deleteDataKey({ scope: '5' }, { routeKey: 5, deadlineMs: 200 })).rejects.toMatchObject({ code: 'UNAVAILABLE', delivered: false, outcomeUnknown: false, moved: undefined });
  });

  test('a dead owner’s keys go on at the one that takes its slices', async () => {
    await callAll();
    replicas.answered.clear();
    await replicas.stop(1);
    replicas.owner = (slice) => holderOfSlice(slice, [0, 2], 3);
    await callAll();
    expect([0, 2].flatMap(answeredBy)).toHaveLength(KEYS.length);
  });

  test('an owner that stands still, its connections open, is not waited for once another has its slices', async () => {
    const proxy = await openTcpProxy({ target: { host: '127.0.0.1', port: replicas.ports[1] as number } });
    const through = new GrpcNetwork({ log: () => silent, unreachedWaitMs: 15_000, directory: { ...replicas.directory, target: async (_dc, _desc, _owner, replica) => `ipv4:127.0.0.1:${replica === 1 ? proxy.port : replicas.ports[replica]}` } });
    try {
      const caller = through.client(at, KeyringService);
      const key = KEYS.find((one) => sliceOf(one) % 3 === 1) as number;
      const call = (signal?: AbortSignal): Promise<unknown> => caller.deleteDataKey({ scope: String(key) }, { routeKey: key, deadlineMs: 20_000, signal });
      await call();
      proxy.set({ cut: true });
      // Its fate is not known: it stays with whom it went to.
      const lost = call().catch(() => {});
      replicas.owner = () => 2;
      const from = performance.now();
      // As a client that gives up and asks again.
      await eventually(() => call(AbortSignal.timeout(1_000)).then(() => true, () => false), { timeoutMs: 15_000 });
      expect(performance.now() - from).toBeLessThan(9_000);
      expect(answeredBy(2)).toContain(key);
      proxy.clear();
      await lost;
    } finally {
      await through.close();
      await proxy.close();
    }
  });

  test('a call without a key goes round, and past the dead', async () => {
    for (let turn = 0; turn < 6; turn += 1) await client.deleteDataKey({});
    expect([0, 1, 2].map((replica) => answeredBy(replica).length)).toEqual([2, 2, 2]);
    await replicas.stop(0);
    replicas.answered.clear();
    for (let turn = 0; turn < 6; turn += 1) await client.deleteDataKey({});
    expect(answeredBy(1).length + answeredBy(2).length).toBe(6);
  });

  test('a service that starts anew is waited for', async () => {
    for (const replica of [0, 1, 2]) await replicas.stop(replica);
    const calls = callAll();
    setTimeout(() => { void replicas.start(0).then(() => replicas.start(1)).then(() => replicas.start(2)); }, 300);
    await calls;
    expect([0, 1, 2].flatMap(answeredBy)).toHaveLength(KEYS.length);
  });
});
