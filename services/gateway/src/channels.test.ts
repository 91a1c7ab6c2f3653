import { channelBox, channelOfBox } from '@heliograph/box/box-id';
import type { ChannelPush } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';
import type { Updates } from '@heliograph/tl/api';
import { readObject } from '@heliograph/tl/reader';
import { writeObject } from '@heliograph/tl/writer';
import { eventually } from '@heliograph/testing/eventually';
import type { FakeKey } from './testing/fake-services';
import { type GatewayFixture, startGateway } from './testing/gateway-fixture';
import type { RawClient } from './testing/raw-client';

jest.setTimeout(30_000);

let fixture: GatewayFixture;
beforeAll(async () => {
  fixture = await startGateway();
  fixture.services.on('updates.getState', () => ({ _: 'updates.state' as const, pts: 1, qts: 0, date: 1, seq: 1, unread_count: 0 }));
});
afterAll(() => fixture.close());

const GET_STATE = writeObject({ _: 'updates.getState' }, 'newest');
let lastChannel = 1_000_000_002;
let lastUser = 2_000;

/** A message of a channel. */
const said = (channel: number, id: number, by = 5, out?: true): Uint8Array => writeObject({
  _: 'updates', users: [], chats: [], date: 1, seq: 0,
  updates: [{ _: 'updateNewChannelMessage', message: { _: 'message', id, out, from_id: { _: 'peerUser', user_id: by }, peer_id: { _: 'peerChannel', channel_id: channelOfBox(channel) }, date: 1, message: `said ${id}` }, pts: id, pts_count: 1 }],
}, 'newest');
const push = (channel: number, value: Partial<Pick<ChannelPush, 'updates' | 'joined' | 'left' | 'version' | 'variants' | 'posted'>>, more: object = {}): void => {
  fixture.services.push({ what: { case: 'channel', value: { channel: BigInt(channel), ...value } }, ...more });
};

function channel(): number {
  lastChannel += 32;
  return channelBox(lastChannel);
}
function login(...channels: number[]): FakeKey {
  lastUser += 1;
  fixture.services.channelsOf.set(lastUser, channels.map((box) => ({ channel: box, version: 1 })));
  return fixture.services.addKey({ userId: lastUser });
}
async function listening(key: FakeKey, ...channels: number[]): Promise<RawClient> {
  const client = await fixture.client(key);
  await client.result(client.send(GET_STATE));
  await eventually(() => fixture.services.online.has(key.userId) && channels.every((box) => fixture.services.online.has(box)));
  return client;
}
const updatesOf = (client: RawClient): Updates[] => client.received.filter(({ constructor }) => constructor === 0x74ae4240).map(({ body }) => readObject(body, 'Updates') as Updates);
const idsOf = (client: RawClient): number[] => updatesOf(client).flatMap(({ updates }) => updates.map((update) => (update as { message: { id: number } }).message.id));
const told = (client: RawClient): number[] => client.received.filter(({ constructor }) => constructor === 0x78d4dec1).map(({ body }) => (readObject(body, 'Updates') as { update: { channel_id: number } }).update.channel_id);

test('what is said in a channel reaches the members that their own boxes name, in order, as each of them sees it', async () => {
  const box = channel();
  const [ann, ben, stranger] = [login(box), login(box), login()];
  const [one, two, three, other] = [await listening(ann, box), await listening(ann, box), await listening(ben, box), await listening(stranger)];
  for (let id = 2; id < 30; id += 1) push(box, { updates: said(box, id), version: BigInt(id), variants: [{ userIds: [BigInt(ben.userId)], updates: said(box, id, ben.userId, true) }] as ChannelPush['variants'] });
  const ids = Array.from({ length: 28 }, (_, index) => index + 2);
  for (const client of [one, two, three]) await eventually(() => idsOf(client).length === 28);
  expect([one, two, three].map(idsOf)).toEqual([ids, ids, ids]);
  expect(updatesOf(one)[0]).toMatchObject({ updates: [{ message: { out: undefined } }], users: [{ _: 'user', min: true, id: 5, first_name: 'User 5', access_hash: undefined }] });
  expect(updatesOf(three)[0]).toMatchObject({ updates: [{ message: { out: true } }], users: [{ _: 'user', id: ben.userId, self: true }] });
  await other.ping();
  expect(updatesOf(other)).toEqual([]);
  expect(fixture.services.listed.filter((user) => user === ann.userId)).toHaveLength(1);
});

test('the session that has a change in its answer gets it no second time', async () => {
  const box = channel();
  const ann = login(box);
  const [one, two] = [await listening(ann, box), await listening(ann, box)];
  push(box, { updates: said(box, 2) }, { exceptAuthKeyId: ann.id, exceptSessionId: one.sessionId });
  await eventually(() => idsOf(two).includes(2));
  await one.ping();
  expect(idsOf(one)).toEqual([]);
});

test('who joins while online gets what follows, and who is removed nothing', async () => {
  const box = channel();
  const [ann, ben] = [login(box), login()];
  const [staying, coming] = [await listening(ann, box), await listening(ben)];
  push(box, { updates: said(box, 2), version: 2n });
  push(box, { updates: said(box, 3), version: 3n, joined: [BigInt(ben.userId)] });
  push(box, { updates: said(box, 4), version: 4n });
  await eventually(() => idsOf(coming).includes(4));
  push(box, { updates: said(box, 5), version: 5n, left: [BigInt(ben.userId)] });
  // What the member's own box was told comes later.
  fixture.services.push({ userIds: [BigInt(ben.userId)], what: { case: 'channelRoute', value: { channel: BigInt(box), present: true, version: 3n } } });
  push(box, { updates: said(box, 6), version: 6n });
  await eventually(() => idsOf(staying).length === 5);
  await coming.ping();
  expect(idsOf(coming)).toEqual([3, 4]);
});

test('a channel is announced while a member is here, and as soon as a member\'s own box says so', async () => {
  const box = channel();
  const ann = login();
  const client = await listening(ann);
  fixture.services.push({ userIds: [BigInt(ann.userId)], what: { case: 'channelRoute', value: { channel: BigInt(box), present: true, version: 3n } } });
  await eventually(() => fixture.services.online.has(box));
  push(box, { updates: said(box, 4), version: 4n });
  await eventually(() => idsOf(client).includes(4));
  fixture.services.push({ userIds: [BigInt(ann.userId)], what: { case: 'channelRoute', value: { channel: BigInt(box), present: false, version: 5n } } });
  await eventually(() => !fixture.services.online.has(box));
  fixture.services.channelsOf.set(ann.userId, [{ channel: box, version: 9 }]);
  client.close();
  await eventually(() => !fixture.services.online.has(ann.userId));
  await client.connect();
  await client.ping();
  await eventually(() => fixture.services.online.has(box));
  client.close();
  await eventually(() => !fixture.services.online.has(box));
});

test('a message in a channel that somebody has in the archive has that looked after, until it is not there any more', async () => {
  const box = channel();
  const ann = login();
  fixture.services.channelsOf.set(ann.userId, [{ channel: box, version: 1, asleep: true }]);
  const client = await listening(ann, box);
  const looked = () => fixture.services.woken.filter((user) => user === ann.userId).length;
  // Reads, edits and the like bring nothing back.
  push(box, { updates: said(box, 2) });
  await eventually(() => idsOf(client).includes(2));
  expect(looked()).toBe(0);
  push(box, { updates: said(box, 3), posted: true });
  await eventually(() => looked() === 1);
  push(box, { updates: said(box, 4), posted: true });
  await eventually(() => idsOf(client).includes(4));
  expect(looked()).toBe(1);
  fixture.services.push({ userIds: [BigInt(ann.userId)], what: { case: 'channelsAsleep', value: { channels: [BigInt(box)] } } });
  push(box, { updates: said(box, 5), posted: true });
  await eventually(() => looked() === 2);
});

test('one that is muted is looked after when somebody writes after the mute has ended', async () => {
  const box = channel();
  const ann = login();
  const seconds = (): number => Math.floor(Date.now() / 1_000);
  fixture.services.channelsOf.set(ann.userId, [{ channel: box, version: 1, asleepFrom: seconds() + 3_600 }]);
  const client = await listening(ann, box);
  const looked = () => fixture.services.woken.filter((user) => user === ann.userId).length;
  push(box, { updates: said(box, 2), posted: true });
  await eventually(() => idsOf(client).includes(2));
  expect(looked()).toBe(0);
  fixture.services.push({ userIds: [BigInt(ann.userId)], what: { case: 'channelsAsleep', value: { channels: [], later: [{ channel: BigInt(box), from: seconds() }] } } });
  push(box, { updates: said(box, 3), posted: true });
  await eventually(() => looked() === 1);
});

test('who comes while something goes by is told to ask for it', async () => {
  const box = channel();
  await listening(login(box), box);
  const ben = login(box);
  let listed = (): void => {};
  fixture.services.beforeListing = () => new Promise((resolve) => { listed = resolve; });
  const coming = await listening(ben);
  fixture.services.beforeListing = undefined;
  push(box, { updates: said(box, 2), version: 2n });
  await coming.ping();
  listed();
  await eventually(() => told(coming).includes(channelOfBox(box)));
  push(box, { updates: said(box, 3), version: 3n });
  await eventually(() => idsOf(coming).includes(3));
  expect(idsOf(coming)).toEqual([3]);
});

test('members look for what they missed when the stream from fanout broke', async () => {
  const box = channel();
  const client = await listening(login(box), box);
  fixture.services.online.clear();
  fixture.services.breakStreams();
  await eventually(() => fixture.services.online.has(box));
  await eventually(() => told(client).includes(channelOfBox(box)));
});

test('a burst reaches everybody whole and in order', async () => {
  const box = channel();
  const clients = await Promise.all(Array.from({ length: 24 }, () => listening(login(box), box)));
  for (let id = 1; id <= 400; id += 1) push(box, { updates: said(box, id), version: BigInt(id) });
  for (const client of clients) await eventually(() => idsOf(client).length >= 400);
  const ids = Array.from({ length: 400 }, (_, index) => index + 1);
  for (const client of clients) expect(idsOf(client)).toEqual(ids);
  for (const client of clients) expect(told(client)).toEqual([]);
});
