import { MessageIds } from '@heliograph/mtproto/message-id';
import { createPacketCipher } from '@heliograph/mtproto/packet/wasm-cipher';
import type { AuthKey } from './auth-key';
import type { Connection } from './connection';
import { CONSTRUCTOR } from './domain/constructors';
import { openContainer } from './domain/container';
import {
  CONTAINER_BYTES_MAX, CONTAINER_MESSAGES_MAX, PENDING_ACKS_MAX, UNACKED_BYTES_MAX, UNACKED_BYTES_PER_KEY_MAX, UNACKED_BYTES_PER_UNAUTHORISED_KEY_MAX, UNACKED_MESSAGES_MAX, UNACKED_OVERHEAD_BYTES,
} from './limits';
import { Outbox } from './outbox';
import { Session } from './session';
import { fakeConnection, fakeKey } from './testing/fake-connection';

interface Sent {
  readonly id: bigint;
  readonly seqNo: number;
  readonly body: Uint8Array;
}

const NOW = 1_700_000_000_000;
const cipher = createPacketCipher({ slots: 16 });
let scheduled: (() => void)[];
let defects: unknown[];

function openOutbox(unackedBytesMax?: number): Outbox {
  scheduled = [];
  defects = [];
  return new Outbox({
    ids: new MessageIds(() => NOW), cipher,
    schedule: (task) => scheduled.push(task),
    now: () => NOW,
    currentSalt: () => 1n,
    holdKey: () => undefined,
    onWritten: () => undefined,
    onDefect: (_, error) => defects.push(error),
    countSent: () => undefined,
    countBatch: () => undefined,
  }, unackedBytesMax);
}

/** A connection that keeps what is sealed for it. */
function wire(): { connection: Connection; packets: Sent[] } {
  const packets: Sent[] = [];
  const transport = { seal: (id: bigint, seqNo: number, body: Uint8Array) => (packets.push({ id, seqNo, body }), Buffer.alloc(0)) };
  return { packets, connection: fakeConnection({ slot: cipher.allocate(), transport, write: () => undefined } as unknown as Partial<Connection>) };
}

function openSession(key: AuthKey = fakeKey(5), connection?: Connection): Session {
  const id = BigInt(key.sessions.size + 1);
  const session = new Session(id, key, 0n);
  key.sessions.set(id, session);
  if (connection !== undefined) session.connections.push(connection);
  return session;
}

const turn = (): void => {
  for (const task of scheduled.splice(0)) task();
};
const keptIds = (session: Session): bigint[] => [...(session.unacked?.values() ?? [])].map(({ message }) => message.answers);
const parts = ({ id, body }: Sent): Sent[] => (body.byteLength >= 4 && Buffer.from(body).readUInt32LE(0) === CONSTRUCTOR.msg_container ? openContainer(id, body) ?? [] : [{ id, seqNo: 0, body }]);

test('what is due in one turn leaves in one container, numbered in order, below its id', () => {
  const outbox = openOutbox();
  const { connection, packets } = wire();
  const session = openSession(undefined, connection);
  outbox.ack(session, 400n);
  outbox.answer(session, 8n, Buffer.alloc(4));
  outbox.reply(session, Buffer.alloc(8));
  outbox.notify(session, Buffer.alloc(12));
  expect(packets).toEqual([]);
  turn();
  expect(packets.length).toBe(1);
  const [container] = packets as [Sent];
  const inside = parts(container);
  expect(inside.map(({ seqNo, body }) => [seqNo, body.byteLength])).toEqual([[1, 16], [2, 8], [3, 12], [4, 20]]);
  expect(inside.map(({ id }) => id & 3n)).toEqual([1n, 1n, 3n, 3n]);
  expect(inside.every(({ id }, index) => id > (inside[index - 1]?.id ?? 0n) && id < container.id)).toBe(true);
});

test('what goes to several sessions has one id, and its own number in each; twice to one, and after something newer, it has another id', () => {
  const outbox = openOutbox();
  const wires = [wire(), wire()] as const;
  const [one, other] = wires.map(({ connection }, index) => openSession(fakeKey(5 + index), connection)) as [Session, Session];
  const body = Buffer.alloc(12);
  outbox.answer(other, 8n, Buffer.alloc(4));
  turn();
  for (const session of [one, other]) outbox.notify(session, body, true);
  turn();
  const [first, second] = [wires[0].packets[0], wires[1].packets[1]] as [Sent, Sent];
  expect([first.id, first.seqNo, second.seqNo]).toEqual([second.id, 1, 3]);
  expect([one, other].map((session) => [...session.unacked!.values()].at(-1))).toMatchObject([{ message: { id: first.id }, seqNo: 1 }, { message: { id: first.id }, seqNo: 3 }]);
  outbox.notify(one, body, true);
  outbox.notify(one, body, true);
  outbox.answer(other, 12n, Buffer.alloc(4));
  outbox.notify(other, body, true);
  turn();
  const ids = [wires[0].packets[1], wires[1].packets[2]].map((packet) => parts(packet as Sent).map(({ id }) => id));
  for (const inOne of ids) expect(inOne.every((id, index) => id > (inOne[index - 1] ?? first.id))).toBe(true);
  expect(ids[0]!.length).toBe(2);
});

test('an answer acknowledges its query; other acks wait for company, a tick, or their bound', () => {
  const outbox = openOutbox();
  const { connection, packets } = wire();
  const session = openSession(undefined, connection);
  outbox.ack(session, 8n);
  outbox.answer(session, 8n, Buffer.alloc(4));
  turn();
  expect(packets.length).toBe(1);
  outbox.ack(session, 12n);
  turn();
  expect(packets.length).toBe(1);
  outbox.flushAcks();
  turn();
  expect(Buffer.from(packets[1]!.body).readBigUInt64LE(12)).toBe(12n);
  for (let id = 0; id < PENDING_ACKS_MAX; id++) outbox.ack(session, BigInt(id));
  turn();
  expect(packets[2]!.body.byteLength).toBe(12 + 8 * PENDING_ACKS_MAX);
});

test('containers are bounded in messages and bytes', () => {
  const outbox = openOutbox();
  const { connection, packets } = wire();
  const session = openSession(undefined, connection);
  for (let count = 0; count < CONTAINER_MESSAGES_MAX + 3; count++) outbox.reply(session, Buffer.alloc(4));
  turn();
  expect(packets.map((packet) => parts(packet).length)).toEqual([CONTAINER_MESSAGES_MAX, 3]);
  packets.length = 0;
  for (let count = 0; count < 3; count++) outbox.reply(session, Buffer.alloc(CONTAINER_BYTES_MAX / 2));
  turn();
  expect(packets.map((packet) => parts(packet).length)).toEqual([1, 1, 1]);
});

test('a session without a connection keeps what must be acknowledged, and nothing else', () => {
  const outbox = openOutbox();
  const session = openSession();
  outbox.reply(session, Buffer.alloc(4));
  outbox.answer(session, 8n, Buffer.alloc(4));
  expect(keptIds(session)).toEqual([8n]);
  expect(outbox.findAnswer(session, 8n)?.message.answers).toBe(8n);
  expect([...outbox.answers(session).keys()]).toEqual([8n]);
});

test('acks end the keeping; a withdrawn answer does not leave', () => {
  const outbox = openOutbox();
  const { connection, packets } = wire();
  const session = openSession(undefined, connection);
  outbox.answer(session, 8n, Buffer.alloc(4));
  turn();
  outbox.acknowledged(session, [packets[0]!.id, 999n]);
  expect([session.unacked, session.unackedBytes, session.key.unackedBytes, outbox.keptBytes]).toEqual([undefined, 0, 0, 0]);
  outbox.answer(session, 12n, Buffer.alloc(4));
  outbox.withdraw(session, outbox.findAnswer(session, 12n)!);
  turn();
  expect(packets.length).toBe(1);
});

test('a kept message is sent again under its own id, once in a turn', () => {
  const outbox = openOutbox();
  const { connection, packets } = wire();
  const session = openSession(undefined, connection);
  outbox.answer(session, 8n, Buffer.alloc(4));
  turn();
  const kept = outbox.findAnswer(session, 8n)!;
  outbox.resend(session, kept);
  outbox.resend(session, kept);
  turn();
  expect(packets.map(({ id, seqNo }) => [id, seqNo])).toEqual([[kept.message.id, kept.seqNo], [kept.message.id, kept.seqNo]]);
  expect(outbox.keptBytes).toBe(kept.message.body.byteLength + UNACKED_OVERHEAD_BYTES);
});

describe('what is kept is bounded, the oldest goes first', () => {
  const answer = (outbox: Outbox, session: Session, count: number, bytes: number): void => {
    for (let id = 1; id <= count; id++) outbox.answer(session, BigInt(id), Buffer.alloc(bytes));
  };

  test('per session, in messages and in bytes', () => {
    const outbox = openOutbox();
    const [many, large] = [openSession(), openSession()];
    answer(outbox, many, UNACKED_MESSAGES_MAX + 2, 4);
    expect([keptIds(many).length, keptIds(many)[0]]).toEqual([UNACKED_MESSAGES_MAX, 3n]);
    answer(outbox, large, 5, UNACKED_BYTES_MAX / 2 - 1_024);
    expect(keptIds(large)).toEqual([4n, 5n]);
    answer(outbox, large, 1, UNACKED_BYTES_MAX);
    expect(keptIds(large)).toEqual([1n]);
  });

  test.each([['logged in', 5, UNACKED_BYTES_PER_KEY_MAX], ['nobody logged in', 0, UNACKED_BYTES_PER_UNAUTHORISED_KEY_MAX]])('per key with %s: the session that keeps most gives way', (_, userId, most) => {
    const outbox = openOutbox();
    const key = fakeKey(userId);
    const sessions = Array.from({ length: 8 }, () => openSession(key));
    const bytes = most / 32;
    for (const session of sessions) answer(outbox, session, 8, bytes);
    expect(key.unackedBytes).toBeLessThanOrEqual(most);
    expect(key.unackedBytes).toBe(sessions.reduce((sum, { unackedBytes }) => sum + unackedBytes, 0));
    for (const session of sessions) expect(keptIds(session).at(-1)).toBe(8n);
  });

  test('over all: the session that acknowledged nothing for longest gives way', () => {
    const outbox = openOutbox(10_000);
    const [idle, alive] = [openSession(fakeKey(5)), openSession(fakeKey(6))];
    answer(outbox, alive, 4, 744);
    answer(outbox, idle, 4, 744);
    outbox.acknowledged(alive, [alive.unacked!.oldest!.id]);
    answer(outbox, openSession(fakeKey(7)), 6, 744);
    expect(keptIds(idle).length).toBeLessThan(4);
    expect(keptIds(alive)).toEqual([2n, 3n, 4n]);
    expect(outbox.keptBytes).toBeLessThanOrEqual(10_000);
  });

  test('a forgotten session gives everything back', () => {
    const outbox = openOutbox();
    const session = openSession();
    answer(outbox, session, 3, 100);
    outbox.forget(session);
    expect([outbox.keptBytes, session.key.unackedBytes, session.unackedBytes]).toEqual([0, 0, 0]);
  });
});

test('a connection that cannot be written to is a defect of its own; others get theirs', () => {
  const outbox = openOutbox();
  const [bad, good] = [wire(), wire()];
  (bad.connection.transport as unknown as { seal: () => never }).seal = () => {
    throw new Error('no');
  };
  outbox.reply(openSession(fakeKey(5), bad.connection), Buffer.alloc(4));
  outbox.reply(openSession(fakeKey(6), good.connection), Buffer.alloc(4));
  turn();
  expect([defects.length, good.packets.length]).toEqual([1, 1]);
});
