import { writeObject } from '@heliograph/tl/writer';
import { eventually } from '@heliograph/testing/eventually';
import { CONSTRUCTOR } from './domain/constructors';
import { TlBytes } from './domain/tl-bytes';
import { TlCursor } from './domain/tl-cursor';
import { type GatewaysFixture, startGateways } from './testing/gateway-fixture';
import type { RawClient } from './testing/raw-client';

jest.setTimeout(30_000);

const NEAREST_DC = writeObject({ _: 'help.getNearestDc' }, 'newest');
const APP_UPDATE = writeObject({ _: 'help.getAppUpdate', source: '' }, 'newest');
const GET_STATE = writeObject({ _: 'updates.getState' }, 'newest');
const STATE = { _: 'updates.state' as const, pts: 1, qts: 0, date: 0, seq: 0, unread_count: 0 };
const UPDATES_TOO_LONG = 0xe317af7e;
const ping = (): Buffer => new TlBytes(12).uint32(CONSTRUCTOR.ping).long(9n).done();

let fixture: GatewaysFixture;
beforeEach(async () => {
  fixture = await startGateways(2);
  fixture.services.on('help.getNearestDc', () => ({ _: 'nearestDc' as const, country: 'NL', this_dc: 2, nearest_dc: 2 }));
  fixture.services.on('updates.getState', () => STATE);
});
afterEach(() => fixture.close());

/** Goes on at another gateway, with the same key and session. */
async function moveTo(client: RawClient, place: number): Promise<void> {
  client.close();
  client.port = fixture.ports[place] as number;
  await client.connect();
}

const badMessage = async (client: RawClient, id: bigint): Promise<number> => {
  const { body } = await client.wait((message) => message.constructor === CONSTRUCTOR.bad_msg_notification && new TlCursor(message.body, 4).long() === id);
  return body.readUInt32LE(16);
};

/** Asks for a sign of life under a sequence number that any session takes. */
async function pong(client: RawClient): Promise<void> {
  const id = client.send(ping(), { seqNo: 0 });
  await client.wait(({ constructor, body }) => constructor === CONSTRUCTOR.pong && new TlCursor(body, 4).long() === id);
}

describe('a session that comes to another gateway', () => {
  test('goes on there: same salt, no new_session_created, sequence numbers continue; and back again', async () => {
    const client = await fixture.client(0);
    await client.result(client.send(NEAREST_DC));
    const before = client.received.length;
    for (const place of [1, 0, 1]) {
      await moveTo(client, place);
      await client.result(client.send(NEAREST_DC));
    }
    expect(new Set(client.all(CONSTRUCTOR.new_session_created).map(({ id }) => id)).size).toBe(1);
    const constructors = client.received.slice(before).map(({ constructor }) => constructor);
    expect(constructors).not.toContain(CONSTRUCTOR.bad_server_salt);
    expect(constructors).not.toContain(CONSTRUCTOR.bad_msg_notification);
    const seqNos = client.all(CONSTRUCTOR.rpc_result).map(({ seqNo }) => seqNo);
    expect([...new Set(seqNos)]).toEqual([...new Set(seqNos)].sort((a, b) => a - b));
  });

  test('does not take a message twice, at whichever gateway it is replayed', async () => {
    const client = await fixture.client(0);
    const id = client.send(NEAREST_DC);
    const seqNo = client.seqNo * 2 - 1;
    await client.result(id);
    const before = fixture.services.called.length;
    for (const place of [1, 0]) {
      await moveTo(client, place);
      client.send(NEAREST_DC, { id, seqNo });
      await client.ping();
    }
    expect(fixture.services.called.length).toBe(before);
    expect(await badMessage(client, client.sendContainer([client.part(ping())], { id: client.sendContainer([client.part(ping())]) }))).toBe(19);
  });

  test('is sent again there what it had not acknowledged, and told what it may have missed', async () => {
    const client = await fixture.client(0, fixture.services.addKey({ userId: 7 }));
    await client.result(client.send(GET_STATE));
    const query = client.send(NEAREST_DC);
    await client.result(query);
    const answer = client.all(CONSTRUCTOR.rpc_result).find(({ body }) => new TlCursor(body, 4).long() === query)!;
    client.received.length = 0;
    await moveTo(client, 1);
    client.send(ping(), { seqNo: client.nextSeqNo(false) });
    await client.result(query);
    expect(client.received.some(({ id }) => id === answer.id)).toBe(true);
    await client.next(UPDATES_TOO_LONG);
    await eventually(() => fixture.services.online.has(7));
    client.received.length = 0;
    fixture.services.push({ userIds: [7n], what: { case: 'updates', value: writeObject({ _: 'updatesTooLong' }, 'newest') } });
    await client.next(UPDATES_TOO_LONG);
  });

  test('gets the answer to a query that was under way, or 500 when it takes too long', async () => {
    const releases: (() => void)[] = [];
    fixture.services.on('help.getAppUpdate', () => new Promise((resolve) => { releases.push(() => resolve({ _: 'help.noAppUpdate' })); }));
    const client = await fixture.client(0);
    const quick = client.send(APP_UPDATE);
    await eventually(() => releases.length === 1);
    await moveTo(client, 1);
    const pinged = client.ping();
    releases[0]?.();
    await pinged;
    expect((await client.result(quick)).readUInt32LE(0)).not.toBe(CONSTRUCTOR.rpc_error);
    const slow = client.send(APP_UPDATE);
    await eventually(() => releases.length === 2);
    await moveTo(client, 0);
    await client.ping();
    expect(await client.error(slow)).toBe('500 RPC_CALL_FAIL');
  });

  test('may be at both by turns without closing anything', async () => {
    const key = fixture.services.addKey({ userId: 8 });
    const [here, there] = [await fixture.client(0, key), await fixture.client(1, key)];
    there.sessionId = here.sessionId;
    for (let round = 0; round < 4; round++) {
      for (const client of [here, there]) {
        client.lastId = here.lastId > there.lastId ? here.lastId : there.lastId;
        await pong(client);
      }
    }
    expect([here.closed, there.closed]).toEqual([false, false]);
  });

  test('whose gateway is gone is new, but refuses what that one received', async () => {
    const client = await fixture.client(0);
    const id = client.send(NEAREST_DC);
    await client.result(id);
    await fixture.drain(0);
    await eventually(() => client.closed);
    await moveTo(client, 1);
    const before = fixture.services.called.length;
    client.send(NEAREST_DC, { id, seqNo: client.seqNo * 2 - 1 });
    expect(await badMessage(client, id)).toBe(20);
    await client.result(client.send(NEAREST_DC));
    expect(fixture.services.called.length).toBe(before + 1);
    expect(new Set(client.all(CONSTRUCTOR.new_session_created).map(({ id }) => id)).size).toBe(2);
  });

  test('is handed over by a gateway that drains, while that one still answers what is under way', async () => {
    let release = (): void => undefined;
    fixture.services.on('help.getAppUpdate', () => new Promise((resolve) => { release = () => resolve({ _: 'help.noAppUpdate' }); }));
    const [busy, idle] = [await fixture.client(0), await fixture.client(0)];
    const query = busy.send(APP_UPDATE);
    const seen = idle.send(NEAREST_DC);
    await idle.result(seen);
    await eventually(() => fixture.services.called.includes('help.getAppUpdate'));
    const drained = fixture.drain(0);
    await eventually(() => idle.closed);
    await moveTo(idle, 1);
    await idle.result(idle.send(NEAREST_DC));
    expect(new Set(idle.all(CONSTRUCTOR.new_session_created).map(({ id }) => id)).size).toBe(1);
    release();
    expect((await busy.result(query)).readUInt32LE(0)).not.toBe(CONSTRUCTOR.rpc_error);
    await eventually(() => busy.closed);
    await drained;
  });

  test('is taken once by two gateways to which its first message comes at the same time', async () => {
    for (let round = 0; round < 8; round++) {
      const key = fixture.services.addKey({ userId: 20 + round });
      const [here, there] = [await fixture.client(0, key), await fixture.client(1, key)];
      here.sessionId = there.sessionId = BigInt(round + 1);
      const before = fixture.services.called.length;
      const id = here.send(NEAREST_DC, { seqNo: 1 });
      there.send(NEAREST_DC, { id, seqNo: 1, salt: here.salt });
      const answered = [here, there].map((client) => client.result(id));
      await Promise.any(answered);
      for (const client of [here, there]) await pong(client);
      for (const never of answered) never.catch(() => undefined);
      expect(fixture.services.called.length).toBe(before + 1);
    }
  });

  test('costs one step of the ephemeral store when it is new, and none for messages and for coming back', async () => {
    const { ephemeral } = (fixture.kits[0] as unknown as { ports: { ephemeral: Record<string, unknown> } }).ports;
    const steps: string[] = [];
    for (const [name, step] of Object.entries(ephemeral)) if (typeof step === 'function') ephemeral[name] = (...given: unknown[]) => (steps.push(name), step(...given));
    const client = await fixture.client(0);
    for (let count = 0; count < 5; count++) await client.result(client.send(NEAREST_DC));
    for (let count = 0; count < 3; count++) {
      await moveTo(client, 0);
      await client.result(client.send(NEAREST_DC));
    }
    expect(steps).toEqual(['exchange']);
  });

  test('is new when the ephemeral store is lost, or silent', async () => {
    const client = await fixture.client(0);
    const { ephemeral } = (fixture.kits[0] as { ports: { ephemeral: { exchange: unknown } } }).ports;
    ephemeral.exchange = () => new Promise(() => undefined);
    await moveTo(client, 1);
    await client.result(client.send(NEAREST_DC));
    ephemeral.exchange = () => Promise.reject(new Error('down'));
    await moveTo(client, 0);
    await client.result(client.send(NEAREST_DC));
  });
});

test('destroy_session ends a session at another gateway', async () => {
  const key = fixture.services.addKey();
  const [here, there] = [await fixture.client(0, key), await fixture.client(1, key)];
  const destroy = (id: bigint): Buffer => new TlBytes(12).uint32(CONSTRUCTOR.destroy_session).long(id).done();
  here.send(destroy(there.sessionId));
  await here.next(CONSTRUCTOR.destroy_session_ok);
  here.send(destroy(there.sessionId));
  await here.next(CONSTRUCTOR.destroy_session_none);
  there.received.length = 0;
  await there.ping();
  await there.next(CONSTRUCTOR.new_session_created);
});

describe('what happened at another gateway', () => {
  test('a login is known at the next query', async () => {
    const key = fixture.services.addKey();
    const [here, there] = [await fixture.client(0, key), await fixture.client(1, key)];
    expect(await there.error(there.send(GET_STATE))).toBe('401 AUTH_KEY_UNREGISTERED');
    fixture.services.on('auth.signIn', (_, { change }) => {
      key.userId = 9;
      change({ case: 'loggedIn', value: { userId: 9n, bot: false, homeDc: 2 } });
      return { _: 'auth.authorization' as const, user: { _: 'userEmpty' as const, id: 9 } };
    });
    await here.result(here.send(writeObject({ _: 'auth.signIn', phone_number: '1', phone_code_hash: '1', phone_code: '1' }, 'newest')));
    await there.result(there.send(GET_STATE));
  });

  test('a binding is known at the next query', async () => {
    const permanent = fixture.services.addKey({ userId: 10 });
    const temporary = fixture.services.addKey({ expiresAt: Math.floor(Date.now() / 1_000) + 3_600, permanentKeyId: 0n });
    const there = await fixture.client(1, temporary);
    expect(await there.error(there.send(GET_STATE))).toBe('401 AUTH_KEY_PERM_EMPTY');
    Object.assign(temporary, { permanentKeyId: permanent.id, userId: 10 });
    await there.result(there.send(GET_STATE));
  });

  test('a revoked login ends everywhere, and its client is told', async () => {
    const key = fixture.services.addKey({ userId: 11 });
    const both = [await fixture.client(0, key), await fixture.client(1, key)];
    for (const client of both) await client.result(client.send(GET_STATE));
    Object.assign(key, { userId: 0, revoked: true });
    fixture.services.push({ userIds: [], what: { case: 'authKeyRevoked', value: key.id } });
    for (const client of both) await eventually(() => client.closed);
    for (const client of both) {
      await client.connect();
      expect(await client.error(client.send(GET_STATE))).toBe('401 SESSION_REVOKED');
    }
  });

  test('auth that does not answer is no verdict about a login', async () => {
    const client = await fixture.client(0);
    fixture.services.authDown = true;
    expect(await client.error(client.send(GET_STATE))).toBe('500 RPC_CALL_FAIL');
  });
});
