import { eventually } from '@heliograph/testing/eventually';
import { openTcpProxy, type TcpProxy } from '@heliograph/testing/tcp-proxy';
import { Redis } from 'ioredis';
import { describeEphemeralContract } from './contract';
import type { Ephemeral } from './ephemeral';
import { EphemeralUnavailable } from './errors';
import { COMMAND_TIMEOUT_MS, COMMANDS_WAITING_BYTES_MAX, RECONNECT_DELAY_MS_MAX, SILENCE_MS_MAX, VALUE_BYTES_MAX } from './limits';
import { openRedis } from './redis';

/** The real engine: HELIOGRAPH_REDIS, as for a service. Keys of this suite have names of their own; what else is there stays. */
const url = new URL(process.env['HELIOGRAPH_REDIS'] ?? 'redis://127.0.0.1:6379/0');
const server = { host: url.hostname, port: Number(url.port) };
const through = (proxy: TcpProxy): string => `redis://127.0.0.1:${proxy.port}${url.pathname}`;
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));
const unique = (): string => `engine-test:${process.pid}:${performance.now()}`;

const proxies: TcpProxy[] = [];
const newProxy = async (): Promise<TcpProxy> => {
  const proxy = await openTcpProxy({ target: server });
  proxies.push(proxy);
  return proxy;
};
afterEach(async () => {
  for (const proxy of proxies.splice(0)) await proxy.close();
});

/** Resolves when both stores can be written to and hear what either publishes. */
async function untilWorking(stores: readonly Ephemeral[]): Promise<void> {
  for (const from of stores) for (const to of stores) await eventually(() => hears(from, to), { what: 'a working connection' });
}

/** Resolves, to true, when `to` has heard what `from` published before. */
async function hears(from: Ephemeral, to: Ephemeral): Promise<boolean> {
  const channel = unique();
  let heard: () => void = () => undefined;
  const marker = new Promise<void>((resolve) => {
    heard = resolve;
  });
  const subscription = await to.subscribe(channel, heard);
  await from.publish(channel, bytes('marker'));
  await marker;
  await subscription.close();
  return true;
}

describeEphemeralContract('redis', async () => {
  const [proxy, otherProxy] = [await newProxy(), await newProxy()];
  const [ephemeral, other] = [await openRedis({ url: through(proxy) }), await openRedis({ url: through(otherProxy) })];
  return {
    ephemeral,
    other,
    now: () => performance.now(),
    pass: (ms) => new Promise((resolve) => {
      setTimeout(resolve, ms);
    }),
    unitMs: 300,
    // Redis counts whole milliseconds, by a clock of its own.
    toleranceMs: 3,
    heard: async () => {
      // Each store's messages come on one connection, in order.
      for (const from of [ephemeral, other]) for (const to of [ephemeral, other]) await hears(from, to);
    },
    reconnect: async () => {
      const came = [proxy.came, otherProxy.came];
      proxy.reset();
      otherProxy.reset();
      await eventually(() => proxy.came > (came[0] as number) && otherProxy.came > (came[1] as number), { what: 'new connections' });
      await untilWorking([ephemeral, other]);
    },
  };
});

describe('redis, hurt', () => {
  let proxy: TcpProxy;
  let store: Ephemeral;
  /** What was said of losses and returns. */
  const told: string[] = [];
  const tell = (_fields: object, text: string): void => void told.push(...(/is lost|is back/.exec(text) ?? []));
  beforeEach(async () => {
    told.length = 0;
    proxy = await newProxy();
    store = await openRedis({ url: through(proxy), log: { info: tell, warn: tell } });
  });
  afterEach(() => store.close());
  const elapsed = async (work: Promise<unknown>): Promise<number> => {
    const began = performance.now();
    await expect(work).rejects.toBeInstanceOf(EphemeralUnavailable);
    return performance.now() - began;
  };

  test('a server that hangs: calls fail within their time, then at once, and work again by themselves', async () => {
    await store.set(unique(), bytes('v'), 1000);
    proxy.set({ cut: true });
    expect(await elapsed(store.get('k'))).toBeLessThan(COMMAND_TIMEOUT_MS + 500);
    await eventually(() => told.length > 0, { what: 'word of the loss' });
    for (let i = 0; i < 100; i++) expect(await elapsed(store.get('k'))).toBeLessThan(50);
    proxy.clear();
    const resumed = performance.now();
    await eventually(() => store.set(unique(), bytes('v'), 1000).then(() => true), { what: 'the store' });
    expect(performance.now() - resumed).toBeLessThan(RECONNECT_DELAY_MS_MAX + SILENCE_MS_MAX + 500);
    expect(told).toEqual(['is lost', 'is back']);
  });

  test('a server that is gone: calls fail at once, and work again by themselves', async () => {
    proxy.refuse(true);
    const before = store.get('k').catch((error: unknown) => error);
    proxy.reset();
    expect(await before).toBeInstanceOf(EphemeralUnavailable);
    for (let i = 0; i < 100; i++) expect(await elapsed(store.increment('c', 1, 1000))).toBeLessThan(50);
    await expect(store.subscribe('ch', () => undefined)).rejects.toBeInstanceOf(EphemeralUnavailable);
    const attempts = proxy.came;
    proxy.clear();
    await eventually(() => store.get('k').then(() => true), { what: 'the store' });
    expect(proxy.came - attempts).toBeLessThan(10);
  });

  test('an increment is never sent twice', async () => {
    const key = unique();
    // Lost between the server's deed and its answer.
    proxy.tap({
      back: (_chunk, connection) => {
        connection.reset();
        return false;
      },
    });
    await elapsed(store.increment(key, 1, 60_000));
    proxy.tap(undefined);
    expect(await eventually(() => store.increment(key, 1, 60_000), { what: 'the store' })).toMatchObject({ value: 2 });
  });

  test('a connection of subscriptions that died without a word is noticed', async () => {
    const other = await openRedis({ url: url.href });
    const heard: string[] = [];
    const channel = unique();
    await store.subscribe(channel, (message) => heard.push(Buffer.from(message).toString()));
    const { came } = proxy;
    proxy.set({ cut: true });
    await eventually(() => proxy.came > came, { timeoutMs: 10_000, what: 'a new connection' });
    proxy.clear();
    await eventually(async () => {
      await other.publish(channel, bytes('again'));
      return heard.length > 0;
    }, { timeoutMs: 10_000, intervalMs: 50, what: 'the subscription' });
    await other.close();
  }, 20_000);

  test('more than may wait fails at once', async () => {
    await store.get('k');
    proxy.set({ cut: true });
    const value = new Uint8Array(VALUE_BYTES_MAX);
    const count = COMMANDS_WAITING_BYTES_MAX / VALUE_BYTES_MAX;
    const waiting = Array.from({ length: count }, () => elapsed(store.set('large', value, 1000)));
    expect(await elapsed(store.set('large', value, 1000))).toBeLessThan(500);
    expect(await elapsed(store.get('k'))).toBeGreaterThan(100);
    expect(Math.max(...await Promise.all(waiting))).toBeLessThan(COMMAND_TIMEOUT_MS + 1000);
  });

  test('all of it may vanish, scripts too', async () => {
    const key = unique();
    await store.increment(key, 5, 60_000);
    const admin = new Redis(url.href);
    await admin.script('FLUSH');
    // FLUSHALL, as far as this suite's own keys go: the server may be somebody else's as well.
    await admin.del(key);
    await admin.quit();
    expect(await store.increment(key, 1, 60_000)).toEqual({ value: 1, ttlLeftMs: 60_000 });
    await store.setAdd(`${key}:set`, ['a'], 60_000);
    expect(await store.setMembers(`${key}:set`)).toEqual(['a']);
  });

  test('closing ends it: what was sent is answered, what comes then fails', async () => {
    const key = unique();
    const counted = Array.from({ length: 50 }, () => store.increment(key, 1, 60_000));
    await store.close();
    await store.close();
    expect((await Promise.all(counted)).at(-1)).toMatchObject({ value: 50 });
    await expect(store.get(key)).rejects.toBeInstanceOf(EphemeralUnavailable);
    await expect(store.subscribe('ch', () => undefined)).rejects.toBeInstanceOf(EphemeralUnavailable);
    await eventually(() => proxy.connections === 0, { what: 'closed connections' });
  });
});

describe('redis, refused at the start', () => {
  const admin = new Redis(url.href, { lazyConnect: true });
  afterAll(() => admin.quit());
  const user = `contract${process.pid}`;
  const refusal = async (address: string): Promise<Error> => {
    const outcome = await openRedis({ url: address }).then(() => new Error('opened'), (error: Error) => error);
    expect(outcome.message).not.toContain('s3cret');
    return outcome;
  };
  const at = (login: string, path = '/0'): string => `redis://${login}${server.host}:${server.port}${path}`;

  test.each(['', 'localhost', 'http://localhost', 'redis://', 'redis://host/zero', 'redis://:s3cret@/0'])('the address %p', async (address) => {
    expect(await refusal(address)).toMatchObject({ name: 'EphemeralRefused', message: expect.stringContaining('HELIOGRAPH_REDIS') });
  });

  test('a database that is not there, a wrong password', async () => {
    expect(await refusal(at('', '/99999'))).toMatchObject({ name: 'EphemeralRefused', message: expect.stringContaining('/0') });
    expect(await refusal(at('nobody:s3cret@'))).toMatchObject({ name: 'EphemeralRefused', message: expect.stringContaining('password') });
  });

  test('nobody there, soon', async () => {
    const began = performance.now();
    expect(await refusal('redis://127.0.0.1:1/0')).toBeInstanceOf(EphemeralUnavailable);
    const proxy = await newProxy();
    proxy.set({ cut: true });
    expect(await refusal(through(proxy))).toBeInstanceOf(EphemeralUnavailable);
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  test('a user with the rights that the documentation names is enough', async () => {
    await admin.call('ACL', 'SETUSER', user, 'on', '>s3cret', 'resetkeys', 'resetchannels', '~*', '&*', '+@all', '-@dangerous', '+info');
    const store = await openRedis({ url: at(`${user}:s3cret@`) });
    const key = unique();
    await store.set(key, bytes('v'), 1000);
    await store.setIfAbsent(key, bytes('v'), 1000);
    await store.get(key);
    await store.delete(key);
    await store.increment(key, 1, 1000);
    await store.setAdd(`${key}:set`, ['a'], 1000);
    await store.setRemove(`${key}:set`, ['a']);
    await store.setMembers(`${key}:set`);
    expect(await hears(store, store)).toBe(true);
    await admin.call('ACL', 'SETUSER', user, '-set');
    await expect(store.set(key, bytes('v'), 1000)).rejects.toThrow(/give its user the rights/);
    await store.close();
    await admin.call('ACL', 'DELUSER', user);
  });
});
