import { create } from '@bufbuild/protobuf';
import { channelBox } from '@heliograph/box/box-id';
import { BANNED } from '@heliograph/box/group-rights';
import { dialogSeal } from '@heliograph/box/dialog-key';
import { sealTitle } from '@heliograph/box/group-title';
import { sealContent } from '@heliograph/box/content';
import { channelCalls } from '@heliograph/client-api/channel-calls';
import type { Keyring } from '@heliograph/crypto/keyring';
import { openMemoryEventLog } from '@heliograph/event-log/memory';
import {
  ActRequestSchema, ActResponseSchema, GetChannelsRequestSchema, GetChannelsResponseSchema, ListMembersRequestSchema, ListMembersResponseSchema, QueryRequestSchema, QueryResponseSchema,
} from '@heliograph/protos/heliograph/messagestore/v1/channel_box_pb';
import { CallError, movedError } from '@heliograph/service-kit/call-error';
import { MemoryDisk, openMemoryStorage } from '@heliograph/storage/memory';
import { fakeClock, type FakeClock } from '@heliograph/testing/fake-clock';
import { memoryKeyring } from '@heliograph/testing/memory-keyring';
import type { BoxEngine } from '../engine/contract';
import { createBoxEngine } from '../engine/engine';
import { partitionOfBox } from '../engine/topics';
import { act } from '../rpc/channel-box/act';
import { getChannels } from '../rpc/channel-box/getChannels';
import { listMembers } from '../rpc/channel-box/listMembers';
import { query } from '../rpc/channel-box/query';
import { Channels, type ChannelActInit, type ChannelReader } from './channels';
import { routedEngine } from './routed-engine';

const DC = 2;
const [ALICE, BOB, CAROL] = [34_000_002, 34_000_034, 34_000_066];
const BOX = channelBox(1_000_000_002);

let engine: BoxEngine;
let keyring: Keyring;
let clock: FakeClock;
let channels: Channels;
/** Reads per call. */
let asked: number[];
let failure: Error | undefined;
beforeEach(async () => {
  const disk = new MemoryDisk();
  clock = fakeClock();
  keyring = memoryKeyring();
  asked = [];
  failure = undefined;
  let calls = 0;
  engine = routedEngine(await createBoxEngine({
    storage: openMemoryStorage({ disk, clock }), eventLog: openMemoryEventLog({ disk, clock }), clock, log: { debug() {}, info() {}, warn() {}, error() {} },
    random: (bytes) => new Uint8Array(bytes).fill(calls += 1), dc: DC, relayDcs: [], relay: () => Promise.reject(new Error('no relay')),
  }));
  const deps = { engine, keyring, clock };
  channels = new Channels(new Map([[DC, {
    act: async (request) => {
      if (failure) throw failure;
      return create(ActResponseSchema, await act(deps, create(ActRequestSchema, request)));
    },
    getChannels: async (request) => create(GetChannelsResponseSchema, await getChannels(deps, create(GetChannelsRequestSchema, request))),
    query: async (request) => {
      asked.push(request.queries?.length ?? 0);
      return create(QueryResponseSchema, await query(deps, create(QueryRequestSchema, request)));
    },
    listMembers: async (request) => create(ListMembersResponseSchema, await listMembers(deps, create(ListMembersRequestSchema, request))),
    listAdminLog: async () => Promise.reject(new Error('nobody asks for it here')),
  }]]));
});
afterEach(() => engine.close());

const does = (user: number, what: ChannelActInit['act']) => channels.act({ userId: user, authKeyId: 1n, sessionId: 2n }, BOX, { act: what });
const invite = (...users: number[]) => does(ALICE, { case: 'invite', value: { users: users.map(BigInt) } });
const ban = (user: number, banned: number) => does(ALICE, { case: 'setBanned', value: { participant: BigInt(user), banned, untilDate: 0 } });

async function make(broadcast = false): Promise<void> {
  const titleSealed = sealTitle(await dialogSeal(keyring, DC, ALICE, BOX), BOX, 'Harbour');
  await does(ALICE, { case: 'create', value: { titleSealed, broadcast } });
}
async function say(user: number, message: string): Promise<number> {
  const content = sealContent(await dialogSeal(keyring, DC, user, BOX), user, BOX, { _: 'heliograph.messageContent', message });
  return (await does(user, { case: 'post', value: { content } })).message?.id ?? 0;
}
async function open(viewer: number): Promise<ChannelReader> {
  const reader = await channels.open(viewer, BOX);
  if (reader === undefined) throw new Error('no channel');
  return reader;
}

test('what reads an own box reads a channel, with what is asked in one turn in one call', async () => {
  await make();
  const ids = [await say(ALICE, 'one'), await say(ALICE, 'two'), await say(ALICE, 'three')];
  const reader = await open(ALICE);
  expect(reader).toMatchObject({ box: BOX, topId: ids[2], pts: ids[2], record: { creator: BigInt(ALICE), memberCount: 1 }, member: { present: true } });
  expect(reader.dialog(BOX)).toMatchObject({ topId: ids[2], pinnedIds: [] });
  expect(reader.dialog(ALICE)).toBeUndefined();
  const [history, found, above, changes] = await Promise.all([
    reader.history({ peer: BOX, maxId: 0, minId: 0, limit: 2 }), reader.messages([ids[0] as number, 99]), reader.countAbove(BOX, ids[0] as number), reader.changes(ids[0] as number, 10),
  ]);
  expect(asked).toEqual([4]);
  expect(history.map(({ id }) => id)).toEqual([ids[2], ids[1]]);
  expect(found.map((record) => record?.id)).toEqual([ids[0], undefined]);
  expect(above).toBe(2);
  expect(changes).toMatchObject({ pts: ids[2], complete: true });
  expect(changes.updates).toHaveLength(2);
});

test('who is removed reads nothing that comes later, whatever the reader knew when it was opened', async () => {
  await make();
  await invite(BOB);
  const id = await say(BOB, 'mine');
  const reader = await open(BOB);
  expect(await reader.messages([id])).toMatchObject([{ id }]);
  await ban(BOB, BANNED.view_messages);
  await expect(reader.history({ peer: BOX, maxId: 0, minId: 0, limit: 10 })).rejects.toMatchObject({ type: 'CHANNEL_PRIVATE' });
  await expect(reader.changes(0, 10)).rejects.toMatchObject({ type: 'CHANNEL_PRIVATE' });
  expect(await reader.members([BOB, CAROL])).toMatchObject([{ user: BigInt(BOB), present: false, banned: BANNED.view_messages }]);
  await expect(say(BOB, 'more')).rejects.toMatchObject({ type: 'CHANNEL_PRIVATE' });
});

test('strangers read what has a public name', async () => {
  await make();
  const id = await say(ALICE, 'hello');
  await expect((await open(CAROL)).messages([id])).rejects.toMatchObject({ type: 'CHANNEL_PRIVATE' });
  expect(await (await open(0)).messages([id])).toMatchObject([{ id }]);
  await does(ALICE, { case: 'setUsername', value: { username: 'harbour' } });
  expect(await (await open(CAROL)).messages([id])).toMatchObject([{ id }]);
});

test('of a hidden history a new member reads what comes after him', async () => {
  await make();
  const before = await say(ALICE, 'secret plan');
  await does(ALICE, { case: 'setSettings', value: { hiddenPrehistory: true } });
  await invite(BOB);
  const after = await say(ALICE, 'hello');
  const reader = await open(BOB);
  expect((await reader.messages([before, after])).map((record) => record?.id)).toEqual([undefined, after]);
  expect((await reader.history({ peer: BOX, maxId: 0, minId: 0, limit: 10 })).map(({ id }) => id)).toEqual([after]);
  expect(await reader.countAbove(BOX, 0)).toBe(1);
  expect((await reader.changes(0, 10)).updates.map(({ change }) => (change.case === 'message' ? change.value.id : 0))).toEqual([after]);
  expect((await (await open(ALICE)).history({ peer: BOX, maxId: 0, minId: 0, limit: 10 })).map(({ id }) => id)).toEqual([after, before]);
  await does(ALICE, { case: 'setSettings', value: { hiddenPrehistory: false } });
  expect(await reader.messages([before])).toMatchObject([{ id: before }]);
});

test('channels are found with what they know of the viewer; those that are not there are left out', async () => {
  await make(true);
  await invite(BOB);
  const id = await say(ALICE, 'hello');
  const elsewhere = channelBox(1_000_000_003);
  const nowhere = channelBox(1_000_000_034);
  expect(await channels.find(BOB, [nowhere, BOX, elsewhere, -7, BOX], { top: true })).toMatchObject([{ channel: BigInt(BOX), member: { present: true }, topId: id, top: { id }, record: { broadcast: true, memberCount: 2 } }]);
  const [nobodys] = await channels.find(0, [BOX]);
  expect([nobodys?.topId, nobodys?.member, nobodys?.top]).toEqual([id, undefined, undefined]);
  expect(await channels.open(BOB, nowhere)).toBeUndefined();
  const brief = await getChannels({ engine, keyring, clock }, create(GetChannelsRequestSchema, { viewer: BigInt(BOB), channels: [BigInt(BOX)], brief: true }));
  expect(brief.channels).toMatchObject([{ title: 'Harbour', record: { admins: [], titleSealed: new Uint8Array(0) } }]);
});

test('who was removed, or left, is told of no later title until he is back', async () => {
  await make();
  await invite(BOB, CAROL);
  const titleFor = async (viewer: number) => (await getChannels({ engine, keyring, clock }, create(GetChannelsRequestSchema, { viewer: BigInt(viewer), channels: [BigInt(BOX)], brief: true }))).channels?.[0]?.title;
  await ban(BOB, BANNED.view_messages);
  await does(CAROL, { case: 'leave', value: {} });
  await does(ALICE, { case: 'setTitle', value: { titleSealed: sealTitle(await dialogSeal(keyring, DC, ALICE, BOX), BOX, 'Haven') } });
  expect(await Promise.all([ALICE, BOB, CAROL].map(titleFor))).toEqual(['Haven', 'Harbour', 'Harbour']);
  await invite(BOB);
  expect(await titleFor(BOB)).toBe('Haven');
});

test('members are listed by kind', async () => {
  await make();
  await invite(BOB, CAROL);
  await ban(CAROL, BANNED.view_messages);
  const reader = await open(ALICE);
  const users = async (kind: Parameters<ChannelReader['listMembers']>[0]): Promise<number[]> => (await reader.listMembers(kind, 0, 10)).members.map(({ user }) => Number(user)).sort();
  expect(await users('present')).toEqual([ALICE, BOB]);
  expect(await users('kicked')).toEqual([CAROL]);
  expect(await users('restricted')).toEqual([]);
  const first = await reader.listMembers('present', 0, 1);
  expect(first.more).toBe(true);
  expect(await reader.listMembers('present', Number(first.members[0]?.user), 1)).toMatchObject({ members: [{ present: true }], more: false });
});

test.each([
  ['RESOURCE_EXHAUSTED', new CallError('RESOURCE_EXHAUSTED', 'busy'), { code: 420, type: 'FLOOD_WAIT_2' }],
  ['DEADLINE_EXCEEDED', new CallError('DEADLINE_EXCEEDED', 'late'), { code: 500, type: 'RPC_CALL_FAIL' }],
  ['UNAVAILABLE', new CallError('UNAVAILABLE', 'away'), { code: 500, type: 'RPC_CALL_FAIL' }],
  ['another replica’s', movedError(1), { code: 500, type: 'RPC_CALL_FAIL' }],
])('an act that fails as %s is the caller’s to repeat', async (_name, error, expected) => {
  await make();
  failure = error;
  await expect(say(ALICE, 'hello')).rejects.toMatchObject(expected);
});

test('refusals have their codes, and a channel of no data center is invalid', async () => {
  await make();
  await expect(does(BOB, { case: 'leave', value: {} })).rejects.toMatchObject({ code: 400 });
  await expect(channels.act({ userId: ALICE, authKeyId: 1n, sessionId: 1n }, channelBox(1_000_000_009), { act: { case: 'leave', value: {} } })).rejects.toMatchObject({ type: 'CHANNEL_INVALID' });
  await expect(channels.act({ userId: ALICE, authKeyId: 1n, sessionId: 1n }, BOB, { act: { case: 'leave', value: {} } })).rejects.toMatchObject({ type: 'CHANNEL_INVALID' });
});

test('calls name channels of one owner', () => {
  const boxes = Array.from({ length: 400 }, (_, index) => channelBox(1_000_000_002 + index * 16));
  const calls = channelCalls(boxes);
  expect(calls.flat().sort()).toEqual([...boxes].sort());
  for (const call of calls) expect(new Set(call.map((box) => `${-box % 32} ${partitionOfBox(box)}`)).size).toBe(1);
});
