import type { Updates } from '@heliograph/tl/api';
import { readObject } from '@heliograph/tl/reader';
import { writeObject } from '@heliograph/tl/writer';
import { eventually } from '@heliograph/testing/eventually';
import { CONSTRUCTOR } from './domain/constructors';
import { TlBytes } from './domain/tl-bytes';
import type { FakeKey } from './testing/fake-services';
import { type GatewayFixture, startGateway } from './testing/gateway-fixture';
import type { RawClient } from './testing/raw-client';

jest.setTimeout(20_000);

let fixture: GatewayFixture;
beforeAll(async () => {
  fixture = await startGateway();
  fixture.services.on('updates.getState', () => STATE);
  fixture.services.on('help.getNearestDc', () => ({ _: 'nearestDc' as const, country: 'NL', this_dc: 2, nearest_dc: 2 }));
});
afterAll(() => fixture.close());

const GET_STATE = writeObject({ _: 'updates.getState' }, 'newest');
const NEAREST_DC = writeObject({ _: 'help.getNearestDc' }, 'newest');
const STATE = { _: 'updates.state' as const, pts: 1, qts: 0, date: 1, seq: 1, unread_count: 0 };
const UPDATES_TOO_LONG = 0xe317af7e;
const UPDATES = 0x74ae4240;
const UPDATE_SHORT = 0x78d4dec1;
let userId = 1_000;

/** An update that mentions another user. */
const named = (pts: number, about = 5): Uint8Array => writeObject({ _: 'updates', updates: [{ _: 'updateReadHistoryInbox', peer: { _: 'peerUser', user_id: about }, max_id: pts, still_unread_count: 0, pts, pts_count: 1 }], users: [], chats: [], date: 1, seq: 0 }, 'newest');
/** An update that mentions nobody's name. */
const short = (pts: number): Uint8Array => writeObject({ _: 'updateShort', update: { _: 'updateDeleteMessages', messages: [pts], pts, pts_count: 1 }, date: 1 }, 'newest');
const ptsOf = (client: RawClient): number[] => client.received.filter(({ constructor }) => constructor === UPDATES || constructor === UPDATE_SHORT).map(({ body }) => {
  const updates = readObject(body, 'Updates');
  const update = updates._ === 'updateShort' ? updates.update : (updates as Updates).updates[0];
  return (update as { pts: number }).pts;
});

function login(change: Partial<FakeKey> = {}): FakeKey {
  userId += 1;
  return fixture.services.addKey({ userId, ...change });
}
async function listening(key: FakeKey): Promise<RawClient> {
  const client = await fixture.client(key);
  await client.result(client.send(GET_STATE));
  await eventually(() => fixture.services.online.has(key.userId));
  return client;
}
const pushTo = (key: FakeKey, updates: Uint8Array, more: object = {}): void => fixture.services.push({ userIds: [BigInt(key.userId)], what: { case: 'updates', value: updates }, ...more });

test('an update arrives dressed for its viewer, in the order in which it was sent', async () => {
  const key = login();
  const client = await listening(key);
  for (let pts = 1; pts <= 20; pts++) pushTo(key, pts % 3 === 0 ? short(pts) : named(pts, 5 + pts));
  await eventually(() => ptsOf(client).length === 20);
  expect(ptsOf(client)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  const { body } = client.received.find(({ constructor }) => constructor === UPDATES) as { body: Buffer };
  expect((readObject(body, 'Updates') as Updates).users).toMatchObject([{ _: 'user', id: 6, first_name: 'User 6' }]);
});

test('one body for many sessions; each can open it', async () => {
  const keys = Array.from({ length: 12 }, () => login());
  const clients = await Promise.all(keys.map(listening));
  fixture.services.push({ userIds: keys.map((key) => BigInt(key.userId)), what: { case: 'updates', value: short(7) } });
  await Promise.all(clients.map((client) => eventually(() => ptsOf(client).includes(7))));
  // Sealed singly afterwards: the batch left every cipher where it belongs.
  await Promise.all(clients.map((client) => client.ping()));
});

test('a few bodies for many sessions: each gets them in order, in packets of their own; more come in a container', async () => {
  const keys = Array.from({ length: 6 }, () => login());
  const clients = await Promise.all(keys.map(listening));
  for (const count of [3, 20]) {
    const packets = clients.map((client) => client.packets);
    const userIds = keys.map((key) => BigInt(key.userId));
    fixture.services.push(...Array.from({ length: count }, (_, index) => ({ userIds, what: { case: 'updates' as const, value: short(100 * count + index) } })));
    const pts = Array.from({ length: count }, (_, index) => 100 * count + index);
    await Promise.all(clients.map((client) => eventually(() => ptsOf(client).includes(100 * count + count - 1))));
    for (const client of clients) expect(ptsOf(client).slice(-count)).toEqual(pts);
    for (const [index, client] of clients.entries()) expect(client.packets - (packets[index] as number)).toBeLessThanOrEqual(count === 3 ? 3 : 1);
    await Promise.all(clients.map((client) => client.ping()));
  }
});

test('each session gets its own layer', async () => {
  const key = login();
  const old = await fixture.client(key);
  await old.result(old.send(Buffer.concat([new TlBytes(8).uint32(CONSTRUCTOR.invokeWithLayer).uint32(198).done(), GET_STATE])));
  const fresh = await listening(key);
  await fresh.result(fresh.send(Buffer.concat([new TlBytes(8).uint32(CONSTRUCTOR.invokeWithLayer).uint32(229).done(), GET_STATE])));
  pushTo(key, named(3));
  await eventually(() => ptsOf(old).length === 1 && ptsOf(fresh).length === 1);
  const bodies = [old, fresh].map((client) => (client.received.find(({ constructor }) => constructor === UPDATES) as { body: Buffer }).body);
  const userIds = [0x4b46c37e, 0x31774388].map((constructor) => bodies.map((body) => body.indexOf(new TlBytes(4).uint32(constructor).done()) >= 0));
  expect(userIds.flat().filter(Boolean).length).toBeGreaterThan(0);
  expect(bodies[0]!.equals(bodies[1]!)).toBe(userIds[0]![0] === userIds[0]![1]);
});

describe('who is pushed to', () => {
  async function gets(client: RawClient, key: FakeKey, pts: number): Promise<boolean> {
    pushTo(key, short(pts));
    await client.ping();
    await client.ping();
    return ptsOf(client).includes(pts);
  }

  test('nobody before asking for the state or logging in', async () => {
    const key = login();
    await listening(key);
    const other = await fixture.client(key);
    await other.result(other.send(NEAREST_DC));
    expect(await gets(other, key, 11)).toBe(false);
    await other.result(other.send(GET_STATE));
    expect(await gets(other, key, 12)).toBe(true);
  });

  test('not who said invokeWithoutUpdates', async () => {
    const key = login();
    await listening(key);
    const files = await fixture.client(key);
    await files.result(files.send(Buffer.concat([new TlBytes(4).uint32(CONSTRUCTOR.invokeWithoutUpdates).done(), NEAREST_DC])));
    await files.result(files.send(writeObject({ _: 'users.getUsers', id: [] }, 'newest')));
    expect(await gets(files, key, 13)).toBe(false);
  });

  test('who logged in here, at once; who logged out, no more', async () => {
    userId += 1;
    const user = userId;
    const key = fixture.services.addKey();
    fixture.services.on('auth.signIn', (_, { change }) => {
      change({ case: 'loggedIn', value: { userId: BigInt(user) } });
      return { _: 'auth.authorization' as const, user: { _: 'userEmpty' as const, id: user } };
    });
    fixture.services.on('auth.logOut', (_, { change }) => {
      change({ case: 'loggedOut', value: {} });
      return { _: 'auth.loggedOut' as const };
    });
    const client = await fixture.client(key);
    await client.result(client.send(writeObject({ _: 'auth.signIn', phone_number: '1', phone_code_hash: '2', phone_code: '3' }, 'newest')));
    await eventually(() => fixture.services.online.has(user));
    expect(await gets(client, { ...key, userId: user }, 14)).toBe(true);
    await client.result(client.send(writeObject({ _: 'auth.logOut' }, 'newest')));
    await eventually(() => !fixture.services.online.has(user));
    expect(await gets(client, { ...key, userId: user }, 15)).toBe(false);
  });

  test('not the session whose call caused it', async () => {
    const key = login();
    const [one, two] = [await listening(key), await listening(key)];
    pushTo(key, short(16), { exceptAuthKeyId: key.id, exceptSessionId: one.sessionId });
    await eventually(() => ptsOf(two).includes(16));
    expect(ptsOf(one)).toEqual([]);
  });
});

test('updates that come while the state is being asked for follow its answer', async () => {
  const key = login();
  const client = await fixture.client(key);
  let answer = (): void => {};
  fixture.services.on('updates.getState', () => new Promise((resolve) => {
    answer = () => resolve(STATE);
  }));
  const query = client.send(GET_STATE);
  await client.ping();
  pushTo(key, short(20));
  await client.ping();
  expect(ptsOf(client)).toEqual([]);
  answer();
  fixture.services.on('updates.getState', () => STATE);
  await eventually(() => ptsOf(client).includes(20));
  const order = client.received.map(({ constructor }) => constructor);
  expect(order.indexOf(CONSTRUCTOR.rpc_result)).toBeLessThan(order.indexOf(UPDATE_SHORT));
  await client.result(query);
});

test('who was away is told to ask for the difference, over the same session', async () => {
  const key = login();
  const client = await listening(key);
  client.close();
  await eventually(() => !fixture.services.online.has(key.userId));
  pushTo(key, short(30));
  await client.connect();
  await client.ping();
  await client.next(UPDATES_TOO_LONG);
  expect(fixture.services.online.has(key.userId)).toBe(true);
  pushTo(key, short(31));
  await eventually(() => ptsOf(client).includes(31));
});

test('a library that asks only for what needs no login after a reconnect goes on receiving, in a new session', async () => {
  const key = login();
  const client = await listening(key);
  client.close();
  await eventually(() => !fixture.services.online.has(key.userId));
  client.sessionId += 1n;
  client.seqNo = 0;
  await client.connect();
  await client.result(client.send(NEAREST_DC));
  await eventually(() => fixture.services.online.has(key.userId));
  pushTo(key, short(32));
  await eventually(() => ptsOf(client).includes(32));
});

test('a broken stream from fanout comes back with all users, and clients look for what they missed', async () => {
  const key = login();
  const client = await listening(key);
  fixture.services.online.clear();
  fixture.services.breakStreams();
  await eventually(() => fixture.services.online.has(key.userId));
  await client.next(UPDATES_TOO_LONG);
  pushTo(key, short(33));
  await eventually(() => ptsOf(client).includes(33));
});

test('a revoked key loses its connections, and its login', async () => {
  const key = login();
  const client = await listening(key);
  key.userId = 0;
  const revokedUser = BigInt(userId);
  fixture.services.push({ userIds: [revokedUser], what: { case: 'authKeyRevoked', value: key.id } });
  await eventually(() => client.closed);
  await client.connect();
  expect(await client.error(client.send(GET_STATE))).toBe('401 AUTH_KEY_UNREGISTERED');
});

test('a reader that does not read is disconnected, its queue dropped, and finds the rest by the difference', async () => {
  const key = login();
  const client = await listening(key);
  client.pause();
  const large = writeObject({ _: 'updateShort', update: { _: 'updateDeleteMessages', messages: Array.from({ length: 60_000 }, (_, index) => index), pts: 50, pts_count: 1 }, date: 1 }, 'newest');
  for (let round = 0; round < 80 && fixture.services.online.has(key.userId); round++) {
    pushTo(key, large);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await eventually(() => !fixture.services.online.has(key.userId));
  await client.connect();
  await client.ping();
  await client.next(UPDATES_TOO_LONG);
});
