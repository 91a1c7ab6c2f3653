import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { deflateSync, gzipSync } from 'node:zlib';
import { sha256 } from '../client/cryptography';
import { KeyExchange, type AuthKey } from '../client/key-exchange';
import { begun, encode, makeKey, Person, type Gateway } from '../client/person';
import { containerBody, describe, messageId, MESSAGE, packedBody, pingBody, Session, type MessageLies, type Received } from '../client/session';
import { TlReader, int32, int64, longVector } from '../client/tl-bytes';
import { Wire } from '../client/wire';
import type { Row } from '../report';
import type { Stage } from '../stage';
import { compareMedians, medianOf } from '../timing';

const UNKNOWN_KEY = -404;
/** Bytes that a zip bomb of about 100 KB grows to. */
const BOMB_BYTES = 100 * 1_048_576;
const BOMBS_AT_ONCE = 64;
/** What the process may grow by under bombs: the inflater's budget of 64 MiB, twice. */
const BOMB_GROWTH_BYTES_MAX = 160 * 1_048_576;
/** Connections measured per kind of flawed packet. */
const TIMED_PACKETS = 150;
/** How far the medians of two kinds may lie apart on a shared machine. */
const MEDIAN_RATIO_MAX = 1.5;

export interface EncryptedTarget {
  readonly gateway: Gateway;
  readonly key: AuthKey;
}

/** A fresh session under the group's key, closed afterwards. */
function inSession(target: EncryptedTarget, name: string, task: (session: Session) => Promise<string | void>, patient = false): Row {
  return {
    name, patient,
    run: async () => {
      const session = await Session.open(target.gateway, target.key);
      try {
        return await task(session);
      } finally {
        session.close();
      }
    },
  };
}

/** A flawed packet ends the connection without one byte of an answer. */
const dropped = (name: string, lies: MessageLies) => (target: EncryptedTarget): Row => inSession(target, `${name}: the connection ends without an answer`, async (session) => {
  session.send(pingBody(), lies);
  await session.wire.whenClosed();
  assert.equal(session.wire.bytesIn, 0, `${session.wire.bytesIn} bytes were answered`);
});

const flipBit = (bytes: Buffer, at: number): Buffer => {
  const changed = Buffer.from(bytes);
  const index = at < 0 ? bytes.length + at : at;
  changed[index] = (changed[index] as number) ^ 0x10;
  return changed;
};

const DROPPED = [
  dropped('msg_key forged', { msgKey: (msgKey) => flipBit(msgKey, 0) }),
  dropped('msg_key of zeros', { msgKey: () => Buffer.alloc(16) }),
  dropped('a bit of msg_key changed on the way', { packet: (packet) => flipBit(packet, 23) }),
  dropped('a bit of the first block changed', { packet: (packet) => flipBit(packet, 24) }),
  dropped('a bit of the padding changed', { packet: (packet) => flipBit(packet, -1) }),
  dropped('the last block cut off', { padding: 36, packet: (packet) => packet.subarray(0, -16) }),
  dropped('a block appended', { packet: (packet) => Buffer.concat([packet, Buffer.alloc(16)]) }),
  dropped('half a block appended', { packet: (packet) => Buffer.concat([packet, Buffer.alloc(8)]) }),
  dropped('a packet as if from the server (x = 8)', { direction: 8 }),
  dropped('msg_key that doesn\'t cover the padding', { paddingUncovered: true }),
  dropped('MTProto 1', { legacy: true }),
  dropped('length −1', { length: 0xffffffff, padding: 20 }),
  dropped('length −2³¹', { length: 0x80000000, padding: 20 }),
  dropped('length not divisible by 4', { length: 10, padding: 20 }),
  dropped('length beyond the plaintext', { length: 4_096, padding: 20 }),
  dropped('length into the padding, 8 bytes of it left', { length: 24, padding: 20 }),
  dropped('4 bytes of padding', { padding: 4 }),
  dropped('no padding', { padding: 4, length: 16 }),
  dropped('1,028 bytes of padding', { padding: 1_028 }),
  dropped('2³¹−4', { length: 0x7ffffffc, padding: 20 }),
];

/** How often the packet's message had an effect: first names under updateProfile. */
const setName = (firstName: string): Buffer => encode('account.updateProfile', { first_name: firstName });

/** The person's connection, opened again when a row before lost it. */
async function revived(person: Person): Promise<Session> {
  if (person.session.wire.closed) await person.session.reconnect(person.gateway);
  return person.session;
}

async function nameOf(person: Person): Promise<string> {
  const [me] = await person.call('users.getUsers', { id: [{ _: 'inputUserSelf' }] });
  return me?._ === 'user' ? me.first_name ?? '' : '';
}

/** Packets that are forged, cut or under other keys. */
export function packetRows(target: EncryptedTarget): Row[] {
  const { gateway, key } = target;
  return [
    inSession(target, 'a right packet with 12 and with 1,024 bytes of padding is taken', async (session) => {
      session.send(pingBody(), { padding: 20 });
      await session.until('a pong', ({ constructor }) => constructor === MESSAGE.pong);
      session.clear();
      session.send(Buffer.concat([pingBody(), Buffer.alloc(0)]), { padding: 1_012 });
      await session.until('a pong', ({ constructor }) => constructor === MESSAGE.pong);
    }),
    ...DROPPED.map((row) => row(target)),
    inSession(target, 'a packet of the server sent back to it: the connection ends', async (session) => {
      const { packet } = await session.ping();
      const before = session.wire.bytesIn;
      session.wire.send(packet);
      await session.wire.whenClosed();
      assert.equal(session.wire.bytesIn, before, `${session.wire.bytesIn - before} bytes were answered`);
    }),
    inSession(target, 'an unknown key is answered with −404, and the connection can make a key', async (session) => {
      session.send(pingBody(), { keyId: randomBytes(8).readBigUInt64LE(0) });
      await session.untilSome('the transport error', () => session.transportErrors[0]);
      assert.deepEqual(session.transportErrors, [UNKNOWN_KEY]);
      const { wire } = session;
      wire.onFrame = undefined;
      await new KeyExchange(wire, gateway).run();
    }),
    inSession(target, 'unknown keys without end: the connection ends after a few', async (session) => {
      for (let i = 0; i < 40; i++) session.send(pingBody(), { keyId: randomBytes(8).readBigUInt64LE(0) });
      await session.wire.whenClosed();
      assert.ok(session.transportErrors.length <= 16, `${session.transportErrors.length} answers`);
    }),
    {
      name: 'packets that are too short end the connection',
      run: async () => {
        for (const bytes of [1, 4, 8, 20, 24, 28, 36]) {
          const wire = await Wire.open(gateway);
          wire.send(Buffer.concat([int64(key.id), randomBytes(64)]).subarray(0, bytes));
          await wire.whenClosed();
          assert.equal(wire.bytesIn, 0, `${bytes} bytes were answered`);
        }
      },
    },
    inSession(target, 'a packet under one key with the contents of another is dropped', async (session) => {
      const other = await makeKey(gateway);
      const { packet } = session.seal(pingBody(), { id: messageId() });
      session.wire.send(Buffer.concat([int64(other.id), packet.subarray(8)]));
      await session.wire.whenClosed();
      assert.equal(session.wire.bytesIn, 0, `${session.wire.bytesIn} bytes were answered`);
    }),
  ];
}

function messageIdRows(target: EncryptedTarget, person: Person, stage: Pick<Stage, 'gateway'>): Row[] {
  const refused = (name: string, code: number, lies: () => MessageLies): Row => inSession(target, `${name}: ${code}`, async (session) => {
    await session.ping();
    const id = session.send(pingBody(), lies());
    const notice = await session.until('bad_msg_notification', ({ constructor, body }) => constructor === MESSAGE.badMessage && body.readBigUInt64LE(4) === id);
    assert.equal(notice.body.readUInt32LE(16), code);
    await session.ping();
    assert.ok(!session.received.some(({ constructor, body }) => constructor === MESSAGE.pong && body.readBigUInt64LE(4) === id), 'it was answered all the same');
  });
  const taken = (name: string, id: () => bigint): Row => inSession(target, name, async (session) => {
    const sent = session.send(pingBody(), { id: id() });
    await session.until('a pong', ({ constructor, body }) => constructor === MESSAGE.pong && body.readBigUInt64LE(4) === sent);
  });
  return [
    refused('msg_id ≡ 1 mod 4', 18, () => ({ id: messageId() + 1n })),
    refused('msg_id ≡ 2 mod 4', 18, () => ({ id: messageId() + 2n })),
    refused('msg_id ≡ 3 mod 4', 18, () => ({ id: messageId() + 3n })),
    refused('msg_id 32 s ahead', 17, () => ({ id: messageId(32) })),
    refused('msg_id of the year 2100', 17, () => ({ id: messageId(86_400 * 365 * 70) })),
    refused('msg_id 302 s old', 16, () => ({ id: messageId(-302) })),
    refused('msg_id 0', 16, () => ({ id: 0n })),
    taken('msg_id 28 s ahead is taken', () => messageId(28)),
    taken('msg_id 295 s old is taken', () => messageId(-295)),
    {
      name: 'a packet replayed has no second effect: at once, after its answer was acknowledged, over a new connection, from elsewhere',
      run: async () => {
        const session = await revived(person);
        await person.call('account.updateProfile', { first_name: 'First' });
        const [replayed] = session.sentPackets.slice(-1) as [Buffer];
        await person.call('account.updateProfile', { first_name: 'Second' });
        const stillSecond = async (when: string): Promise<void> => assert.equal(await nameOf(person), 'Second', `the replay had an effect ${when}`);
        session.wire.send(replayed);
        await stillSecond('at once');
        session.acknowledge();
        session.wire.send(replayed);
        await stillSecond('after its answer was acknowledged');
        await session.reconnect(stage.gateway);
        session.wire.send(replayed);
        await session.ping();
        await stillSecond('over a new connection');
        const thief = await Wire.open(stage.gateway, { localAddress: '127.0.0.77' });
        thief.send(replayed);
        await new Promise((resolve) => setTimeout(resolve, 50));
        thief.close();
        await session.ping();
        await stillSecond('from elsewhere');
      },
    },
    inSession(target, 'a message id used twice with other contents: the second is not executed', async (session) => {
      const id = messageId();
      const first = pingBody(1n);
      session.send(first, { id });
      await session.until('a pong', ({ constructor }) => constructor === MESSAGE.pong);
      session.clear();
      session.send(pingBody(2n), { id });
      await session.ping();
      assert.ok(!session.received.some(({ constructor, body }) => constructor === MESSAGE.pong && body.readBigUInt64LE(12) === 2n), 'the second was answered');
    }),
  ];
}

function containerRows(target: EncryptedTarget, person: Person): Row[] {
  const wholeOrNot = (name: string, code: number, body: (parts: { id: bigint; seqNo: number; body: Buffer }[]) => { id: bigint; body: Buffer; seqNo?: number }): Row => ({
    name: `${name}: ${code}, and nothing of it is executed`,
    run: async () => {
      const session = await revived(person);
      await person.call('account.updateProfile', { first_name: 'Whole' });
      session.clear();
      const part = { id: messageId(), seqNo: session.nextSeqNo(), body: setName('Part') };
      const container = body([part]);
      session.send(container.body, { id: container.id, seqNo: container.seqNo ?? session.nextSeqNo(false) });
      assert.equal(await session.refusalOf(container.id), code);
      assert.equal(await nameOf(person), 'Whole', 'a part was executed');
    },
  });
  const other = (): { id: bigint; seqNo: number; body: Buffer } => ({ id: messageId(), seqNo: person.session.nextSeqNo(), body: pingBody() });
  return [
    wholeOrNot('a container whose id is below its parts', 64, (parts) => ({ id: messageId() - (1n << 32n), body: containerBody(parts) })),
    wholeOrNot('a container whose id is that of a part', 64, (parts) => ({ id: parts[0]!.id, body: containerBody(parts) })),
    wholeOrNot('a container in a container', 64, (parts) => ({ body: containerBody([...parts, { id: messageId(), seqNo: 0, body: containerBody([other()]) }]), id: messageId() })),
    wholeOrNot('1,025 messages', 64, (parts) => ({ body: containerBody([...parts, ...Array.from({ length: 1_024 }, other)]), id: messageId() })),
    wholeOrNot('a count that is too high', 64, (parts) => ({ body: containerBody(parts, 2), id: messageId() })),
    wholeOrNot('a count of 2³¹−1', 64, (parts) => ({ body: containerBody(parts, 0x7fffffff), id: messageId() })),
    wholeOrNot('a count of −1', 64, (parts) => ({ body: containerBody(parts, 0xffffffff), id: messageId() })),
    wholeOrNot('a count that is too low', 64, (parts) => ({ body: containerBody([...parts, other()], 1), id: messageId() })),
    wholeOrNot('a part\'s length beyond the container', 64, (parts) => ({ body: containerBody([...parts, { ...other(), length: 4_000 }]), id: messageId() })),
    wholeOrNot('a part\'s length of −4', 64, (parts) => ({ body: containerBody([...parts, { ...other(), length: 0xfffffffc }]), id: messageId() })),
    wholeOrNot('a part\'s length not divisible by 4', 64, (parts) => ({ body: containerBody([...parts, { ...other(), body: Buffer.alloc(14, 1) }, { ...other(), body: Buffer.alloc(14, 1) }]), id: messageId() })),
    wholeOrNot('a part of 0 bytes', 64, (parts) => ({ body: containerBody([...parts, { ...other(), body: Buffer.alloc(0) }]), id: messageId() })),
    wholeOrNot('a container with an odd sequence number', 34, (parts) => ({ body: containerBody(parts), id: messageId(), seqNo: 2 * person.session.contentMessages + 1 })),
    inSession(target, 'a container whose id was seen before: 19', async (session) => {
      const parts = [{ id: messageId(), seqNo: session.nextSeqNo(), body: pingBody() }];
      const id = session.send(containerBody(parts), { seqNo: session.nextSeqNo(false) });
      await session.until('a pong', ({ constructor }) => constructor === MESSAGE.pong);
      session.clear();
      session.send(containerBody([{ id: messageId() - (1n << 30n), seqNo: session.nextSeqNo(), body: pingBody() }]), { id, seqNo: session.nextSeqNo(false) });
      assert.equal(await session.refusalOf(id), 19);
      assert.ok(!session.received.some(({ constructor }) => constructor === MESSAGE.pong));
    }),
    inSession(target, '1,024 messages are taken, each answered', async (session) => {
      const parts = Array.from({ length: 1_024 }, () => ({ id: messageId(), seqNo: session.nextSeqNo(), body: pingBody() }));
      session.send(containerBody(parts), { seqNo: session.nextSeqNo(false) });
      await session.untilSome('1,024 pongs', () => (session.received.filter(({ constructor }) => constructor === MESSAGE.pong).length === 1_024 ? true : undefined));
    }),
    inSession(target, 'a part with a bad id is refused alone: 18', async (session) => {
      const bad = { id: messageId() + 1n, seqNo: session.nextSeqNo(), body: pingBody() };
      const good = { id: messageId(), seqNo: session.nextSeqNo(), body: pingBody() };
      session.send(containerBody([bad, good]), { seqNo: session.nextSeqNo(false) });
      assert.equal(await session.refusalOf(bad.id), 18);
      await session.until('a pong', ({ constructor, body }) => constructor === MESSAGE.pong && body.readBigUInt64LE(4) === good.id);
    }),
    ...([['msgs_ack', MESSAGE.ack], ['msgs_state_req', MESSAGE.stateRequest], ['msg_resend_req', MESSAGE.resendRequest]] as const).map(([name, constructor]) =>
      inSession(target, `${name} with 8,193 ids is malformed, with 8,192 it is taken`, async (session) => {
        await session.ping();
        session.clear();
        const ids = Array.from({ length: 8_193 }, () => messageId());
        const over = session.send(Buffer.concat([int32(constructor), longVector(ids)]));
        const refusal = await session.until('an error', ({ constructor: found, body }) => found === MESSAGE.rpcResult && body.readBigUInt64LE(4) === over);
        assert.equal(refusal.body.readUInt32LE(12), MESSAGE.rpcError);
        session.clear();
        const most = session.send(Buffer.concat([int32(constructor), longVector(ids.slice(1))]));
        await session.ping();
        const states = session.received.find(({ constructor: found, body }) => found === MESSAGE.stateInfo && body.readBigUInt64LE(4) === most);
        if (constructor === MESSAGE.ack) return assert.equal(session.received.filter(({ constructor: found }) => found === MESSAGE.rpcResult).length, 0);
        assert.equal(states && new TlReader(states.body.subarray(12)).byteString().length, 8_192);
      })),
  ];
}

function sequenceRows(target: EncryptedTarget): Row[] {
  const either = (name: string, body: () => Buffer): Row => inSession(target, `${name} is taken with an odd and with an even sequence number, alone and in a container`, async (session) => {
    await session.ping();
    for (const content of [true, false]) {
      const alone = session.send(body(), { seqNo: session.nextSeqNo(content) });
      const part = { id: messageId(), seqNo: session.nextSeqNo(content), body: body() };
      const container = session.send(containerBody([part]), { seqNo: session.nextSeqNo(false) });
      await session.ping();
      const refused = session.received.filter(({ constructor, body: notice }) => constructor === MESSAGE.badMessage && [alone, part.id, container].includes(notice.readBigUInt64LE(4)));
      assert.deepEqual(refused.map(({ body: notice }) => notice.readUInt32LE(16)), [], content ? 'odd' : 'even');
    }
  });
  const query = encode('help.getNearestDc', {});
  return [
    inSession(target, 'a later message with a lower sequence number: 32', async (session) => {
      for (let i = 0; i < 3; i++) await session.ping();
      const id = session.send(begun(query), { seqNo: 1 });
      assert.equal(await session.refusalOf(id), 32);
    }),
    inSession(target, 'an earlier message with a higher sequence number: 33', async (session) => {
      const early = messageId(-20);
      const id = session.send(pingBody(), { seqNo: 5 });
      await session.until('a pong', ({ body }) => body.readBigUInt64LE(4) === id);
      session.send(begun(query), { id: early, seqNo: 101 });
      assert.equal(await session.refusalOf(early), 33);
    }),
    inSession(target, 'a query with an even sequence number: 35', async (session) => {
      const id = session.send(begun(query), { seqNo: 0 });
      assert.equal(await session.refusalOf(id), 35);
    }),
    either('ping', () => pingBody()),
    either('ping_delay_disconnect', () => Buffer.concat([int32(MESSAGE.pingDelay), int64(7n), int32(60)])),
    either('get_future_salts', () => Buffer.concat([int32(MESSAGE.futureSaltsRequest), int32(2)])),
    either('msgs_ack', () => Buffer.concat([int32(MESSAGE.ack), longVector([messageId()])])),
    either('msgs_state_req', () => Buffer.concat([int32(MESSAGE.stateRequest), longVector([messageId()])])),
    either('msg_resend_req', () => Buffer.concat([int32(MESSAGE.resendRequest), longVector([1n])])),
    either('destroy_session', () => Buffer.concat([int32(MESSAGE.destroySession), int64(9n)])),
    either('rpc_drop_answer', () => Buffer.concat([int32(MESSAGE.dropAnswer), int64(9n)])),
  ];
}

function saltRows(target: EncryptedTarget, person: Person): Row[] {
  return [
    {
      name: 'a wrong salt: bad_server_salt 48 with the right one, and the message is not executed',
      run: async () => {
        const session = await revived(person);
        await person.call('account.updateProfile', { first_name: 'Salted' });
        for (const salt of [0n, 0xffffffffffffffffn, session.salt ^ 1n]) {
          session.clear();
          const right = session.salt;
          const id = session.send(setName('Unsalted'), { salt });
          const notice = await session.until('bad_server_salt', ({ constructor }) => constructor === MESSAGE.badSalt);
          assert.deepEqual({ about: notice.body.readBigUInt64LE(4), code: notice.body.readUInt32LE(16) }, { about: id, code: 48 });
          const told = notice.body.readBigUInt64LE(20);
          assert.ok(told !== salt);
          session.salt = told;
          assert.equal(await nameOf(person), 'Salted');
          session.salt = right;
        }
      },
    },
    inSession(target, 'get_future_salts answers 1…64 that follow one another, whatever is asked', async (session) => {
      for (const [asked, count] of [[1, 1], [64, 64], [65, 64], [0x7fffffff, 64], [0, 1], [-1, 1]] as const) {
        session.clear();
        const id = session.send(Buffer.concat([int32(MESSAGE.futureSaltsRequest), int32(asked)]));
        const { body } = await session.until('future_salts', ({ constructor }) => constructor === MESSAGE.futureSalts);
        const reader = new TlReader(body.subarray(4));
        assert.equal(reader.int64(), id);
        const now = reader.int32();
        assert.ok(Math.abs(now - Date.now() / 1_000) < 5);
        const salts = Array.from({ length: reader.uint32() }, () => ({ since: reader.int32(), until: reader.int32(), salt: reader.int64() }));
        assert.equal(salts.length, count, `${asked} asked`);
        assert.equal(new Set(salts.map(({ salt }) => salt)).size, count, 'salts repeat');
        salts.forEach(({ since, until }, index) => {
          assert.ok(since < until);
          const before = salts[index - 1];
          assert.ok(before === undefined ? since <= now && now < until : since > before.since && since < before.until, 'a gap between two salts');
        });
      }
    }),
    inSession(target, 'a salt told for later is not valid yet', async (session) => {
      session.send(Buffer.concat([int32(MESSAGE.futureSaltsRequest), int32(8)]));
      const { body } = await session.until('future_salts', ({ constructor }) => constructor === MESSAGE.futureSalts);
      const reader = new TlReader(body.subarray(20));
      const salts = Array.from({ length: 8 }, () => ({ since: reader.int32(), until: reader.int32(), salt: reader.int64() }));
      const id = session.send(pingBody(), { salt: salts[7]!.salt });
      assert.equal(await session.refusalOf(id), 48);
    }),
  ];
}

function sessionRows(target: EncryptedTarget): Row[] {
  const { gateway } = target;
  const announcement = ({ constructor }: Received): boolean => constructor === MESSAGE.newSession;
  return [
    inSession(target, 'new_session_created comes once, names the first message and a salt that is valid', async (session) => {
      const id = session.send(pingBody());
      const created = await session.until('new_session_created', announcement);
      assert.equal(created.body.readBigUInt64LE(4), id);
      session.salt = created.body.readBigUInt64LE(20);
      await session.ping();
      await session.reconnect(gateway);
      await session.ping();
      assert.equal(new Set(session.received.filter(announcement).map(({ id: said }) => said)).size, 1, 'it was said anew');
      assert.equal(session.received.filter(({ constructor }) => constructor === MESSAGE.badSalt).length, 0);
    }),
    inSession(target, 'a session id under another key is another session', async (session) => {
      await session.ping();
      const mine = session.send(begun(encode('help.getNearestDc', {})));
      await session.until('the result', ({ constructor, body }) => constructor === MESSAGE.rpcResult && body.readBigUInt64LE(4) === mine);
      const thief = await Session.open(gateway, await makeKey(gateway));
      thief.sessionId = session.sessionId;
      await thief.ping();
      assert.equal(thief.received.filter(announcement).length, 1, 'the session was taken for the other\'s');
      const asked = thief.send(Buffer.concat([int32(MESSAGE.resendRequest), longVector(session.received.map(({ id }) => id))]));
      await thief.ping();
      const answers = thief.received.filter(({ constructor }) => constructor === MESSAGE.rpcResult);
      assert.deepEqual(answers, [], 'an answer of the other session was handed out');
      const { body } = await thief.until('msgs_state_info', ({ constructor, body: info }) => constructor === MESSAGE.stateInfo && info.readBigUInt64LE(4) === asked);
      for (const state of new TlReader(body.subarray(12)).byteString()) assert.ok(state < 4, 'messages of the other session are known');
      thief.close();
      await session.ping();
    }),
    inSession(target, 'a resent answer keeps its id and its contents, and stops when acknowledged', async (session) => {
      session.acknowledges = false;
      const query = session.send(begun(encode('help.getNearestDc', {})));
      const first = await session.until('the result', ({ constructor, body }) => constructor === MESSAGE.rpcResult && body.readBigUInt64LE(4) === query);
      session.clear();
      session.send(Buffer.concat([int32(MESSAGE.resendRequest), longVector([first.id])]));
      const again = await session.until('the result again', ({ constructor }) => constructor === MESSAGE.rpcResult);
      assert.deepEqual({ id: again.id, seqNo: again.seqNo, body: again.body.toString('hex') }, { id: first.id, seqNo: first.seqNo, body: first.body.toString('hex') });
      assert.notDeepEqual(again.packet.subarray(8, 24), first.packet.subarray(8, 24), 'the very packet was repeated');
      session.send(Buffer.concat([int32(MESSAGE.ack), longVector([first.id])]), { seqNo: session.nextSeqNo(false) });
      session.clear();
      session.send(Buffer.concat([int32(MESSAGE.resendRequest), longVector([first.id])]));
      await session.ping();
      assert.deepEqual(session.received.filter(({ constructor }) => constructor === MESSAGE.rpcResult), []);
    }),
    inSession(target, 'an answer that was not acknowledged comes again over a new connection, under its id', async (session) => {
      session.acknowledges = false;
      const query = session.send(begun(encode('help.getNearestDc', {})));
      const first = await session.until('the result', ({ constructor, body }) => constructor === MESSAGE.rpcResult && body.readBigUInt64LE(4) === query);
      session.clear();
      await session.reconnect(gateway);
      await session.ping();
      const again = await session.until('the result again', ({ constructor }) => constructor === MESSAGE.rpcResult);
      assert.equal(again.id, first.id);
    }),
    inSession(target, 'a quick ack is the packet\'s own token, and none comes for a packet that is dropped', async (session) => {
      await session.ping();
      const id = messageId();
      const { packet, quickAckToken } = session.seal(pingBody(), { id });
      session.wire.send(packet, true);
      await session.until('a pong', ({ constructor, body }) => constructor === MESSAGE.pong && body.readBigUInt64LE(4) === id);
      assert.deepEqual(session.quickAcks, [quickAckToken]);
      session.send(pingBody(), { quickAck: true, packet: (flawed) => flipBit(flawed, 30) });
      await session.wire.whenClosed();
      assert.equal(session.quickAcks.length, 1);
    }),
    inSession(target, 'ids of the server rise, ≡ 1 mod 4 for answers and ≡ 3 for what was not asked', async (session) => {
      for (let i = 0; i < 50; i++) {
        session.send(pingBody());
        session.send(begun(encode('help.getNearestDc', {})));
      }
      await session.untilSome('all answers', () => (session.received.filter(({ constructor }) => constructor === MESSAGE.rpcResult || constructor === MESSAGE.pong).length === 100 ? true : undefined));
      const ids = session.received.map(({ id }) => id);
      assert.equal(new Set(ids).size, ids.length, 'an id repeats');
      for (const { id, constructor } of session.received) {
        const asked = constructor === MESSAGE.rpcResult || constructor === MESSAGE.pong;
        if (constructor !== MESSAGE.newSession) assert.equal(id & 3n, asked ? 1n : 3n, `constructor ${constructor.toString(16)}`);
        assert.equal(id & 1n, 1n);
        assert.ok(Math.abs(Number(id >> 32n) - Date.now() / 1_000) < 10);
      }
      const pongs = session.received.filter(({ constructor }) => constructor === MESSAGE.pong).map(({ id }) => id);
      assert.deepEqual(pongs, [...pongs].sort((a, b) => (a < b ? -1 : 1)), 'ids of pongs fall');
    }),
    inSession(target, 'a session that was destroyed is a new one; the own session can\'t be destroyed', async (session) => {
      await session.ping();
      const other = await Session.open(gateway, target.key);
      await other.ping();
      other.clear();
      session.send(Buffer.concat([int32(MESSAGE.destroySession), int64(other.sessionId)]));
      await session.until('destroy_session_ok', ({ constructor }) => constructor === MESSAGE.destroySessionOk);
      await other.wire.whenClosed();
      await other.reconnect(gateway);
      await other.ping();
      assert.equal(other.received.filter(announcement).length, 1);
      other.close();
      session.send(Buffer.concat([int32(MESSAGE.destroySession), int64(session.sessionId)]));
      await session.until('destroy_session_none', ({ constructor }) => constructor === MESSAGE.destroySessionNone);
      session.clear();
      const stranger = await Session.open(gateway, await makeKey(gateway));
      await stranger.ping();
      session.send(Buffer.concat([int32(MESSAGE.destroySession), int64(stranger.sessionId)]));
      await session.until('destroy_session_none', ({ constructor }) => constructor === MESSAGE.destroySessionNone);
      await stranger.ping();
      assert.equal(stranger.received.filter(announcement).length, 1, 'another key\'s session was destroyed');
      stranger.close();
    }),
    {
      name: 'a destroyed auth key is unknown at once, on every connection',
      run: async () => {
        const key = await makeKey(gateway);
        const [session, other] = [await Session.open(gateway, key), await Session.open(gateway, key)];
        await session.ping();
        await other.ping();
        session.send(int32(MESSAGE.destroyKey));
        await session.until('destroy_auth_key_ok', ({ constructor }) => constructor === MESSAGE.destroyKeyOk);
        await other.wire.whenClosed();
        const later = await Session.open(gateway, key);
        later.send(pingBody());
        await later.untilSome('the transport error', () => later.transportErrors[0]);
        assert.deepEqual(later.transportErrors, [UNKNOWN_KEY]);
        for (const each of [session, other, later]) each.close();
      },
    },
    inSession(target, 'more than 64 sessions of one key: the key stays usable, older sessions give way', async (session) => {
      for (let i = 0; i < 200; i++) session.send(pingBody(), { sessionId: randomBytes(8).readBigUInt64LE(0), seqNo: 1 });
      session.close();
      const later = await Session.open(gateway, target.key);
      await later.ping();
      later.close();
    }),
    inSession(target, 'invokeAfterMsg of itself and of a query that failed: MSG_WAIT_FAILED', async (session) => {
      const query = encode('help.getNearestDc', {});
      await session.ping();
      const own = messageId();
      const ownOutcome = await session.call(Buffer.concat([int32(MESSAGE.invokeAfterMsg), int64(own), begun(query)]), undefined, { id: own });
      assert.equal(describe(ownOutcome), '400 MSG_WAIT_FAILED');
      const failing = messageId();
      const failed = session.call(begun(encode('users.getUsers', { id: [] })), undefined, { id: failing });
      assert.equal(describe(await failed), '401 AUTH_KEY_UNREGISTERED');
      assert.equal(describe(await session.call(Buffer.concat([int32(MESSAGE.invokeAfterMsg), int64(failing), begun(query)]))), '400 MSG_WAIT_FAILED');
    }),
  ];
}

function packedRows(target: EncryptedTarget, stage: Stage): Row[] {
  const query = begun(encode('help.getNearestDc', {}));
  const accepted = (name: string, body: () => Buffer): Row => inSession(target, `${name} is unpacked`, async (session) => {
    const outcome = await session.call(body());
    assert.equal(outcome.error, undefined, describe(outcome));
  });
  const refused = (name: string, body: () => Buffer): Row => inSession(target, `${name} is refused, and the connection lives`, async (session) => {
    const outcome = await session.call(body(), 20_000);
    assert.equal(outcome.error?.code, 400, describe(outcome));
    await session.ping();
  });
  const after = (body: Buffer): Buffer => Buffer.concat([int32(MESSAGE.invokeAfterMsg), int64(messageId() - (1n << 32n)), body]);
  const layered = (body: Buffer): Buffer => Buffer.concat([int32(MESSAGE.invokeWithLayer), int32(229), body]);
  return [
    accepted('gzip', () => packedBody(gzipSync(query))),
    accepted('zlib (TDLib)', () => packedBody(deflateSync(query))),
    accepted('gzip in invokeWithLayer', () => layered(packedBody(gzipSync(query)))),
    inSession(target, 'gzip in invokeAfterMsg is unpacked', async (session) => {
      const first = messageId();
      const [one, two] = await Promise.all([session.call(query, undefined, { id: first }), session.call(Buffer.concat([int32(MESSAGE.invokeAfterMsg), int64(first), packedBody(gzipSync(query))]))]);
      assert.deepEqual([one.error, two.error], [undefined, undefined]);
    }),
    refused('gzip in gzip', () => packedBody(gzipSync(packedBody(gzipSync(query))))),
    refused('gzip in a wrapper in gzip', () => packedBody(gzipSync(layered(packedBody(gzipSync(query)))))),
    refused('gzip in a wrapper in gzip in a wrapper', () => layered(packedBody(gzipSync(layered(packedBody(gzipSync(query))))))),
    refused('a container in gzip', () => packedBody(gzipSync(containerBody([{ id: messageId(), seqNo: 1, body: query }])))),
    refused('damaged gzip', () => packedBody(flipBit(gzipSync(query), -6))),
    refused('gzip cut short', () => packedBody(gzipSync(query).subarray(0, -9))),
    refused('what is no gzip', () => packedBody(randomBytes(200))),
    refused('nothing', () => packedBody(Buffer.alloc(0))),
    refused('gzip of nothing', () => packedBody(gzipSync(Buffer.alloc(0)))),
    refused('a zip bomb of 100 MiB in 100 KB', () => packedBody(gzipSync(Buffer.alloc(BOMB_BYTES)))),
    refused('a zip bomb in invokeAfterMsg', () => after(packedBody(gzipSync(Buffer.alloc(BOMB_BYTES))))),
    {
      name: `${BOMBS_AT_ONCE} zip bombs at once: memory stays bounded, others are served meanwhile`,
      run: async () => {
        const bomb = packedBody(gzipSync(Buffer.alloc(BOMB_BYTES)));
        const before = stage.system.memoryBytes();
        const sessions = await Promise.all(Array.from({ length: 8 }, () => Session.open(target.gateway, target.key)));
        const bystander = await Session.open(target.gateway, target.key);
        await bystander.ping();
        let peak = before;
        const watch = setInterval(() => {
          peak = Math.max(peak, stage.system.memoryBytes());
        }, 20);
        const outcomes = Promise.all(sessions.flatMap((session) => Array.from({ length: BOMBS_AT_ONCE / sessions.length }, () => session.call(bomb, 30_000))));
        const pinged = performance.now();
        await bystander.ping();
        const pingMs = performance.now() - pinged;
        for (const outcome of await outcomes) assert.ok(outcome.error?.code === 400 || outcome.error?.code === 420, describe(outcome));
        clearInterval(watch);
        for (const session of [...sessions, bystander]) session.close();
        assert.ok(peak - before < BOMB_GROWTH_BYTES_MAX, `the process grew by ${Math.round((peak - before) / 1_048_576)} MiB`);
        return `${Math.round((peak - before) / 1_048_576)} MiB, a ping meanwhile ${Math.round(pingMs)} ms`;
      },
    },
  ];
}

/** Milliseconds from a flawed packet to the end of its connection. */
async function dropTime({ gateway, key }: EncryptedTarget, lies: MessageLies): Promise<number> {
  const session = await Session.open(gateway, key);
  const { packet } = session.seal(Buffer.alloc(512), { id: messageId(), ...lies });
  const started = performance.now();
  session.wire.send(packet);
  await session.wire.whenClosed();
  return performance.now() - started;
}

function timingRows(target: EncryptedTarget): Row[] {
  const kinds: [string, MessageLies][] = [
    ['msg_key', { padding: 16, msgKey: (msgKey) => flipBit(msgKey, 3) }],
    ['padding', { padding: 0, length: 512 }],
    ['length', { padding: 16, length: 511 }],
    ['negative length', { padding: 16, length: 0xffffff00 }],
  ];
  return [{
    name: 'flawed packets are dropped in the same time, whatever the flaw',
    run: async () => {
      const times = kinds.map((): number[] => []);
      for (let round = 0; round < TIMED_PACKETS; round++) for (const [index, [, lies]] of kinds.entries()) times[index]!.push(await dropTime(target, lies));
      compareMedians(kinds.map(([name], index) => ({ name, times: times[index]! })), MEDIAN_RATIO_MAX);
      return kinds.map(([name], index) => `${name} ${medianOf(times[index]!).toFixed(2)}`).join(', ');
    },
  }];
}

function quietRows(target: EncryptedTarget): Row[] {
  return [inSession(target, 'what the server sends tells nothing without the key: no length but that of the padded packet, no repetition', async (session) => {
    for (let i = 0; i < 64; i++) await session.ping();
    const pongs = session.received.filter(({ constructor }) => constructor === MESSAGE.pong).map(({ packet }) => packet);
    assert.ok(new Set(pongs.map((packet) => packet.length)).size > 1, 'all packets of one kind have one length');
    const blocks = pongs.flatMap((packet) => Array.from({ length: (packet.length - 24) / 16 }, (_, index) => packet.subarray(24 + 16 * index, 40 + 16 * index).toString('hex')));
    assert.equal(new Set(blocks).size, blocks.length, 'an encrypted block repeats');
    assert.equal(new Set(pongs.map((packet) => sha256(packet.subarray(8, 24)).toString('hex'))).size, pongs.length, 'msg_key repeats');
  })];
}

/** protocol.md section 2. */
export async function encryptedRows(stage: Stage): Promise<Row[]> {
  const { gateway } = stage;
  const target = { gateway, key: await makeKey(gateway) };
  const person = await Person.signUp(gateway, stage.phone(), 'Replayed');
  return [
    ...packetRows(target), ...messageIdRows(target, person, stage), ...containerRows(target, person), ...sequenceRows(target), ...saltRows(target, person), ...sessionRows(target),
    ...packedRows(target, stage), ...quietRows(target), ...timingRows(target),
  ];
}
