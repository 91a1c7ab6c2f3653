import { create, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { channelBox } from '@heliograph/box/box-id';
import { sealContent } from '@heliograph/box/content';
import { dialogSeal } from '@heliograph/box/dialog-key';
import { groupSeal, sealTitle } from '@heliograph/box/group-title';
import type { Keyring } from '@heliograph/crypto/keyring';
import { CommandSchema, GroupViewSchema } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { AppendRelayedRequestSchema } from '@heliograph/protos/heliograph/messagestore/v1/message_store_pb';
import { memoryKeyring } from '@heliograph/testing/memory-keyring';
import { appendRelayed } from './appendRelayed';

/** This DC is 2. */
const DC = 2;
const ALICE = 34_000_002;
/** Of DC 1 and 3. */
const [BEN, CARL] = [34_000_001, 34_000_003];
const CHAT_HERE = 1_048_610;
const CHAT_THERE = 1_048_611;
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

let fetched: string[];
let appended: number;
let asked: [owner: number, user: number][];
let keyring: Keyring;
beforeEach(() => {
  fetched = [];
  appended = 0;
  asked = [];
  keyring = memoryKeyring();
});

type Body = MessageInitShape<typeof CommandSchema>['body'];

function take(box: number, from: number, body: Body, facts: { blocked?: boolean; livesIn?: number } = {}): Promise<unknown> {
  const command = toBinary(CommandSchema, create(CommandSchema, { box: BigInt(box), origin: { box: BigInt(from), version: 5n }, body }));
  return appendRelayed({
    dc: DC,
    engine: { appendRelayed: async (commands: readonly Uint8Array[]) => void (appended += commands.length) } as never,
    keyring: { ...keyring, dataKey: async (scope) => (fetched.push(scope), keyring.dataKey(scope)) },
    users: {
      findBlocks: async ({ pairs }: { pairs: { owner: bigint; userId: bigint }[] }) => {
        asked.push(...pairs.map(({ owner, userId }): [number, number] => [Number(owner), Number(userId)]));
        return { blocked: pairs.map(() => facts.blocked ?? false), ownerDcs: pairs.map(() => facts.livesIn ?? DC) };
      },
    } as never,
    log: quiet,
  }, create(AppendRelayedRequestSchema, { commands: [command] }));
}

const inGroup = async (chatId: number, dc: number, from: number) => sealContent(await dialogSeal(keyring, dc, from, -chatId), from, -chatId, { _: 'heliograph.messageContent', message: 'hi' });
const title = async (chatId: number, dc: number): Promise<Uint8Array> => sealTitle(await groupSeal(keyring, dc, -chatId), -chatId, 'Title');

test('what a group sends a member comes with the keys of whoever sealed it', async () => {
  const view = create(GroupViewSchema, { titleSealed: await title(CHAT_THERE, 1) });
  await take(ALICE, -CHAT_THERE, { case: 'deliver', value: { peer: BigInt(-CHAT_THERE), from: BigInt(CARL), content: await inGroup(CHAT_THERE, 3, CARL), view } });
  expect(fetched).toEqual([`group:${CHAT_THERE}:3`, `group:${CHAT_THERE}:1`]);
  await take(ALICE, -CHAT_THERE, { case: 'groupTold', value: { group: BigInt(-CHAT_THERE), view } });
  expect(fetched.slice(2)).toEqual([`group:${CHAT_THERE}:1`]);
  expect(appended).toBe(2);
});

test('what a user who moved away is sent goes on without keys', async () => {
  await take(ALICE, -CHAT_THERE, { case: 'deliver', value: { peer: BigInt(-CHAT_THERE), from: BigInt(CARL), content: await inGroup(CHAT_THERE, 3, CARL) } }, { livesIn: 3 });
  expect([fetched, appended]).toEqual([[], 1]);
});

test.each<[string, (dc: number) => Promise<Body>]>([
  ['a post', async (dc) => ({ case: 'groupAct', value: { act: { case: 'post', value: { content: await inGroup(CHAT_HERE, dc, BEN) } } } })],
  ['an edit', async (dc) => ({ case: 'groupAct', value: { act: { case: 'edit', value: { id: 3, content: await inGroup(CHAT_HERE, dc, BEN) } } } })],
  ['a removal and its notice', async (dc) => ({ case: 'groupAct', value: { notice: await inGroup(CHAT_HERE, dc, BEN), act: { case: 'remove', value: { user: BigInt(BEN) } } } })],
  ['a title', async (dc) => ({ case: 'groupAct', value: { act: { case: 'setTitle', value: { titleSealed: await title(CHAT_HERE, dc) } } } })],
  ['an about', async (dc) => ({ case: 'groupAct', value: { act: { case: 'setAbout', value: { aboutSealed: await title(CHAT_HERE, dc) } } } })],
  ['a link', async (dc) => ({ case: 'groupAct', value: { act: { case: 'setInvite', value: { invite: { titleSealed: await title(CHAT_HERE, dc) } } } } })],
])('%s for a group of this DC comes with its key, whoever blocks whom', async (_, body) => {
  await take(-CHAT_HERE, BEN, await body(1), { blocked: true });
  expect(fetched).toEqual([`group:${CHAT_HERE}:1`]);
  expect([appended, asked]).toEqual([1, []]);
});

test('a broadcast’s post for a discussion group of this DC comes with the key of the broadcast', async () => {
  const [news, talk] = [channelBox(1_000_000_033), channelBox(1_000_000_034)];
  const uid = { box: BigInt(news), id: 4 };
  const content = sealContent(await dialogSeal(keyring, 1, BEN, news), BEN, news, { _: 'heliograph.messageContent', message: 'hi' });
  await take(talk, news, { case: 'discussPost', value: { uid, content } });
  await take(talk, news, { case: 'editCopy', value: { uid, content } });
  expect([fetched, appended, asked]).toEqual([['channel:1000000033:1', 'channel:1000000033:1'], 2, []]);
});

test('a post that somebody of another DC had scheduled, and a supergroup that a group there became, come with their keys', async () => {
  const news = channelBox(1_000_000_034);
  const content = sealContent(await dialogSeal(keyring, 1, BEN, news), BEN, news, { _: 'heliograph.messageContent', message: 'hi' });
  await take(news, BEN, { case: 'channelAct', value: { actor: BigInt(BEN), act: { case: 'post', value: { content } } } }, { blocked: true });
  const titleSealed = sealTitle(await groupSeal(keyring, 1, news), news, 'Title');
  await take(news, -CHAT_THERE, { case: 'channelAct', value: { actor: BigInt(BEN), notice: content, act: { case: 'create', value: { titleSealed } } } });
  expect([fetched, appended, asked]).toEqual([['channel:1000000034:1', 'channel:1000000034:1'], 2, []]);
});

test('an act without content takes no key', async () => {
  await take(-CHAT_HERE, BEN, { case: 'groupAct', value: { act: { case: 'read', value: { id: 4 } } } });
  expect([fetched, appended]).toEqual([[], 1]);
});

test('a private message ends here when its author is blocked', async () => {
  const content = sealContent(await dialogSeal(keyring, 1, BEN, ALICE), BEN, ALICE, { _: 'heliograph.messageContent', message: 'hi' });
  await take(ALICE, BEN, { case: 'deliver', value: { peer: BigInt(BEN), from: BigInt(BEN), content } }, { blocked: true });
  expect([fetched, appended, asked]).toEqual([[], 0, [[ALICE, BEN]]]);
  await take(ALICE, BEN, { case: 'deliver', value: { peer: BigInt(BEN), from: BigInt(BEN), content } });
  expect([fetched, appended]).toEqual([[`dialog:${BEN}:${ALICE}:1`], 1]);
});
