import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { KeyringService } from '@heliograph/protos/heliograph/keyring/v1/keyring_pb';
import { HomeService } from '@heliograph/protos/heliograph/users/v1/homes_pb';
import type { ServiceDefinition } from '@heliograph/service-kit/kit';
import { LocalNetwork } from '@heliograph/service-kit/local-network';
import { fakeClock } from '@heliograph/testing/fake-clock';
import { createTestKit, type TestKit } from '@heliograph/testing/test-kit';
import { AuditLog } from './audit-log';
import { brokenLink } from './domain/audit-chain';
import { keyringService } from './keyring.module';
import { dataKeys } from './tables/data-keys';
import { keyAudit } from './tables/key-audit';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const user = (n: number, dc: number): number => (2 ** 20 + n) * 32 + dc;

describe('one DC', () => {
  let kit: TestKit;
  beforeEach(async () => {
    kit = await createTestKit({ log: quiet });
    await kit.start(keyringService);
  });
  afterEach(() => kit.close());

  const client = () => kit.kit('caller').client(KeyringService);

  test('a key is made once, and many that ask at once get the same', async () => {
    const scope = `user:${user(1, 2)}`;
    const answers = await Promise.all(Array.from({ length: 20 }, () => client().getDataKey({ scope })));
    expect(answers[0]?.key).toHaveLength(32);
    expect(answers[0]?.version).toBe(1);
    expect(new Set(answers.map(({ key }) => Buffer.from(key).toString('hex'))).size).toBe(1);
    const other = await client().getDataKey({ scope: `user:${user(2, 2)}` });
    expect(Buffer.from(other.key)).not.toEqual(Buffer.from(answers[0]?.key as Uint8Array));
  });

  test('what is stored is wrapped', async () => {
    const scope = `user:${user(1, 2)}`;
    const { key } = await client().getDataKey({ scope });
    const row = await kit.ports.storage.get(dataKeys, { scope: `key:${scope}` });
    expect(row?.wrapped).toHaveLength(1 + 12 + 32 + 16);
    expect(Buffer.from(row?.wrapped as Uint8Array).includes(Buffer.from(key))).toBe(false);
  });

  test('a key that was moved to another scope does not open', async () => {
    await client().getDataKey({ scope: `user:${user(1, 2)}` });
    const row = await kit.ports.storage.get(dataKeys, { scope: `key:user:${user(1, 2)}` });
    await kit.ports.storage.put(dataKeys, { scope: `key:user:${user(2, 2)}`, version: 1, wrapped: row?.wrapped as Uint8Array });
    await expect(client().getDataKey({ scope: `user:${user(2, 2)}` })).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  test('services seal and open through their client of it', async () => {
    const { keyring } = kit.kit('users');
    const key = await keyring.dataKey(`user:${user(1, 2)}`);
    expect(Buffer.from(key.open(key.seal(Buffer.from('text'), 'here'), 'here')).toString()).toBe('text');
    expect(await keyring.secret('access-hash')).toHaveLength(32);
    await keyring.deleteDataKey(`user:${user(1, 2)}`);
    const sealed = key.seal(Buffer.from('text'), 'here');
    const next = await keyring.dataKey(`user:${user(1, 2)}`);
    expect(() => next.open(sealed, 'here')).toThrow('changed');
  });

  test('a secret is one per purpose', async () => {
    const [a, b, c] = await Promise.all(['salts', 'salts', 'access-hash'].map((purpose) => client().getSecret({ purpose })));
    expect(Buffer.from(a?.secret as Uint8Array)).toEqual(Buffer.from(b?.secret as Uint8Array));
    expect(Buffer.from(a?.secret as Uint8Array)).not.toEqual(Buffer.from(c?.secret as Uint8Array));
  });

  test.each(['', 'chat:1', 'x'.repeat(129), 'dialog:9:8'])('scope %p is refused', async (scope) => {
    await expect(client().getDataKey({ scope })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(client().deleteDataKey({ scope })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  test('keys of the whole system are not deleted, and those of other DCs are not given', async () => {
    await expect(client().deleteDataKey({ scope: 'auth-keys' })).rejects.toMatchObject({ code: 'FAILED_PRECONDITION' });
    await expect(client().getDataKey({ scope: `user:${user(1, 3)}` })).rejects.toMatchObject({ code: 'FAILED_PRECONDITION' });
    await expect(client().getDataKey({ scope: `dialog:${user(1, 3)}:${user(2, 2)}` })).rejects.toMatchObject({ code: 'FAILED_PRECONDITION' });
    await expect(client().getSecret({ purpose: 'Not a purpose' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

test('keys outlive a restart, and a region key that others may read stops the start', async () => {
  const first = await createTestKit();
  await first.start(keyringService);
  const scope = 'auth-keys';
  const made = await first.kit('caller').client(KeyringService).getDataKey({ scope });
  const { folder, ports } = first;
  const second = await createTestKit({ folder, ports });
  await second.start(keyringService);
  expect(Buffer.from((await second.kit('caller').client(KeyringService).getDataKey({ scope })).key)).toEqual(Buffer.from(made.key));
  chmodSync(join(folder, 'region-key'), 0o644);
  const third = await createTestKit({ folder, ports });
  await expect(third.start(keyringService)).rejects.toThrow(/chmod 600/);
  await third.close();
  await second.close();
  await first.close();
});

test('an agent with another region key than the data was written under does not start', async () => {
  const first = await createTestKit();
  await first.start(keyringService);
  const second = await createTestKit({ ports: first.ports });
  await expect(second.start(keyringService)).rejects.toThrow(/is not the one that the keys of DC 2 are wrapped under.*HELIOGRAPH_REGION_KEY_FILE/);
  const third = await createTestKit({ ports: first.ports, settings: { REGION_KEY_FILE: join(first.folder, 'region-key') } });
  await third.start(keyringService);
  for (const kit of [third, second, first]) await kit.close();
});

describe('two DCs', () => {
  const dcs = [{ id: 1, host: '127.0.0.1', port: 4431 }, { id: 2, host: '127.0.0.1', port: 4432 }];
  let one: TestKit;
  let two: TestKit;
  /** Who lives elsewhere than their id says. */
  let moved: Map<number, number>;
  beforeEach(async () => {
    const network = new LocalNetwork({ log: () => quiet });
    one = await createTestKit({ dcs, network });
    two = await createTestKit({ dcs: [...dcs].reverse(), network });
    moved = new Map();
    const users: ServiceDefinition = {
      name: 'users',
      compose: async (kit) => kit.serve(HomeService, {
        findHomes: async ({ userIds }) => ({ homes: userIds.map((id) => ({ dc: moved.get(Number(id)) ?? Number(id) % 32, moved: moved.has(Number(id)) })) }),
        reloadHomes: async () => ({}),
        takeUser: async () => ({}),
      }),
    };
    await one.start(keyringService, users);
    await two.start(keyringService, users);
  });
  afterEach(async () => {
    await two.close();
    await one.close();
  });
  const keyIn = async (kit: TestKit, scope: string) => Buffer.from((await kit.kit('caller').client(KeyringService).getDataKey({ scope })).key).toString('hex');

  test('a DC seals its side of a chat under its own key, and the other keeps a copy of it', async () => {
    for (const scope of [`dialog:${user(1, 1)}:${user(2, 2)}:1`, `dialog:${user(1, 1)}:${user(2, 2)}:2`, `dialog:${user(1, 1)}:${user(2, 2)}`, `dialog:${user(1, 2)}:${user(2, 1)}`]) {
      expect(await keyIn(two, scope)).toBe(await keyIn(one, scope));
      const rows = await Promise.all([one, two].map((kit) => kit.ports.storage.get(dataKeys, { scope: `key:${scope}` })));
      expect(Buffer.from(rows[0]?.wrapped as Uint8Array)).not.toEqual(Buffer.from(rows[1]?.wrapped as Uint8Array));
    }
  });

  test('the directory’s key and secrets are the same in all DCs, others differ', async () => {
    expect(await keyIn(two, 'directory')).toBe(await keyIn(one, 'directory'));
    expect(await keyIn(two, 'auth-keys')).not.toBe(await keyIn(one, 'auth-keys'));
    const secret = async (kit: TestKit, asked: string) => Buffer.from((await kit.kit('caller').client(KeyringService).getSecret({ purpose: asked })).secret).toString('hex');
    expect(await secret(two, 'directory-phones')).toBe(await secret(one, 'directory-phones'));
    expect(await secret(two, 'access-hash')).not.toBe(await secret(one, 'access-hash'));
  });

  test('the keys of somebody who moved are found wherever they are, and made where they live', async () => {
    const [ann, ben] = [user(1, 2), user(2, 2)];
    const own = `user:${ann}`;
    const before = await keyIn(two, own);
    moved.set(ann, 1);
    expect(await keyIn(one, own)).toBe(before);
    await two.kit('caller').client(KeyringService).deleteDataKey({ scope: own, hereOnly: true });
    moved.set(ann, 2);
    // Back where the id says: not a second key of the same name.
    expect(await keyIn(two, own)).toBe(before);
    moved.set(ann, 1);
    const side = `dialog:${ann}:${ben}:1`;
    expect(await keyIn(two, side)).toBe(await keyIn(one, side));
    await two.kit('caller').client(KeyringService).deleteDataKey({ scope: side, hereOnly: true });
    expect(await two.ports.storage.get(dataKeys, { scope: `key:${side}` })).toBeUndefined();
  });

  test('a key that is asked for only if it is here is neither made nor fetched', async () => {
    const scope = `dialog:${user(1, 1)}:${user(2, 2)}:1`;
    await keyIn(one, scope);
    await expect(two.kit('caller').client(KeyringService).getDataKey({ scope, storedOnly: true })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await two.kit('caller').keyring.findDataKey(scope)).toBeUndefined();
    expect((await one.kit('caller').keyring.findDataKey(scope))?.scope).toBe(scope);
  });

  test.each(['access-hash', 'invite-links'])('%s are made with one secret in all DCs', async (purpose) => {
    const secret = async (kit: TestKit, asked: string) => Buffer.from((await kit.kit('caller').client(KeyringService).getSecret({ purpose: asked })).secret).toString('hex');
    expect(await secret(two, `${purpose}-of-1`)).toBe(await secret(one, purpose));
    expect(await secret(two, `${purpose}-of-2`)).toBe(await secret(two, purpose));
    await expect(secret(two, `${purpose}-of-3`)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  test('what a DC seals in a group it seals under its own key, which every other DC has a copy of', async () => {
    const group = user(3, 1);
    for (const dc of [1, 2]) {
      const scope = `group:${group}:${dc}`;
      expect(await keyIn(two, scope)).toBe(await keyIn(one, scope));
    }
    expect(await keyIn(one, `group:${group}:1`)).not.toBe(await keyIn(one, `group:${group}:2`));
    await expect(keyIn(one, `group:${group}:3`)).rejects.toMatchObject({ code: 'FAILED_PRECONDITION' });
    await one.kit('caller').client(KeyringService).deleteDataKey({ scope: `group:${group}:1` });
    for (const kit of [one, two]) expect(await kit.ports.storage.get(dataKeys, { scope: `key:group:${group}:1` })).toBeUndefined();
  });

  test.each([0, 1])('deleting from either side deletes both copies', async (side) => {
    const scope = `dialog:${user(1, 1)}:${user(2, 2)}`;
    const before = await keyIn(two, scope);
    await ([one, two][side] as TestKit).kit('caller').client(KeyringService).deleteDataKey({ scope });
    for (const kit of [one, two]) expect(await kit.ports.storage.get(dataKeys, { scope: `key:${scope}` })).toBeUndefined();
    expect(await keyIn(one, scope)).not.toBe(before);
  });
});

test('a key of a group comes from the group’s home rather than from the DC that made it', async () => {
  const dcs = [1, 2, 3].map((id) => ({ id, host: '127.0.0.1', port: 4430 + id }));
  const network = new LocalNetwork({ log: () => quiet });
  const order = (id: number) => [...dcs.filter((dc) => dc.id === id), ...dcs.filter((dc) => dc.id !== id)];
  const kits = await Promise.all(dcs.map(({ id }) => createTestKit({ dcs: order(id), network, log: quiet })));
  const [home, maker, reader] = kits as [TestKit, TestKit, TestKit];
  for (const kit of kits) await kit.start(keyringService);
  const keyIn = async (kit: TestKit, scope: string) => Buffer.from((await kit.kit('caller').client(KeyringService).getDataKey({ scope })).key).toString('hex');
  const scope = `group:${user(1, 1)}:2`;
  const made = await keyIn(maker, scope);
  expect(await keyIn(home, scope)).toBe(made);
  // Nobody could ask the maker for it now.
  await maker.kit('caller').client(KeyringService).deleteDataKey({ scope, hereOnly: true });
  expect(await keyIn(reader, scope)).toBe(made);
  for (const kit of kits) await kit.close();
});

test('the audit chain counts, links over agents and days, and shows a changed row', async () => {
  const kit = await createTestKit();
  await kit.ports.storage.ensureTables([keyAudit]);
  const clock = fakeClock();
  const agents = [0, 1].map(() => new AuditLog({ storage: kit.ports.storage, clock, log: quiet }));
  const day = Math.floor(clock.now() / 86_400_000);
  for (let i = 0; i < 6; i++) {
    const agent = agents[i % 2] as AuditLog;
    agent.record('made', 'user:1');
    for (let n = 0; n < i; n++) agent.record('unwrapped', 'user:1');
    await agent.flush();
    await agent.flush();
    if (i === 3) await clock.advance(2 * 86_400_000);
  }
  const rows = [day, day + 2].map((on) => kit.ports.storage.range(keyAudit, { day: on }, { limit: 10 }));
  const chain = (await Promise.all(rows)).flat().map(({ number, at, counts, digest, previous, hash }) => ({ number, at: at as number, counts: counts as string, digest: digest as Uint8Array, previous: previous as Uint8Array, hash: hash as Uint8Array }));
  expect(chain.map(({ number, counts }) => [number, counts])).toEqual([[1, 'made=1'], [2, 'made=1 unwrapped=1'], [3, 'made=1 unwrapped=2'], [4, 'made=1 unwrapped=3'], [5, 'made=1 unwrapped=4'], [6, 'made=1 unwrapped=5']]);
  expect(brokenLink(chain)).toBeUndefined();
  expect(brokenLink(chain.map((row) => (row.number === 3 ? { ...row, counts: 'made=1' } : row)))).toBe(3);
  expect(brokenLink(chain.filter((row) => row.number !== 3))).toBe(4);
  await kit.close();
});
