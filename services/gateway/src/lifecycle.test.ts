import { connect, type Socket } from 'node:net';
import { mkdtempSync, readFileSync, statSync, writeFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encryptPacket } from '@heliograph/mtproto/packet/message-crypto';
import { eventually } from '@heliograph/testing/eventually';
import { type FakeClock, fakeClock } from '@heliograph/testing/fake-clock';
import { writeObject } from '@heliograph/tl/writer';
import { CONSTRUCTOR } from './domain/constructors';
import { TlBytes } from './domain/tl-bytes';
import { TlCursor } from './domain/tl-cursor';
import { AFTER_MESSAGE_WAIT_MS, DRAIN_SLICE_CONNECTIONS_MIN, FIRST_PACKET_TIMEOUT_MS, HANDSHAKE_TIMEOUT_MS, IDLE_TIMEOUT_MS, PACKET_TIMEOUT_MS, QUERIES_PER_SESSION_MAX, TIMER_TICK_MS } from './limits';
import { openRsaKey } from './rsa-key-file';
import { type GatewayFixture, startGateway } from './testing/gateway-fixture';

const NEAREST_DC = writeObject({ _: 'help.getNearestDc' }, 'newest');
const APP_UPDATE = writeObject({ _: 'help.getAppUpdate', source: '' }, 'newest');
const INTERMEDIATE = Buffer.from('eeeeeeee', 'hex');

jest.setTimeout(20_000);

let fixture: GatewayFixture | undefined;
afterEach(async () => {
  await fixture?.close();
  fixture = undefined;
});

async function dial(port: number): Promise<{ socket: Socket; closed(): boolean }> {
  const socket = connect(port, '127.0.0.1');
  let closed = false;
  socket.on('close', () => { closed = true; }).on('error', () => undefined).on('data', () => undefined);
  await new Promise((resolve) => socket.once('connect', resolve));
  return { socket, closed: () => closed };
}

describe('time-outs', () => {
  const advance = async (clock: FakeClock, ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += TIMER_TICK_MS) await clock.advance(TIMER_TICK_MS);
  };

  test('who says nothing, who sends a packet byte by byte, who never authenticates, who is idle', async () => {
    const clock = fakeClock(Date.now());
    fixture = await startGateway({ clock });
    const silent = await dial(fixture.port);
    await advance(clock, FIRST_PACKET_TIMEOUT_MS - 2 * TIMER_TICK_MS);
    expect(silent.closed()).toBe(false);
    await advance(clock, 4 * TIMER_TICK_MS);
    await eventually(() => silent.closed());

    const idle = await fixture.client();
    const trickling = await fixture.client();
    trickling.raw(Buffer.from([0x80, 0, 0, 0, 1]));
    await idle.ping();
    await advance(clock, PACKET_TIMEOUT_MS + 2 * TIMER_TICK_MS);
    await eventually(() => trickling.closed);
    expect(idle.closed).toBe(false);
    expect(HANDSHAKE_TIMEOUT_MS).toBeGreaterThan(FIRST_PACKET_TIMEOUT_MS);
    await advance(clock, IDLE_TIMEOUT_MS);
    await eventually(() => idle.closed);
  }, 30_000);
});

test('a client goes on with its salt for half an hour more, and with no other', async () => {
  // The middle of a salt's half-hour.
  const clock = fakeClock((Math.floor(Date.now() / 1_800_000) + 0.5) * 1_800_000);
  fixture = await startGateway({ clock });
  const client = await fixture.client();
  const advance = async (ms: number): Promise<void> => {
    await clock.advance(ms);
    client.clockSkewS = (clock.now() - Date.now()) / 1_000;
  };
  const ping = (salt: bigint): bigint => client.send(new TlBytes(12).uint32(CONSTRUCTOR.ping).long(2n).done(), { salt });
  const isTaken = async (salt: bigint): Promise<boolean> => {
    const id = ping(salt);
    const { constructor } = await client.wait(({ constructor: kind, body }) => (kind === CONSTRUCTOR.pong || kind === CONSTRUCTOR.bad_server_salt) && new TlCursor(body, 4).long() === id);
    return constructor === CONSTRUCTOR.pong;
  };
  const { salt } = client;
  await advance(800_000);
  expect(await isTaken(salt)).toBe(true);
  await advance(400_000);
  expect([await isTaken(salt), await isTaken(salt), await isTaken(0n), await isTaken(salt + 1n), await isTaken(salt)]).toEqual([true, true, false, false, true]);
  await advance(800_000);
  expect(await isTaken(salt)).toBe(true);
  await advance(800_000);
  expect([await isTaken(salt), await isTaken(client.salt)]).toEqual([false, true]);
  await advance(IDLE_TIMEOUT_MS + 2 * TIMER_TICK_MS);
  await eventually(() => client.closed);
});

test('more queries than a session may have under way get FLOOD_WAIT', async () => {
  fixture = await startGateway();
  let release = (): void => {};
  const released = new Promise<void>((resolve) => { release = resolve; });
  fixture.services.on('help.getAppUpdate', async () => {
    await released;
    return { _: 'help.noAppUpdate' as const };
  });
  const client = await fixture.client(fixture.services.addKey({ userId: 5 }));
  for (let sent = 0; sent < QUERIES_PER_SESSION_MAX; sent++) client.send(APP_UPDATE);
  expect(await client.error(client.send(APP_UPDATE))).toBe('420 FLOOD_WAIT_1');
  release();
  await eventually(() => client.all(CONSTRUCTOR.rpc_result).length === QUERIES_PER_SESSION_MAX + 1);
});

test('queries that waited in vain are forgotten: nothing of them is counted or named any more', async () => {
  const clock = fakeClock(Date.now());
  fixture = await startGateway({ clock });
  const client = await fixture.client(fixture.services.addKey({ userId: 5 }));
  const after = (id: bigint): Buffer => Buffer.concat([new TlBytes(12).uint32(CONSTRUCTOR.invokeAfterMsg).long(id).done(), NEAREST_DC]);
  const never = client.nextId() + 4_000_000n;
  const queries = Array.from({ length: 40 }, (_, index) => client.send(after(never + BigInt(4 * index))));
  await client.ping();
  await clock.advance(AFTER_MESSAGE_WAIT_MS + 2 * TIMER_TICK_MS);
  expect(await client.error(queries[39]!)).toBe('400 MSG_WAIT_TIMEOUT');
  const again = client.send(after(queries[0]!));
  expect(await client.error(again)).toBe('400 MSG_WAIT_FAILED');
  client.close();
  await eventually(() => fixture?.services.online.size === 0);
});

test('draining answers what is under way, then closes; nobody new comes in', async () => {
  fixture = await startGateway();
  let release = (): void => {};
  fixture.services.on('help.getAppUpdate', () => new Promise((resolve) => { release = () => resolve({ _: 'help.noAppUpdate' }); }));
  const client = await fixture.client();
  const idle = await fixture.client();
  const query = client.send(APP_UPDATE);
  await eventually(() => fixture?.services.called.includes('help.getAppUpdate'));
  const { port, kit } = fixture;
  const started = Date.now();
  const closing = kit.close();
  fixture = undefined;
  await eventually(() => idle.closed);
  release();
  await client.result(query);
  await closing;
  expect(Date.now() - started).toBeLessThan(5_000);
  await expect(new Promise((_, reject) => connect(port, '127.0.0.1').once('error', reject))).rejects.toThrow('ECONNREFUSED');
});

test('many connections end in slices: not all at once, all in time', async () => {
  fixture = await startGateway();
  const key = fixture.services.addKey();
  const opened = await Promise.all(Array.from({ length: 5 * DRAIN_SLICE_CONNECTIONS_MIN }, () => dial((fixture as GatewayFixture).port)));
  const witness = await fixture.client(key);
  const started = Date.now();
  const closing = fixture.kit.close();
  await eventually(() => opened.some(({ closed }) => closed()));
  expect(opened.filter(({ closed }) => closed()).length).toBeLessThan(opened.length);
  await closing;
  await eventually(() => opened.every(({ closed }) => closed()) && witness.closed);
  expect(Date.now() - started).toBeLessThan(4_500);
  fixture = undefined;
});

test.each([
  ['version 1', Buffer.from('PROXY TCP4 203.0.113.7 127.0.0.1 40000 443\r\n')],
  ['version 2', Buffer.from('0d0a0d0a000d0a515549540a2111000ccb0071077f0000019c4001bb', 'hex')],
])('the client\'s address comes from a PROXY protocol header, %s, where that is configured', async (_, header) => {
  fixture = await startGateway({ settings: { GATEWAY_PROXY_PROTOCOL: 'on' } });
  let ip = '';
  fixture.services.on('help.getNearestDc', (_, { caller }) => {
    ip = caller.ip;
    return { _: 'nearestDc' as const, country: 'NL', this_dc: 2, nearest_dc: 2 };
  });
  const key = fixture.services.addKey();
  const { socket } = await dial(fixture.port);
  socket.write(header);
  socket.write(INTERMEDIATE);
  const now = BigInt(Math.floor(Date.now() / 1_000)) << 32n;
  const { SaltSchedule } = await import('@heliograph/mtproto/salts');
  const salt = new SaltSchedule(await fixture.services.keyring.secret('salts')).current(key.id, Date.now());
  const plain = new TlBytes(32 + NEAREST_DC.byteLength).long(salt).long(1n).long(now).uint32(1).uint32(NEAREST_DC.byteLength).raw(NEAREST_DC).done();
  const packet = encryptPacket(key.bytes, key.id, 0, Buffer.concat([plain, Buffer.alloc(12 + ((16 - ((plain.byteLength + 12) % 16)) % 16), 1)]));
  socket.write(Buffer.concat([new TlBytes(4).uint32(packet.byteLength).done(), packet]));
  await eventually(() => ip === '203.0.113.7');
  const liar = await dial(fixture.port);
  liar.socket.write(INTERMEDIATE);
  liar.socket.write(Buffer.alloc(64));
  await eventually(() => liar.closed());
  socket.destroy();
});

test('forged packets, garbage and unknown transports lose the connection, and no other', async () => {
  fixture = await startGateway();
  fixture.services.on('help.getNearestDc', () => ({ _: 'nearestDc' as const, country: 'NL', this_dc: 2, nearest_dc: 2 }));
  const witness = await fixture.client();
  const forger = await fixture.client();
  const packet = encryptPacket(forger.key.bytes, forger.key.id, 0, Buffer.alloc(64, 3));
  packet[30]! ^= 1;
  forger.sendPacket(packet);
  await eventually(() => forger.closed);
  const garbage = await dial(fixture.port);
  garbage.socket.write(Buffer.concat([INTERMEDIATE, Buffer.from([4, 0, 0, 0x10])]));
  await eventually(() => garbage.closed());
  await witness.result(witness.send(NEAREST_DC));
});

describe('the RSA key file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rsa-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('is made once, for its owner only, and the same for all who start together', async () => {
    const file = join(folder, 'gateway', 'rsa.pem');
    const [one, two] = await Promise.all([openRsaKey(file), openRsaKey(file)]);
    expect(one.fingerprint).toBe(two.fingerprint);
    expect((await openRsaKey(file)).publicPem).toBe(one.publicPem);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).toContain('PRIVATE KEY');
  });

  test('that holds something else is told with its path', async () => {
    const file = join(folder, 'broken.pem');
    writeFileSync(file, 'nonsense');
    await expect(openRsaKey(file)).rejects.toThrow(`${file}: `);
  });
});
