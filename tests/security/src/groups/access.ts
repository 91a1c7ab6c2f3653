import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { isBotOnly } from '@heliograph/tl/catalogue';
import { readResult } from '@heliograph/tl/reader';
import { begun, encode, Person } from '../client/person';
import { describe, MESSAGE, type Outcome } from '../client/session';
import { int32 } from '../client/tl-bytes';
import { allMethods, implementedMethods, type TlValue } from '../requests/definitions';
import { encodeMarked } from '../requests/marked-encoder';
import { SampleRequests, type KnownChannel, type KnownUser, type PeerPlace, type PeerType } from '../requests/sample-requests';
import type { Row } from '../report';
import type { Stage } from '../stage';

/** Queries under way at once in a sweep. */
const AT_ONCE = 32;

/** Three people: Mallory attacks, Bob is her contact, Carol is known to Bob alone. */
export interface Cast {
  readonly mallory: Person;
  readonly bob: Person;
  readonly carol: Person;
  /** Bob as Mallory may name him. */
  readonly bobForMallory: KnownUser;
  /** What Bob holds: worthless to Mallory. */
  readonly carolForBob: KnownUser;
  readonly malloryForBob: KnownUser;
  /** A message of Mallory's in the dialog with Bob. */
  readonly ownMessage: number;
  /** Of Mallory's, with Bob in it. */
  readonly chat: { readonly id: number; readonly link: string };
  /** A group of Bob's with Carol in it. */
  readonly foreignChat: number;
  /** A supergroup of Mallory's with Bob in it and a message of hers, and another one of hers. */
  readonly channel: { readonly name: KnownChannel; readonly message: number; readonly spare: KnownChannel };
  /** A folder of Mallory's with the first one in it, which she shares. */
  readonly chatlist: { readonly id: number; readonly slug: string };
  /** The first as Bob names it. */
  readonly channelForBob: KnownChannel;
  /** A supergroup of Bob's with Carol in it, as Bob names it. */
  readonly foreignChannel: KnownChannel;
}

export async function openCast(stage: Stage): Promise<Cast> {
  const { gateway } = stage;
  const canary = randomBytes(6).toString('hex');
  const mallory = await Person.signUp(gateway, stage.phone(), 'Mallory');
  const bob = await Person.signUp(gateway, stage.phone(), 'Bob');
  const carol = await Person.signUp(gateway, stage.phone(), `Carol${canary}`, { lastName: `Canary${canary}` });
  const bobForMallory = await mallory.meet(bob);
  const malloryForBob = await bob.meet(mallory);
  const carolForBob = await bob.meet(carol);
  await bob.send(carolForBob, 'for Carol only');
  const ownMessage = await mallory.send(bobForMallory, 'for Bob');
  const chat = await openGroup(mallory, bobForMallory, 'Mallory\'s');
  const foreign = await openGroup(bob, carolForBob, `Foreign${canary}`);
  const name = await openSupergroup(mallory, bobForMallory, 'Mallory\'s large one');
  const spare = await openSupergroup(mallory, bobForMallory, 'Mallory\'s spare one');
  const foreignChannel = await openSupergroup(bob, carolForBob, `Foreign${canary}`);
  const channels = await bob.call('messages.getDialogs', { offset_date: 0, offset_id: 0, offset_peer: { _: 'inputPeerEmpty' }, limit: 100, hash: 0n });
  const shared = 'chats' in channels ? channels.chats.find((each) => Number(each.id) === name.channel_id) : undefined;
  assert.ok(shared?._ === 'channel' && shared.access_hash !== undefined, 'Bob sees Mallory\'s channel');
  const said = await mallory.call('messages.sendMessage', { peer: { _: 'inputPeerChannel', ...name }, message: 'for the channel', random_id: randomBytes(8).readBigInt64LE(0) });
  const numbered = said._ === 'updates' ? said.updates.find((update) => update._ === 'updateMessageID') : undefined;
  assert.ok(numbered?._ === 'updateMessageID');
  return {
    mallory, bob, carol, bobForMallory, carolForBob, malloryForBob, ownMessage, chat, foreignChat: foreign.id,
    channel: { name, message: numbered.id, spare }, chatlist: await openChatlist(mallory, name), channelForBob: { channel_id: name.channel_id, access_hash: shared.access_hash }, foreignChannel,
  };
}

/** A new supergroup, as its owner names it. */
async function openSupergroup(owner: Person, other: KnownUser, title: string): Promise<KnownChannel> {
  const updates = await owner.call('channels.createChannel', { title, about: '', megagroup: true });
  const channel = updates._ === 'updates' ? updates.chats[0] : undefined;
  assert.ok(channel?._ === 'channel' && channel.access_hash !== undefined);
  const name = { channel_id: Number(channel.id), access_hash: channel.access_hash };
  await owner.call('channels.inviteToChannel', { channel: { _: 'inputChannel', ...name }, users: [{ _: 'inputUser', ...other }] });
  return name;
}

/** A folder with one channel in it, and the slug of a link to it. */
async function openChatlist(owner: Person, channel: KnownChannel): Promise<{ id: number; slug: string }> {
  const id = 2;
  const peer = { _: 'inputPeerChannel' as const, ...channel };
  await owner.call('messages.updateDialogFilter', { id, filter: { _: 'dialogFilter', id, title: { _: 'textWithEntities', text: 'Shared', entities: [] }, pinned_peers: [], include_peers: [peer], exclude_peers: [] } });
  const { invite } = await owner.call('chatlists.exportChatlistInvite', { chatlist: { _: 'inputChatlistDialogFilter', filter_id: id }, title: '', peers: [peer] });
  return { id, slug: invite.url.slice(invite.url.lastIndexOf('/') + 1) };
}

/** A new basic group, and an invite link of it. */
async function openGroup(owner: Person, other: KnownUser, title: string): Promise<{ id: number; link: string }> {
  const { updates } = await owner.call('messages.createChat', { users: [{ _: 'inputUser', ...other }], title });
  const chat = updates._ === 'updates' ? updates.chats[0] : undefined;
  assert.equal(chat?._, 'chat');
  const invite = await owner.call('messages.exportChatInvite', { peer: { _: 'inputPeerChat', chat_id: chat.id } });
  assert.equal(invite._, 'chatInviteExported');
  return { id: Number(chat.id), link: invite.link };
}

/** Requests that Mallory could send. */
export const samplesOf = ({ bobForMallory, ownMessage, chat, channel, chatlist }: Cast): SampleRequests => new SampleRequests({ contact: bobForMallory, ownMessage, chat, channel, chatlist });

/** A user as an InputUser, InputPeer or InputDialogPeer names it. */
function named(type: PeerType, user: KnownUser): TlValue {
  if (type === 'InputUser') return { _: 'inputUser', ...user };
  const peer = { _: 'inputPeerUser', ...user };
  return type === 'InputDialogPeer' ? { _: 'inputDialogPeer', peer } : peer;
}

/** Peers that Mallory must not reach, as a field of that type may name them. */
export function forbiddenPeers(cast: Cast, type: PeerType): [string, TlValue][] {
  const { mallory, carol, bobForMallory, carolForBob, malloryForBob } = cast;
  const unknown = carol.userId + 32 * 7_919;
  const random = randomBytes(8).readBigInt64LE(0);
  if (type === 'InputChannel') return forbiddenChannels(cast).map(([name, channel]) => [name, { _: 'inputChannel', ...channel }]);
  const users: [string, KnownUser][] = [
    ['the right id with another viewer\'s hash', carolForBob],
    ['the right id with hash 0', { user_id: carol.userId, access_hash: 0n }],
    ['the right id with the hash of another user', { user_id: carol.userId, access_hash: bobForMallory.access_hash }],
    ['the own id with another viewer\'s hash', { user_id: mallory.userId, access_hash: malloryForBob.access_hash }],
    ['a contact with another viewer\'s hash', { user_id: bobForMallory.user_id, access_hash: carolForBob.access_hash }],
    ['a contact with hash 0', { user_id: bobForMallory.user_id, access_hash: 0n }],
    ['an unknown id', { user_id: unknown, access_hash: random }],
    ['an unknown id with hash 0', { user_id: unknown, access_hash: 0n }],
    ['user 0', { user_id: 0, access_hash: 0n }],
    ['the service account with hash 0', { user_id: 777_000, access_hash: 0n }],
  ];
  const contact = { _: 'inputPeerUser', ...bobForMallory };
  const fromMessage = { peer: contact, msg_id: cast.ownMessage, user_id: carol.userId };
  const list: [string, TlValue][] = users.map(([name, user]) => [name, named(type, user)]);
  if (type === 'InputUser') list.push(['a user from a message', { _: 'inputUserFromMessage', ...fromMessage }], ['inputUserEmpty', { _: 'inputUserEmpty' }]);
  else list.push(['a user from a message', wrapPeer(type, { _: 'inputPeerUserFromMessage', ...fromMessage })]);
  return list;
}

/** Channels that Mallory must not reach, or not by that hash. */
function forbiddenChannels({ channel, channelForBob, foreignChannel }: Cast): [string, KnownChannel][] {
  const random = randomBytes(8).readBigInt64LE(0);
  return [
    ['a channel never joined, with a member\'s hash', foreignChannel],
    ['a channel never joined, with hash 0', { ...foreignChannel, access_hash: 0n }],
    ['a channel never joined, with the hash of an own one', { ...foreignChannel, access_hash: channel.name.access_hash }],
    ['the own channel with another viewer\'s hash', channelForBob],
    ['the own channel with hash 0', { ...channel.name, access_hash: 0n }],
    ['a channel that doesn\'t exist', { channel_id: foreignChannel.channel_id + 32 * 104_729, access_hash: random }],
    ['a channel of no data center', { channel_id: 4_242, access_hash: random }],
  ];
}

const wrapPeer = (type: PeerType, peer: TlValue): TlValue => (type === 'InputDialogPeer' ? { _: 'inputDialogPeer', peer } : peer);

/** Chats and channels that Mallory never joined. */
function foreignChats(cast: Cast, type: PeerType): [string, TlValue][] {
  if (type !== 'InputPeer' && type !== 'InputDialogPeer') return [];
  return [
    ['a chat of others', { _: 'inputPeerChat', chat_id: cast.foreignChat }], ['a chat that doesn\'t exist', { _: 'inputPeerChat', chat_id: cast.foreignChat + 32 * 104_729 }], ['a chat of no data center', { _: 'inputPeerChat', chat_id: 999_999 }],
    ...forbiddenChannels(cast).map(([name, channel]) => [name, { _: 'inputPeerChannel', ...channel }]),
  ].map(([name, peer]) => [name as string, wrapPeer(type, peer as TlValue)]);
}

/** Methods whose published contract leaves out whom the caller may not name instead of refusing: their answers must be the same for all of those. */
const LEAVES_OUT: ReadonlySet<string> = new Set(['users.getUsers']);

/** Places that the server doesn't read: what stands there has no effect and must leak nothing, but is no error. */
const UNREAD = (place: PeerPlace): boolean => !place.direct;

export const saysCanary = (bytes: Buffer, canaries: readonly string[]): string | undefined => canaries.find((canary) => bytes.includes(canary));

interface PlaceReport {
  readonly place: string;
  readonly control: string;
  readonly outcomes: ReadonlyMap<string, string>;
}

/** What is wrong with the answers to forbidden peers at one place; empty when nothing is. */
export function judgePlace({ place, control, outcomes }: PlaceReport, read: boolean): string[] {
  const faults: string[] = [];
  const distinct = new Set(outcomes.values());
  const succeeded = [...outcomes].filter(([, outcome]) => outcome.startsWith('a result'));
  if (distinct.size > 1) faults.push(`${place}: the answers tell peers apart: ${[...outcomes].map(([peer, outcome]) => `${peer}: ${outcome}`).join('; ')}`);
  if (succeeded.length > 0 && read && control.startsWith('a result')) faults.push(`${place}: accepted ${succeeded.map(([peer]) => peer).join(', ')}`);
  return faults;
}

async function sweep(cast: Cast, method: string): Promise<string> {
  const { mallory, carol } = cast;
  const samples = samplesOf(cast);
  const canaries = [carol.firstName, carol.phone, carol.firstName.replace('Carol', 'Foreign')];
  const faults: string[] = [];
  let unreached = 0;
  const ask = async (what: string, request: TlValue): Promise<string> => {
    const outcome = await mallory.raw(encodeMarked(request).bytes);
    const leaked = outcome.result === undefined ? undefined : saysCanary(outcome.result, canaries);
    if (leaked !== undefined) faults.push(`${what} tells ${leaked}`);
    if (outcome.error !== undefined && outcome.error.code >= 500) faults.push(`${what} ends in ${describe(outcome)}`);
    return describe(outcome);
  };
  for (const place of samples.places(method)) {
    const control = await ask(`${place.path}: a right peer`, place.build(samples.peer(place.type, method)));
    const outcomes = new Map<string, string>();
    // A page may begin at nobody.
    const forbidden = forbiddenPeers(cast, place.type).filter(([, peer]) => !(place.path.startsWith('offset_') && peer._ === 'inputUserEmpty'));
    for (const [name, peer] of forbidden) outcomes.set(name, await ask(`${place.path}: ${name}`, place.build(peer)));
    faults.push(...judgePlace({ place: place.path, control, outcomes }, !UNREAD(place) && !LEAVES_OUT.has(method)));
    const chats = new Map<string, string>();
    const channels = new Map<string, string>();
    for (const [name, peer] of foreignChats(cast, place.type)) {
      const outcome = await ask(`${place.path}: ${name}`, place.build(peer));
      if (outcome.startsWith('a result') && place.direct && control.startsWith('a result') && !LEAVES_OUT.has(method)) faults.push(`${place.path}: accepted ${name}`);
      (name.startsWith('a chat') ? chats : channels).set(name, outcome);
    }
    for (const kind of [chats, channels]) faults.push(...judgePlace({ place: place.path, control, outcomes: kind }, false));
    if (!control.startsWith('a result')) unreached += 1;
  }
  assert.deepEqual(faults, []);
  return unreached === 0 ? '' : `${unreached} places refuse the right peer too`;
}

/** Everything about a person that a request of another could change. */
async function snapshot(person: Person, includingOwn: boolean): Promise<Record<string, unknown>> {
  // Who comes along with an answer stands in it in any order.
  const inOrder = (value: unknown): unknown => (Array.isArray(value) ? [...(value as { id: number }[])].sort((a, b) => Number(a.id) - Number(b.id)) : value);
  const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value, (key, content: unknown) => {
    if (key === 'date' || key === 'status' || key === 'access_hash') return undefined;
    return key === 'users' || key === 'chats' ? inOrder(content) : typeof content === 'bigint' ? String(content) : content;
  }));
  const state = await person.call('updates.getState', {});
  const shot: Record<string, unknown> = {
    pts: String(state._ === 'updates.state' ? state.pts : ''),
    dialogs: plain(await person.call('messages.getDialogs', { offset_date: 0, offset_id: 0, offset_peer: { _: 'inputPeerEmpty' }, limit: 100, hash: 0n })),
    contacts: plain(await person.call('contacts.getContacts', { hash: 0n })),
    blocked: plain(await person.call('contacts.getBlocked', { offset: 0, limit: 100 })),
    self: plain(await person.call('users.getUsers', { id: [{ _: 'inputUserSelf' }] })),
  };
  if (includingOwn) {
    shot['pinned'] = plain(await person.call('messages.getPinnedDialogs', { folder_id: 0 }));
    shot['drafts'] = plain(await person.call('messages.getAllDrafts', {}));
    shot['marks'] = plain(await person.call('messages.getDialogUnreadMarks', {}));
  }
  return shot;
}

function sweepRows(cast: Cast): Row[] {
  const samples = samplesOf(cast);
  const methods = implementedMethods().map(({ name }) => name).filter((name) => samples.places(name).length > 0);
  let carolBefore: Record<string, unknown> = {};
  return [
    {
      name: 'what Carol has, before the sweep',
      run: async () => {
        carolBefore = await snapshot(cast.carol, true);
        cast.carol.session.clear();
      },
    },
    ...methods.map((method): Row => ({ name: `Input* sweep: ${method}`, run: () => sweep(cast, method) })),
    {
      name: 'Input* sweep: nothing of Carol\'s changed, and nothing was pushed to her',
      run: async () => {
        assert.deepEqual(await snapshot(cast.carol, true), carolBefore);
        const pushed = cast.carol.session.received.filter(({ constructor }) => constructor !== MESSAGE.rpcResult && constructor !== MESSAGE.ack && constructor !== MESSAGE.pong && constructor !== MESSAGE.newSession);
        assert.deepEqual(pushed.map(({ constructor }) => constructor.toString(16)), []);
      },
    },
    {
      name: 'Input* sweep: forbidden peers alone change nothing of Mallory\'s',
      run: async () => {
        const before = await snapshot(cast.mallory, true);
        const forbidden = methods.flatMap((method) => samples.places(method).filter(({ direct, path }) => direct && path !== 'offset_peer').flatMap((place) => [...forbiddenPeers(cast, place.type), ...foreignChats(cast, place.type)].map(([, peer]) => place.build(peer))));
        await inTurns(forbidden, (request) => cast.mallory.raw(encodeMarked(request).bytes));
        assert.deepEqual(await snapshot(cast.mallory, true), before);
        return `${forbidden.length} requests`;
      },
    },
    {
      name: 'a user named by id alone, in an entity, is not shown',
      run: async () => {
        const { mallory, carol, bobForMallory } = cast;
        const entities: TlValue[] = [{ _: 'messageEntityMentionName', offset: 0, length: 4, user_id: carol.userId }];
        const peer = { _: 'inputPeerUser', ...bobForMallory };
        for (const request of [
          { _: 'messages.sendMessage', peer, message: 'name', random_id: randomBytes(8).readBigInt64LE(0), entities },
          { _: 'messages.sendMessage', peer: { _: 'inputPeerSelf' }, message: 'name', random_id: randomBytes(8).readBigInt64LE(0), entities },
          { _: 'messages.editMessage', peer, id: cast.ownMessage, message: 'name', entities },
          { _: 'messages.saveDraft', peer, message: 'name', entities },
          { _: 'messages.sendMessage', peer, message: 'quote', random_id: randomBytes(8).readBigInt64LE(0), reply_to: { _: 'inputReplyToMessage', reply_to_msg_id: cast.ownMessage, quote_text: 'name', quote_entities: entities } },
        ]) {
          const outcome = await mallory.raw(encodeMarked(request).bytes);
          if (outcome.result !== undefined) assert.equal(saysCanary(outcome.result, [carol.firstName, carol.phone]), undefined, `${request._} shows Carol`);
        }
        for (const method of ['messages.getHistory', 'messages.getAllDrafts', 'messages.getDialogs']) {
          const outcome = await mallory.raw(encodeMarked(samplesOf(cast).request(method)).bytes);
          assert.equal(outcome.result && saysCanary(outcome.result, [carol.firstName, carol.phone]), undefined, `${method} shows Carol`);
        }
      },
    },
  ];
}

/** Runs tasks in turns of AT_ONCE; answers what they answered, in order. */
export async function inTurns<T, R>(items: readonly T[], task: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += AT_ONCE) results.push(...await Promise.all(items.slice(start, start + AT_ONCE).map(task)));
  return results;
}

function foreignMessageRows(cast: Cast): Row[] {
  const peer = (user: KnownUser): TlValue => ({ _: 'inputPeerUser', ...user });
  const refused = async (outcome: Outcome, what: string): Promise<void> => assert.ok(outcome.error !== undefined && outcome.error.code < 500, `${what}: ${describe(outcome)}`);
  return [
    {
      name: 'ids of messages are the own box\'s: asking for all of them shows nobody else\'s',
      run: async () => {
        const { mallory, carol } = cast;
        for (let start = 1; start < 400; start += 100) {
          const outcome = await mallory.attempt('messages.getMessages', { id: Array.from({ length: 100 }, (_, index) => ({ _: 'inputMessageID' as const, id: start + index })) });
          assert.ok(outcome.result, describe(outcome));
          assert.ok(!outcome.result.includes('for Carol only') && !outcome.result.includes(carol.firstName));
        }
      },
    },
    {
      name: 'ids of messages out of range are no messages: 0, −1, 2³¹−1',
      run: async () => {
        for (const id of [0, -1, 0x7fffffff, -0x80000000]) {
          const outcome = await cast.mallory.attempt('messages.getMessages', { id: [{ _: 'inputMessageID', id }] });
          assert.ok((outcome.error?.code ?? 400) < 500, describe(outcome));
        }
      },
    },
    {
      name: 'a message of one dialog is not one of another: forward, edit, reply, pin, read, edit data, read date',
      run: async () => {
        const { mallory, bobForMallory } = cast;
        const noted = await mallory.send('self', 'a note to myself');
        const to = peer(bobForMallory);
        const random = (): bigint => randomBytes(8).readBigInt64LE(0);
        const attempts: [string, TlValue][] = [
          ['forward', { _: 'messages.forwardMessages', from_peer: to, id: [noted], random_id: [random()], to_peer: to }],
          ['edit', { _: 'messages.editMessage', peer: to, id: noted, message: 'mine now' }],
          ['reply', { _: 'messages.sendMessage', peer: to, message: 'x', random_id: random(), reply_to: { _: 'inputReplyToMessage', reply_to_msg_id: noted } }],
          ['quote', { _: 'messages.sendMessage', peer: to, message: 'x', random_id: random(), reply_to: { _: 'inputReplyToMessage', reply_to_msg_id: noted, quote_text: 'note' } }],
          ['pin', { _: 'messages.updatePinnedMessage', peer: to, id: noted }],
          ['edit data', { _: 'messages.getMessageEditData', peer: to, id: noted }],
          ['read date', { _: 'messages.getOutboxReadDate', peer: to, msg_id: noted }],
          ['forward what doesn\'t exist', { _: 'messages.forwardMessages', from_peer: to, id: [99_999], random_id: [random()], to_peer: to }],
          ['forward from a stranger', { _: 'messages.forwardMessages', from_peer: peer(cast.carolForBob), id: [cast.ownMessage], random_id: [random()], to_peer: to }],
        ];
        for (const [what, request] of attempts) await refused(await mallory.raw(encodeMarked(request).bytes), what);
      },
    },
    {
      name: 'a message of the other side can\'t be edited, and the own one not from their side',
      run: async () => {
        const { mallory, bob, bobForMallory, malloryForBob } = cast;
        const id = await bob.send(malloryForBob, 'written by Bob');
        const history = await mallory.call('messages.getHistory', { peer: { _: 'inputPeerUser', ...bobForMallory }, offset_id: 0, offset_date: 0, add_offset: 0, limit: 1, max_id: 0, min_id: 0, hash: 0n });
        const received = history._ === 'messages.messages' || history._ === 'messages.messagesSlice' ? history.messages[0] : undefined;
        assert.ok(received?._ === 'message' && received.message === 'written by Bob');
        for (const wrong of [received.id, id + 1]) await refused(await mallory.attempt('messages.editMessage', { peer: { _: 'inputPeerUser', ...bobForMallory }, id: wrong, message: 'changed by Mallory' }), 'edit');
        const [kept] = await historyTexts(bob, malloryForBob);
        assert.equal(kept, 'written by Bob');
      },
    },
    {
      name: 'deleting ids that aren\'t the own box\'s deletes nothing of anybody',
      run: async () => {
        const { mallory, bob, carolForBob } = cast;
        const before = await historyTexts(bob, carolForBob);
        const own = await mallory.call('messages.getDialogs', { offset_date: 0, offset_id: 0, offset_peer: { _: 'inputPeerEmpty' }, limit: 100, hash: 0n });
        const top = own._ === 'messages.dialogs' ? Math.max(...own.dialogs.map((dialog) => (dialog._ === 'dialog' ? dialog.top_message : 0))) : 0;
        await mallory.attempt('messages.deleteMessages', { revoke: true, id: Array.from({ length: 90 }, (_, index) => top + 1 + index) });
        assert.deepEqual(await historyTexts(bob, carolForBob), before);
      },
    },
    {
      name: 'a search finds the own messages only',
      run: async () => {
        for (const q of ['Carol', 'only', 'for Carol only']) {
          const outcome = await cast.mallory.attempt('messages.searchGlobal', { q, filter: { _: 'inputMessagesFilterEmpty' }, min_date: 0, max_date: 0, offset_rate: 0, offset_peer: { _: 'inputPeerEmpty' }, offset_id: 0, limit: 50 });
          assert.ok(outcome.result, describe(outcome));
          assert.ok(!outcome.result.includes('for Carol only'), 'a message of others was found');
        }
      },
    },
    {
      name: 'looking people up shows only what the looker may see',
      run: async () => {
        const { mallory, carol } = cast;
        const search = await mallory.attempt('contacts.search', { q: carol.firstName, limit: 50 });
        assert.ok(search.result, describe(search));
        assert.equal(saysCanary(search.result, [carol.phone]), undefined, 'contacts.search tells a phone number');
        assert.ok(!search.result.includes(carol.firstName), 'contacts.search finds people by name');
      },
    },
  ];
}

async function historyTexts(person: Person, user: KnownUser): Promise<string[]> {
  const history = await person.call('messages.getHistory', { peer: { _: 'inputPeerUser', ...user }, offset_id: 0, offset_date: 0, add_offset: 0, limit: 20, max_id: 0, min_id: 0, hash: 0n });
  return 'messages' in history ? history.messages.map((message) => (message._ === 'message' ? message.message : message._)) : [];
}

/** protocol.md section 5: what works without a login. */
const LOGIN_FREE = new Set([
  'auth.sendCode', 'auth.resendCode', 'auth.cancelCode', 'auth.signIn', 'auth.signUp', 'auth.checkPassword', 'auth.checkPhone', 'auth.importAuthorization', 'auth.exportLoginToken', 'auth.importLoginToken',
  'auth.bindTempAuthKey', 'auth.importBotAuthorization', 'account.getPassword', 'help.getConfig', 'help.getNearestDc', 'help.getAppConfig', 'help.getAppUpdate', 'help.getCdnConfig', 'help.getCountriesList',
]);
const isLoginFree = (method: string): boolean => LOGIN_FREE.has(method) || method.startsWith('langpack.');

function gateRows(stage: Stage, cast: Cast): Row[] {
  const implemented = new Set(implementedMethods().map(({ name }) => name));
  const samples = samplesOf(cast);
  const every = allMethods();
  return [
    {
      name: 'without a login: 401 for every method but those of the list',
      run: async () => {
        const stranger = await Person.connect(stage.gateway);
        await stranger.session.ping();
        const outcomes = await inTurns(every, async ({ name, id }) => ({ name, outcome: await stranger.raw(implemented.has(name) ? encodeMarked(samples.request(name)).bytes : int32(id)) }));
        const wrong = outcomes.filter(({ name, outcome }) => (describe(outcome) === '401 AUTH_KEY_UNREGISTERED') === isLoginFree(name));
        assert.deepEqual(wrong.map(({ name, outcome }) => `${name}: ${describe(outcome)}`), []);
        stranger.close();
        return `${every.length} methods`;
      },
    },
    {
      name: 'unbuilt methods: 400 NOT_IMPLEMENTED, bot-only ones 400 USER_BOT_REQUIRED',
      run: async () => {
        const unbuilt = every.filter(({ name }) => !implemented.has(name));
        const outcomes = await inTurns(unbuilt, async ({ name, id }) => ({ name, outcome: await cast.mallory.raw(int32(id)) }));
        const wrong = outcomes.filter(({ name, outcome }) => describe(outcome) !== (isBotOnly(name) ? '400 USER_BOT_REQUIRED' : '400 NOT_IMPLEMENTED'));
        assert.deepEqual(wrong.map(({ name, outcome }) => `${name}: ${describe(outcome)}`), []);
        return `${unbuilt.length} methods, ${unbuilt.filter(({ name }) => isBotOnly(name)).length} of them for bots`;
      },
    },
    {
      name: 'bot-only methods that are built refuse a user, with a whole request too',
      run: async () => {
        for (const { name } of every.filter((method) => isBotOnly(method.name) && implemented.has(method.name))) assert.equal(describe(await cast.mallory.raw(encodeMarked(samples.request(name)).bytes)), '400 USER_BOT_REQUIRED', name);
      },
    },
    {
      name: 'layers that aren\'t served: CONNECTION_LAYER_INVALID, and the session keeps its own',
      run: async () => {
        const query = encode('help.getNearestDc', {});
        const layers = [...Array.from({ length: 260 }, (_, layer) => layer), 1_000, 0x7fffffff, -1, -0x80000000].filter((layer) => !stage.layers.includes(layer));
        const outcomes = await inTurns(layers, async (layer) => ({ layer, outcome: await cast.mallory.session.call(begun(query, layer)) }));
        assert.deepEqual(outcomes.filter(({ outcome }) => describe(outcome) !== '400 CONNECTION_LAYER_INVALID').map(({ layer, outcome }) => `${layer}: ${describe(outcome)}`), []);
        for (const layer of stage.layers) assert.equal((await cast.bob.session.call(begun(query, layer))).error, undefined, `layer ${layer}`);
        assert.equal((await cast.bob.session.call(begun(query))).error, undefined);
        readResult('help.getNearestDc', (await cast.mallory.attempt('help.getNearestDc', {})).result as Buffer);
      },
    },
    {
      name: 'wrappers that refer to what doesn\'t exist are refused: takeout, messages range, business connection',
      run: async () => {
        const { session } = cast.mallory;
        const query = encode('messages.getAllDrafts', {});
        const long = Buffer.alloc(8, 1);
        assert.equal(describe(await session.call(Buffer.concat([int32(0xaca9fd2e), long, query]))), '400 TAKEOUT_INVALID');
        assert.equal(describe(await session.call(Buffer.concat([int32(0x365275f2), int32(0x0ae30253), int32(1), int32(100), query]))), '400 TAKEOUT_REQUIRED');
        assert.equal(describe(await session.call(Buffer.concat([int32(0xdd289f8e), Buffer.from([3, 97, 98, 99]), query]))), '400 CONNECTION_ID_INVALID');
      },
    },
  ];
}

/** bars.md "Security tests": the Input* sweep over every implemented method, and the gates in front of them. */
export async function accessRows(stage: Stage): Promise<Row[]> {
  const cast = await openCast(stage);
  return [...sweepRows(cast), ...foreignMessageRows(cast), ...gateRows(stage, cast)];
}
