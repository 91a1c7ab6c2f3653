import { CallError } from '@heliograph/service-kit/call-error';
import { AuthKey } from './auth-key';
import { AuthKeys, type AuthKeysDeps, KeyLookupError } from './auth-keys';
import { KEY_LOOKUPS_MAX } from './limits';

type Found = Awaited<ReturnType<AuthKeysDeps['auth']['findKey']>>;

let forgotten: AuthKey[];
let asked: bigint[];

/** `answers`: what auth knows, by key; a key that isn't there doesn't exist, `undefined` never answers. */
function openKeys(answers: Record<string, Partial<Found> | undefined | 'down'> = {}, keysMax?: number): AuthKeys {
  forgotten = [];
  asked = [];
  const findKey = (async ({ authKeyId }: { authKeyId: bigint }): Promise<Partial<Found>> => {
    asked.push(authKeyId);
    if (!(String(authKeyId) in answers)) return { found: false };
    const answer = answers[String(authKeyId)];
    if (answer === 'down') throw new CallError('UNAVAILABLE', 'down');
    if (answer === undefined) return new Promise(() => undefined);
    return { found: true, authKey: new Uint8Array(256), expiresAt: 0, permanentKeyId: authKeyId, userId: 0n, bot: false, layer: 0, ...answer };
  }) as unknown as AuthKeysDeps['auth']['findKey'];
  return new AuthKeys({ auth: { findKey }, now: () => 1_000, onForget: (key) => forgotten.push(key) }, keysMax);
}

const permanent = (id: bigint): AuthKey => new AuthKey(id, new Uint8Array(256), 0);

test('a key is looked up once, however many ask', async () => {
  const keys = openKeys({ 5: { userId: 9n, layer: 200 } });
  const [one, two] = await Promise.all([keys.find(5n), keys.find(5n)]);
  expect(one).toBe(two);
  expect(await keys.find(5n)).toBe(one);
  expect(asked).toEqual([5n]);
  expect(one?.login).toMatchObject({ permanentKeyId: 5n, userId: 9, layer: 200, checkedAt: 1_000 });
});

test('a key that does not exist is not remembered; one that is no key counts as none', async () => {
  const keys = openKeys({ 6: { authKey: new Uint8Array(255) } });
  expect(await keys.find(5n)).toBeUndefined();
  expect(await keys.find(6n)).toBeUndefined();
  expect(await keys.find(5n)).toBeUndefined();
  expect([asked.length, keys.size]).toEqual([3, 0]);
});

test('an auth service that fails says nothing about the key', async () => {
  const keys = openKeys({ 5: 'down' });
  await expect(keys.find(5n)).rejects.toThrow(KeyLookupError);
  await expect(keys.find(5n)).rejects.toThrow(KeyLookupError);
  expect(asked.length).toBe(2);
});

test('lookups under way are bounded', async () => {
  const keys = openKeys(Object.fromEntries(Array.from({ length: KEY_LOOKUPS_MAX }, (_, index) => [String(index + 1), undefined])));
  for (let id = 1n; id <= BigInt(KEY_LOOKUPS_MAX); id++) void keys.find(id);
  await expect(keys.find(999_999n)).rejects.toThrow(KeyLookupError);
});

test('temporary keys share the login of the permanent key that they are bound to, and part with it', async () => {
  const keys = openKeys({ 5: { userId: 9n }, 7: { expiresAt: 2_000, permanentKeyId: 5n, userId: 9n }, 8: { expiresAt: 2_000, permanentKeyId: 0n } });
  const [own, bound, unbound] = await Promise.all([keys.find(5n), keys.find(7n), keys.find(8n)]);
  expect(bound?.login).toBe(own?.login);
  expect(unbound?.login).toBeUndefined();
  keys.bind(unbound as AuthKey, 5n);
  expect(keys.login(5n)?.keys).toEqual([own, bound, unbound]);
  keys.bind(unbound as AuthKey, 6n);
  expect([keys.login(5n)?.keys, keys.login(6n)?.keys]).toEqual([[own, bound], [unbound]]);
  keys.forget(unbound as AuthKey);
  expect([keys.login(6n), forgotten]).toEqual([undefined, [unbound]]);
});

test('refresh learns of a login elsewhere, and forgets nothing when the key is gone', async () => {
  const answers: Record<string, Partial<Found>> = { 5: {} };
  const keys = openKeys(answers);
  const key = await keys.find(5n) as AuthKey;
  answers['5'] = { userId: 9n, bot: true, layer: 200 };
  await keys.refresh(key);
  expect(key.login).toMatchObject({ userId: 9, bot: true, layer: 200 });
  delete answers['5'];
  await keys.refresh(key);
  expect(key.login).toMatchObject({ userId: 9 });
});

test('at the bound the key unused for longest goes; keys with connections stay', () => {
  const keys = openKeys({}, 3);
  const [one, two, three, four, five] = [1n, 2n, 3n, 4n, 5n].map(permanent) as [AuthKey, AuthKey, AuthKey, AuthKey, AuthKey];
  for (const key of [one, two, three]) keys.add(key);
  one.connections = 1;
  keys.touch(two);
  keys.add(four);
  expect(forgotten).toEqual([three]);
  for (const key of [two, four]) key.connections = 1;
  keys.add(five);
  expect([forgotten, keys.size]).toEqual([[three], 4]);
});

test('adding a key that is there keeps the one that is used', () => {
  const keys = openKeys();
  const first = keys.add(permanent(5n));
  expect(keys.add(permanent(5n))).toBe(first);
});
