import { KeyringUnavailable } from './errors';
import { createKeyringClient, type KeyLoader } from './keyring-client';

function countingLoader(): KeyLoader & { calls: string[]; fail: boolean } {
  const loader = {
    calls: [] as string[],
    fail: false,
    async secret(purpose: string) {
      loader.calls.push(purpose);
      return new Uint8Array(32).fill(7);
    },
    async dataKey(scope: string) {
      loader.calls.push(scope);
      if (loader.fail) throw new KeyringUnavailable('down');
      return { key: new Uint8Array(32).fill(scope.length), version: 1 };
    },
    async deleteDataKey(scope: string) {
      loader.calls.push(`delete ${scope}`);
    },
  };
  return loader;
}

test('a key is asked for once, however many want it at once', async () => {
  const loader = countingLoader();
  const keyring = createKeyringClient(loader);
  const [a, b] = await Promise.all([keyring.dataKey('user:1'), keyring.dataKey('user:1')]);
  expect(a).toBe(b);
  expect(await keyring.dataKey('user:1')).toBe(a);
  expect(loader.calls).toEqual(['user:1']);
});

test('a lease ends', async () => {
  const loader = countingLoader();
  let now = 0;
  const keyring = createKeyringClient(loader, { now: () => now, leaseMs: 1000 });
  await keyring.dataKey('user:1');
  now = 999;
  await keyring.dataKey('user:1');
  expect(loader.calls).toHaveLength(1);
  now = 1000;
  await keyring.dataKey('user:1');
  expect(loader.calls).toHaveLength(2);
});

test('the least recently used key goes first', async () => {
  const loader = countingLoader();
  const keyring = createKeyringClient(loader, { dataKeysMax: 2 });
  for (const scope of ['a', 'b', 'a', 'c', 'a', 'b']) await keyring.dataKey(scope);
  expect(loader.calls).toEqual(['a', 'b', 'c', 'b']);
});

test('a failure is told and not remembered', async () => {
  const loader = countingLoader();
  loader.fail = true;
  const keyring = createKeyringClient(loader);
  await expect(keyring.dataKey('user:1')).rejects.toBeInstanceOf(KeyringUnavailable);
  loader.fail = false;
  await expect(keyring.dataKey('user:1')).resolves.toMatchObject({ scope: 'user:1', version: 1 });
});

test('a deleted key is forgotten, also one that is on its way', async () => {
  const loader = countingLoader();
  const keyring = createKeyringClient(loader);
  const onItsWay = keyring.dataKey('user:1');
  await keyring.deleteDataKey('user:1');
  await onItsWay;
  await keyring.dataKey('user:1');
  expect(loader.calls).toEqual(['user:1', 'delete user:1', 'user:1']);
});

test('wiping a secret does not wipe the next one', async () => {
  const keyring = createKeyringClient(countingLoader());
  (await keyring.secret('salts')).fill(0);
  expect([...await keyring.secret('salts')]).toEqual(new Array(32).fill(7));
});
