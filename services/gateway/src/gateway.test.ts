import { gzipSync, deflateSync } from 'node:zlib';
import { RpcError } from '@heliograph/client-api/rpc-error';
import { readResult } from '@heliograph/tl/reader';
import { writeObject } from '@heliograph/tl/writer';
import { eventually as eventuallyTrue } from '@heliograph/testing/eventually';
import { CONSTRUCTOR } from './domain/constructors';
import { bytesFieldSize, TlBytes } from './domain/tl-bytes';
import { TlCursor } from './domain/tl-cursor';
import { REPLAY_WINDOW_IDS } from './limits';
import { type GatewayFixture, startGateway } from './testing/gateway-fixture';
import { RawClient, type Received } from './testing/raw-client';

jest.setTimeout(20_000);

let fixture: GatewayFixture;
beforeAll(async () => {
  fixture = await startGateway();
  fixture.services.on('help.getNearestDc', () => ({ _: 'nearestDc' as const, country: 'NL', this_dc: 2, nearest_dc: 2 }));
});
afterAll(() => fixture.close());

const NEAREST_DC = writeObject({ _: 'help.getNearestDc' }, 'newest');
const GET_STATE = writeObject({ _: 'updates.getState' }, 'newest');
const u32 = (...values: number[]): Buffer => values.reduce((out, value) => out.uint32(value), new TlBytes(values.length * 4)).done();
const long = (value: bigint): Buffer => new TlBytes(8).long(value).done();
const str = (value: Uint8Array): Buffer => new TlBytes(bytesFieldSize(value.length)).bytesField(value).done();
const ping = (id = 9n): Buffer => Buffer.concat([u32(CONSTRUCTOR.ping), long(id)]);
const longs = (constructor: number, ids: bigint[]): Buffer => new TlBytes(12 + 8 * ids.length).uint32(constructor).longs(ids).done();

const badMessage = async (client: RawClient, id: bigint): Promise<number> => {
  const { body } = await client.wait((message) => message.constructor === CONSTRUCTOR.bad_msg_notification && new TlCursor(message.body, 4).long() === id);
  return body.readUInt32LE(16);
};

test('answers a query', async () => {
  const client = await fixture.client();
  const result = await client.result(client.send(NEAREST_DC));
  expect(readResult('help.getNearestDc', result)).toEqual({ _: 'nearestDc', country: 'NL', this_dc: 2, nearest_dc: 2 });
});

test('a key that does not exist gets −404, and the connection may go on', async () => {
  const unknown = { id: 0x1234567812345678n, bytes: Buffer.alloc(256, 7) };
  const stranger = await new RawClient(unknown, fixture.port).connect();
  stranger.send(ping());
  await expect(eventuallyTrue(() => stranger.words.includes(-404))).resolves.toBe(true);
  stranger.close();
});

describe('message ids', () => {
  test.each([
    ['more than 30 s ahead', 60, 17],
    ['more than 300 s old', -400, 16],
  ])('%s', async (_, skew, code) => {
    const client = await fixture.client();
    client.clockSkewS = skew;
    client.lastId = 0n;
    expect(await badMessage(client, client.send(ping()))).toBe(code);
  });

  test('not divisible by four', async () => {
    const client = await fixture.client();
    expect(await badMessage(client, client.send(ping(), { id: client.nextId() + 1n }))).toBe(18);
  });

  test('a duplicate is not taken twice, on another connection neither', async () => {
    const client = await fixture.client();
    const before = fixture.services.called.length;
    const id = client.send(NEAREST_DC);
    await client.result(id);
    client.send(NEAREST_DC, { id, seqNo: client.seqNo * 2 - 1 });
    await client.ping();
    client.close();
    await client.connect();
    client.send(NEAREST_DC, { id, seqNo: 3 });
    await client.ping();
    expect(fixture.services.called.length).toBe(before + 1);
  });
});

describe('sequence numbers', () => {
  test.each([
    ['too low', 3, 32],
    ['even for a query', 8, 35],
  ])('%s', async (_, seqNo, code) => {
    const client = await fixture.client();
    await client.ping();
    client.send(ping(), { seqNo: 11 });
    expect(await badMessage(client, client.send(NEAREST_DC, { seqNo }))).toBe(code);
  });

  test('too high: a later message had a lower one', async () => {
    const client = await fixture.client();
    const early = client.nextId();
    client.send(ping(), { seqNo: 11 });
    expect(await badMessage(client, client.send(NEAREST_DC, { id: early, seqNo: 13 }))).toBe(33);
  });
});

describe('containers', () => {
  test('all that is due goes into one packet', async () => {
    const client = await fixture.client();
    const { packets } = client;
    const parts = [client.part(NEAREST_DC), client.part(ping(77n)), client.part(Buffer.concat([u32(CONSTRUCTOR.get_future_salts, 3)]))];
    client.sendContainer(parts);
    await client.result((parts[0] as { id: bigint }).id);
    const salts = await client.next(CONSTRUCTOR.future_salts);
    expect(salts.body.readUInt32LE(16)).toBe(3);
    expect(client.packets - packets).toBeLessThanOrEqual(2);
  });

  test('an error is the last in its packet: GramJS reads no further', async () => {
    const client = await fixture.client();
    const refused = (): { id: bigint; seqNo: number; body: Uint8Array } => client.part(writeObject({ _: 'phone.getCallConfig' }, 'newest'));
    const parts = [refused(), client.part(ping(78n)), refused(), client.part(NEAREST_DC)];
    client.sendContainer(parts);
    for (const { id } of [parts[0], parts[2]] as { id: bigint }[]) expect(await client.error(id)).toBe('401 AUTH_KEY_UNREGISTERED');
    await client.result((parts[3] as { id: bigint }).id);
    const isError = ({ constructor, body }: Received): boolean => constructor === CONSTRUCTOR.rpc_result && body.readUInt32LE(12) === CONSTRUCTOR.rpc_error;
    const errors = client.received.filter(isError);
    expect(errors).toHaveLength(2);
    for (const error of errors) expect(client.received.filter(({ packet }) => packet === error.packet).at(-1)).toBe(error);
  });

  test('acks with odd sequence numbers inside are taken', async () => {
    const client = await fixture.client();
    const query = client.part(NEAREST_DC);
    client.sendContainer([client.part(longs(CONSTRUCTOR.msgs_ack, [1n])), query]);
    await client.result(query.id);
  });

  test.each([
    ['inside another', (client: RawClient) => [client.part(u32(CONSTRUCTOR.msg_container, 0), 0)], 64],
    ['with more than 1,024 messages', (client: RawClient) => Array.from({ length: 1_025 }, () => client.part(ping(), client.seqNo * 2)), 64],
  ])('%s is refused', async (_, parts, code) => {
    const client = await fixture.client();
    expect(await badMessage(client, client.sendContainer(parts(client)))).toBe(code);
  });

  test('with an id that is below a part is refused', async () => {
    const client = await fixture.client();
    const id = client.nextId();
    expect(await badMessage(client, client.sendContainer([client.part(ping())], { id }))).toBe(64);
  });

  test('seen before is refused, whatever it holds', async () => {
    const client = await fixture.client();
    const parts = [client.part(ping())];
    const id = client.sendContainer(parts);
    client.sendContainer(parts, { id });
    expect(await badMessage(client, id)).toBe(19);
  });

  test('with an odd sequence number is refused', async () => {
    const client = await fixture.client();
    expect(await badMessage(client, client.sendContainer([client.part(ping())], { seqNo: 41 }))).toBe(34);
  });
});

describe('messages too old to tell', () => {
  const fill = async (client: RawClient): Promise<void> => {
    for (let sent = 0; sent <= REPLAY_WINDOW_IDS; sent += 1_000) client.sendContainer(Array.from({ length: 1_000 }, () => client.part(ping(), 0)));
    await client.ping();
  };

  test('a message, and a container, below what a session remembers', async () => {
    const client = await fixture.client();
    const [early, part, container] = [client.nextId(), client.part(ping(), 0), client.nextId()];
    await fill(client);
    expect(await badMessage(client, client.send(ping(), { id: early, seqNo: 0 }))).toBe(20);
    expect(await badMessage(client, client.sendContainer([part], { id: container, seqNo: 0 }))).toBe(20);
    client.send(longs(CONSTRUCTOR.msgs_state_req, [early]));
    const { body } = await client.next(CONSTRUCTOR.msgs_state_info);
    expect([...new TlCursor(body, 12).bytesField()]).toEqual([1]);
  });
});

test('a wrong salt gets the right one', async () => {
  const client = await fixture.client();
  const id = client.send(ping(), { salt: 4711n });
  const { body } = await client.wait((message) => message.constructor === CONSTRUCTOR.bad_server_salt && new TlCursor(message.body, 4).long() === id);
  expect(body.readUInt32LE(16)).toBe(48);
  expect(body.readBigUInt64LE(20)).toBe(client.salt);
});

test('a new session is announced with its first message', async () => {
  const client = await fixture.client();
  expect(client.all(CONSTRUCTOR.new_session_created)).toHaveLength(1);
  client.sessionId += 1n;
  client.received.length = 0;
  const first = client.part(ping());
  client.sendContainer([first, client.part(ping())]);
  const { body } = await client.next(CONSTRUCTOR.new_session_created);
  expect(body.readBigUInt64LE(4)).toBe(first.id);
});

describe('packed queries', () => {
  const packedIn = (bytes: Buffer): Buffer => Buffer.concat([u32(CONSTRUCTOR.gzip_packed), str(bytes)]);
  test.each([
    ['gzip', gzipSync(NEAREST_DC)],
    ['zlib', deflateSync(NEAREST_DC)],
  ])('%s', async (_, bytes) => {
    const client = await fixture.client();
    const result = await client.result(client.send(packedIn(bytes)));
    expect(readResult('help.getNearestDc', result)).toMatchObject({ _: 'nearestDc' });
    const inside = await client.result(client.send(Buffer.concat([u32(CONSTRUCTOR.invokeWithLayer, 198), packedIn(bytes)])));
    expect(readResult('help.getNearestDc', inside)).toMatchObject({ _: 'nearestDc' });
  });

  test('a bomb is refused, and the connection lives', async () => {
    const client = await fixture.client();
    const id = client.send(packedIn(gzipSync(Buffer.alloc(100_000_000))));
    expect(await client.error(id)).toBe('400 INPUT_FETCH_ERROR');
    await client.ping();
  });

  test('packed twice is refused', async () => {
    const client = await fixture.client();
    expect(await client.error(client.send(packedIn(gzipSync(packedIn(gzipSync(NEAREST_DC))))))).toBe('400 INPUT_FETCH_ERROR');
  });

  test('keep their place among other messages', async () => {
    const client = await fixture.client(fixture.services.addKey({ userId: 7 }));
    const order: string[] = [];
    fixture.services.on('contacts.resolveUsername', ({ username }) => {
      order.push(username.slice(0, 3));
      throw new RpcError(400, 'USERNAME_NOT_OCCUPIED');
    });
    const call = (username: string): Uint8Array => writeObject({ _: 'contacts.resolveUsername', username }, 'newest');
    client.send(packedIn(gzipSync(call(`one${Array.from({ length: 60_000 }, (_, index) => index * 7_919 % 10).join('')}`))));
    client.send(call('two'));
    const last = client.send(call('six'));
    await client.error(last);
    expect(order).toEqual(['one', 'two', 'six']);
  });
});

describe('gates', () => {
  test.each([
    ['an unknown layer', Buffer.concat([u32(CONSTRUCTOR.invokeWithLayer, 199), NEAREST_DC]), '400 CONNECTION_LAYER_INVALID'],
    ['an unknown method', u32(0x01020304), '400 INPUT_METHOD_INVALID_16909060'],
    ['no login', Buffer.from(GET_STATE), '401 AUTH_KEY_UNREGISTERED'],
    ['half a wrapper', u32(CONSTRUCTOR.invokeWithLayer), '400 INPUT_FETCH_ERROR'],
  ])('%s', async (_, body, error) => {
    const client = await fixture.client();
    expect(await client.error(client.send(body))).toBe(error);
    await client.ping();
  });

  test('a method that nobody owns', async () => {
    const client = await fixture.client(fixture.services.addKey({ userId: 8 }));
    expect(await client.error(client.send(writeObject({ _: 'phone.getCallConfig' }, 'newest')))).toBe('400 NOT_IMPLEMENTED');
  });

  test('a temporary key that is not bound', async () => {
    const client = await fixture.client(fixture.services.addKey({ expiresAt: Math.floor(Date.now() / 1_000) + 3_600, permanentKeyId: 0n }));
    await client.result(client.send(NEAREST_DC));
    expect(await client.error(client.send(writeObject({ _: 'help.getAppUpdate', source: '' }, 'newest')))).toBe('401 AUTH_KEY_PERM_EMPTY');
  });

  test('an expired temporary key', async () => {
    const key = fixture.services.addKey({ expiresAt: Math.floor(Date.now() / 1_000) - 1, permanentKeyId: 0n });
    const late = await new RawClient(key, fixture.port).connect();
    late.send(ping());
    await eventuallyTrue(() => late.words.includes(-404));
    late.close();
  });
});

test('a failed query fails those that wait for it; others go on', async () => {
  const client = await fixture.client();
  const failing = client.part(Buffer.from(GET_STATE));
  const fine = client.part(NEAREST_DC);
  const after = (id: bigint): ReturnType<RawClient['part']> => client.part(Buffer.concat([u32(CONSTRUCTOR.invokeAfterMsg), long(id), NEAREST_DC]));
  const afterFailing = after(failing.id);
  const afterFine = after(fine.id);
  client.sendContainer([failing, fine, afterFailing, afterFine]);
  expect(await client.error(afterFailing.id)).toBe('400 MSG_WAIT_FAILED');
  await client.result(afterFine.id);
});

test('a query may wait for one that comes later', async () => {
  const client = await fixture.client();
  const later = client.part(NEAREST_DC);
  const first = client.send(Buffer.concat([u32(CONSTRUCTOR.invokeAfterMsg), long(later.id), NEAREST_DC]));
  await client.ping();
  expect(client.all(CONSTRUCTOR.rpc_result)).toHaveLength(0);
  client.send(later.body, { id: later.id, seqNo: later.seqNo });
  expect(readResult('help.getNearestDc', await client.result(first))).toMatchObject({ _: 'nearestDc' });
});

describe('state, resend, drop', () => {
  test('msgs_state_req', async () => {
    const client = await fixture.client();
    const done = client.send(NEAREST_DC);
    await client.result(done);
    const gap = done - 4n;
    // A second ahead: the request that asks takes an id too, by the clock.
    const future = client.nextId() + (1n << 32n);
    client.send(longs(CONSTRUCTOR.msgs_state_req, [done, gap, future]));
    const { body } = await client.next(CONSTRUCTOR.msgs_state_info);
    expect([...new TlCursor(body, 12).bytesField()]).toEqual([4 + 64, 2, 3]);
  });

  test('msg_resend_req and msg_resend_ans_req repeat under the same id; acks end that', async () => {
    const client = await fixture.client();
    const query = client.send(NEAREST_DC);
    await client.result(query);
    const answer = client.all(CONSTRUCTOR.rpc_result)[0] as { id: bigint };
    client.send(longs(CONSTRUCTOR.msg_resend_req, [answer.id]));
    await eventuallyTrue(() => client.received.filter(({ id }) => id === answer.id).length === 2);
    client.send(longs(CONSTRUCTOR.msg_resend_ans_req, [query]));
    await eventuallyTrue(() => client.received.filter(({ id }) => id === answer.id).length === 3);
    client.send(longs(CONSTRUCTOR.msgs_ack, [answer.id]), { seqNo: client.nextSeqNo(false) });
    client.send(longs(CONSTRUCTOR.msg_resend_ans_req, [query]));
    await client.next(CONSTRUCTOR.msgs_state_info);
    expect(client.received.filter(({ id }) => id === answer.id)).toHaveLength(3);
  });

  test('8,193 ids are refused', async () => {
    const client = await fixture.client();
    const ids = Array.from({ length: 8_193 }, (_, index) => BigInt(index));
    expect(await client.error(client.send(longs(CONSTRUCTOR.msgs_state_req, ids)))).toBe('400 INPUT_FETCH_ERROR');
    client.send(longs(CONSTRUCTOR.msgs_state_req, ids.slice(1)));
    const { body } = await client.next(CONSTRUCTOR.msgs_state_info);
    expect(new TlCursor(body, 12).bytesField()).toHaveLength(8_192);
  });

  test('unacked answers come again over a new connection', async () => {
    const client = await fixture.client();
    const query = client.send(NEAREST_DC);
    await client.result(query);
    client.received.length = 0;
    client.close();
    await client.connect();
    await client.ping();
    await client.result(query);
  });

  test('msgs_all_info is taken without a word, a broken one is refused', async () => {
    const client = await fixture.client();
    const before = client.received.length;
    client.send(Buffer.concat([longs(CONSTRUCTOR.msgs_all_info, [4n, 8n]), str(Buffer.from([1, 4]))]), { seqNo: client.nextSeqNo(false) });
    await client.ping();
    expect(client.received.slice(before).map(({ constructor }) => constructor).filter((constructor) => constructor !== CONSTRUCTOR.msgs_ack)).toEqual([CONSTRUCTOR.pong]);
    expect(await client.error(client.send(longs(CONSTRUCTOR.msgs_all_info, [4n])))).toBe('400 INPUT_FETCH_ERROR');
  });

  test('rpc_drop_answer', async () => {
    const client = await fixture.client();
    let release = (): void => {};
    fixture.services.on('help.getAppUpdate', () => new Promise((resolve) => { release = () => resolve({ _: 'help.noAppUpdate' }); }));
    const slow = client.send(writeObject({ _: 'help.getAppUpdate', source: '' }, 'newest'));
    const drop = client.send(Buffer.concat([u32(CONSTRUCTOR.rpc_drop_answer), long(slow)]));
    expect((await client.result(drop)).readUInt32LE(0)).toBe(CONSTRUCTOR.rpc_answer_dropped_running);
    release();
    const quick = client.send(NEAREST_DC);
    await client.result(quick);
    const second = client.send(Buffer.concat([u32(CONSTRUCTOR.rpc_drop_answer), long(quick)]));
    expect((await client.result(second)).readUInt32LE(0)).toBe(CONSTRUCTOR.rpc_answer_dropped);
    const third = client.send(Buffer.concat([u32(CONSTRUCTOR.rpc_drop_answer), long(quick)]));
    expect((await client.result(third)).readUInt32LE(0)).toBe(CONSTRUCTOR.rpc_answer_unknown);
    expect(client.all(CONSTRUCTOR.rpc_result).filter(({ body }) => new TlCursor(body, 4).long() === slow)).toHaveLength(0);
  });
});

test('a quick ack, and the acknowledgement of what is not answered', async () => {
  const client = await fixture.client();
  client.send(longs(CONSTRUCTOR.msgs_state_req, [1n]), { quickAck: true });
  await eventuallyTrue(() => client.words.some((word) => word < -500 || word > 0));
  await client.next(CONSTRUCTOR.msgs_ack);
});

describe('sessions and keys', () => {
  test('destroy_session', async () => {
    const client = await fixture.client();
    const old = client.sessionId;
    client.sessionId += 1n;
    await client.ping();
    client.send(Buffer.concat([u32(CONSTRUCTOR.destroy_session), long(old)]));
    await client.next(CONSTRUCTOR.destroy_session_ok);
    client.send(Buffer.concat([u32(CONSTRUCTOR.destroy_session), long(old)]));
    await client.next(CONSTRUCTOR.destroy_session_none);
    await client.ping();
  });

  test('auth.logOut and destroy_auth_key in one container are both answered, then the connection closes and the key is gone', async () => {
    const key = fixture.services.addKey({ userId: 9 });
    const client = await fixture.client(key);
    fixture.services.on('auth.logOut', async (_, { change }) => {
      await new Promise((resolve) => setImmediate(resolve));
      change({ case: 'loggedOut', value: {} });
      return { _: 'auth.loggedOut' as const };
    });
    const logOut = client.part(writeObject({ _: 'auth.logOut' }, 'newest'));
    client.sendContainer([logOut, client.part(u32(CONSTRUCTOR.destroy_auth_key))]);
    await client.result(logOut.id);
    await client.next(CONSTRUCTOR.destroy_auth_key_ok);
    await eventuallyTrue(() => client.closed);
    await client.connect();
    client.send(ping());
    await eventuallyTrue(() => client.words.includes(-404));
  });

  test('one look-up serves all who wait for a key, and a failing one is no verdict', async () => {
    const { services } = fixture;
    const key = services.addKey();
    const clients = await Promise.all(Array.from({ length: 8 }, async () => new RawClient(key, fixture.port).connect()));
    const before = services.lookups;
    await Promise.all(clients.map((client) => client.settle()));
    expect(services.lookups - before).toBe(1);
    services.authDown = true;
    const unlucky = await new RawClient(services.addKey(), fixture.port).connect();
    unlucky.send(ping());
    await eventuallyTrue(() => unlucky.closed);
    services.authDown = false;
    expect(unlucky.words).toEqual([]);
    for (const client of clients) client.close();
  });

  test('ping_delay_disconnect closes in time', async () => {
    const client = await fixture.client();
    client.send(Buffer.concat([u32(CONSTRUCTOR.ping_delay_disconnect), long(5n), u32(1)]));
    await client.next(CONSTRUCTOR.pong);
    await eventuallyTrue(() => client.closed);
  });
});

describe('the layer and the client', () => {
  test('are remembered with the key and reported to auth', async () => {
    const key = fixture.services.addKey({ userId: 12 });
    const client = await fixture.client(key);
    const texts = ['Model', 'System', '1.2', 'en', 'pack', 'nl'].map((text) => str(Buffer.from(text)));
    client.send(Buffer.concat([u32(CONSTRUCTOR.invokeWithLayer, 198, CONSTRUCTOR.initConnection, 0, 77), ...texts, NEAREST_DC]));
    await eventuallyTrue(() => fixture.services.reports.some((report) => report.authKeyId === key.id));
    const report = fixture.services.reports.find(({ authKeyId }) => authKeyId === key.id);
    expect(report).toMatchObject({ layer: 198, deviceModel: 'Model', systemVersion: 'System', appVersion: '1.2', langCode: 'nl', apiId: 77, ip: '127.0.0.1' });
    let layer = 0;
    fixture.services.on('help.getCdnConfig', (_, { caller }) => {
      layer = caller.layer;
      return { _: 'cdnConfig' as const, public_keys: [] };
    });
    client.sessionId += 1n;
    await client.result(client.send(writeObject({ _: 'help.getCdnConfig' }, 'newest')));
    expect(layer).toBe(198);
  });
});

