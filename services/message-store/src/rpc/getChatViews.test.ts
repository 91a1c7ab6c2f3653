import { sealContent } from '@heliograph/box/content';
import { dialogSeal } from '@heliograph/box/dialog-key';
import { groupSeal, sealTitle } from '@heliograph/box/group-title';
import type { Keyring } from '@heliograph/crypto/keyring';
import type { GroupAct } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { openMemoryEventLog } from '@heliograph/event-log/memory';
import { MemoryDisk, openMemoryStorage } from '@heliograph/storage/memory';
import { fakeClock } from '@heliograph/testing/fake-clock';
import { memoryKeyring } from '@heliograph/testing/memory-keyring';
import type { TypeMessageAction } from '@heliograph/tl/api';
import type { BoxEngine } from '../engine/contract';
import { createBoxEngine } from '../engine/engine';
import { CHAT_VIEWS_MAX } from '../limits';
import { routedEngine } from '../messages/routed-engine';
import { DialogSearch } from '../messages/search';
import { parseQuery } from '../domain/search-query';
import { getChatViews } from './getChatViews';
import { getGroup } from './getGroup';

const DC = 2;
const [ALICE, BOB, CAROL] = [34_000_002, 34_000_034, 34_000_066];
const CHAT = 1_048_610;

let engine: BoxEngine;
let keyring: Keyring;
beforeEach(async () => {
  const [disk, clock] = [new MemoryDisk(), fakeClock()];
  keyring = memoryKeyring();
  let calls = 0;
  engine = routedEngine(await createBoxEngine({
    storage: openMemoryStorage({ disk, clock }), eventLog: openMemoryEventLog({ disk, clock }), clock, log: { debug() {}, info() {}, warn() {}, error() {} },
    random: (bytes) => new Uint8Array(bytes).fill(calls += 1), dc: DC, relayDcs: [], relay: () => Promise.reject(new Error('no relay')),
  }));
});
afterEach(() => engine.close());

async function act(actor: number, what: GroupAct['act'], action?: TypeMessageAction): Promise<void> {
  const notice = action && sealContent(await dialogSeal(keyring, DC, actor, -CHAT), actor, -CHAT, { _: 'heliograph.messageContent', message: '', action });
  const outcome = await engine.submit({ box: BigInt(actor), date: 1_800_000_000, body: { case: 'groupCall', value: { group: BigInt(-CHAT), act: { act: what, notice } } } });
  if (outcome.error !== undefined) throw new Error(outcome.error);
}

const title = async (text: string): Promise<Uint8Array> => sealTitle(await groupSeal(keyring, DC, -CHAT), -CHAT, text);

async function make(): Promise<void> {
  const value = { $typeName: 'heliograph.box.v1.GroupCreate' as const, titleSealed: await title('Garden'), members: [BigInt(BOB)], ttlPeriod: 0 };
  await act(ALICE, { case: 'create', value }, { _: 'messageActionChatCreate', title: 'Garden', users: [BOB] });
}

const viewsOf = async (viewer: number, ...ids: number[]) => (await getChatViews({ engine, keyring }, { viewerId: BigInt(viewer), chatIds: ids.map(BigInt) })).chats ?? [];

test('members see the group, in the order asked; others do not know it', async () => {
  await make();
  expect(await viewsOf(ALICE, 7, CHAT)).toMatchObject([{ id: 7n, unknown: true }, { id: BigInt(CHAT), title: 'Garden', view: { memberCount: 2, version: 1, creator: BigInt(ALICE), left: false, kicked: false } }]);
  expect(await viewsOf(BOB, CHAT)).toMatchObject([{ title: 'Garden', view: { admin: false } }]);
  for (const [viewer, id] of [[CAROL, CHAT], [ALICE, -CHAT], [ALICE, 0], [ALICE, BOB]] as const) expect(await viewsOf(viewer, id)).toEqual([{ id: BigInt(id), unknown: true }]);
  await expect(viewsOf(ALICE, ...Array.from({ length: CHAT_VIEWS_MAX + 1 }, () => CHAT))).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
});

test('a new title is seen at once by those who are in it, and the old one by who was removed', async () => {
  await make();
  await act(ALICE, { case: 'remove', value: { $typeName: 'heliograph.box.v1.GroupRemove', user: BigInt(BOB), handOver: false } }, { _: 'messageActionChatDeleteUser', user_id: BOB });
  await act(ALICE, { case: 'setTitle', value: { $typeName: 'heliograph.box.v1.GroupSetTitle', titleSealed: await title('Orchard') } }, { _: 'messageActionChatEditTitle', title: 'Orchard' });
  expect(await viewsOf(ALICE, CHAT)).toMatchObject([{ title: 'Orchard', view: { memberCount: 1 } }]);
  expect(await viewsOf(BOB, CHAT)).toMatchObject([{ title: 'Garden', view: { kicked: true } }]);
});

test('the group tells its members and who was one', async () => {
  await make();
  await act(BOB, { case: 'remove', value: { $typeName: 'heliograph.box.v1.GroupRemove', user: BigInt(BOB), handOver: false } }, { _: 'messageActionChatDeleteUser', user_id: BOB });
  const { group, members } = await getGroup({ engine }, { $typeName: 'heliograph.messagestore.v1.GetGroupRequest', chatId: BigInt(CHAT) });
  expect(group).toMatchObject({ memberCount: 1, creator: BigInt(ALICE) });
  expect(members).toMatchObject([{ userId: BigInt(ALICE), state: { left: false } }, { userId: BigInt(BOB), state: { left: true } }]);
  for (const chatId of [7n, 0n, BigInt(-ALICE)]) expect((await getGroup({ engine }, { $typeName: 'heliograph.messagestore.v1.GetGroupRequest', chatId })).group).toBeUndefined();
});

test('a search in a group finds what members of this DC wrote', async () => {
  await make();
  for (const [author, text] of [[ALICE, 'plum trees'], [BOB, 'pear trees']] as const) {
    const content = sealContent(await dialogSeal(keyring, DC, author, -CHAT), author, -CHAT, { _: 'heliograph.messageContent', message: text });
    await act(author, { case: 'post', value: { $typeName: 'heliograph.box.v1.GroupPost', randomId: BigInt(author), content: { $typeName: 'heliograph.box.v1.Content', ...content }, silent: false, noforwards: false, mentions: [], fromScheduled: false } });
  }
  const find = async (words: string) => {
    const conditions = { query: parseQuery(words), classes: 0, from: 0, minDate: 0, maxDate: 0 };
    const deps = { dc: DC, dcs: [1, DC], homes: { findHomes: () => Promise.reject(new Error('groups do not move')) }, keyring };
    return (await new DialogSearch(deps, await engine.read(BOB), BOB, -CHAT, conditions).source({ maxId: 0, minId: 0, limit: 10 })).map(({ from }) => Number(from));
  };
  expect(await find('trees')).toEqual([BOB, ALICE]);
  expect(await find('plum')).toEqual([ALICE]);
});
