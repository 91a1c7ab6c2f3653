import { writeObject } from '@heliograph/tl/writer';
import { CONSTRUCTOR } from './domain/constructors';
import { TlBytes } from './domain/tl-bytes';
import { HAND_OVER_IDS_MAX } from './limits';
import { Session } from './session';
import { describeSession } from './session-state';
import { fakeConnection, fakeKey } from './testing/fake-connection';

const NOW = 1_700_000_000_000;
const idAt = (secondsAgo: number, index = 0): bigint => (BigInt(NOW / 1_000 - secondsAgo) << 32n) + BigInt(index * 4);
const session = (): Session => new Session(3n, fakeKey(5, 77n), 1n);

test('of what it received goes along what could be replayed; the rest as a floor', () => {
  const old = session();
  for (const ago of [900, 400, 299, 10]) old.window.add(idAt(ago), 2 * (1_000 - ago) + 1);
  expect(describeSession(old, NOW)).toMatchObject({ receivedIds: [idAt(299), idAt(10)], receivedSeqNos: [1_403, 1_981], floor: idAt(400) });
  const busy = session();
  for (let index = 0; index < HAND_OVER_IDS_MAX + 5; index++) busy.window.add(idAt(5, index), 0);
  const { receivedIds, floor } = describeSession(busy, NOW);
  expect([receivedIds?.length, receivedIds?.[0], floor]).toEqual([HAND_OVER_IDS_MAX, idAt(5, 5), idAt(5, 4)]);
  expect(describeSession(session(), NOW)).toMatchObject({ receivedIds: [], floor: 0n });
});

test('queries that wait behind a packed one are unfinished, and so answered elsewhere; pings are not', () => {
  const held = session();
  const inboxed = (id: bigint, body: Uint8Array) => ({ message: { id, seqNo: 1, body }, connection: fakeConnection(), bytes: 0, unauthorised: false, waiting: true });
  held.inbox = [inboxed(8n, writeObject({ _: 'help.getNearestDc' }, 'newest')), inboxed(12n, new TlBytes(12).uint32(CONSTRUCTOR.ping).long(9n).done())];
  expect(describeSession(held, NOW)).toMatchObject({ unfinished: [8n] });
});
