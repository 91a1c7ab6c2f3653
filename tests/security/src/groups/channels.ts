import assert from 'node:assert/strict';
import { Person, type Request } from '../client/person';
import { describe, type Outcome } from '../client/session';
import { implementedMethods, type TlValue } from '../requests/definitions';
import type { KnownUser } from '../requests/sample-requests';
import type { Row } from '../report';
import type { Stage } from '../stage';
import { saysCanary } from './access';
import { inviteLinkRows } from './invite-links';
import { ask, bannedRights, inputUser, isPush, judgeAct, must, PAGE, random, RIGHTS, SELF, wasAllowed, word, type Right } from './rights';

type Role = 'creator' | 'admin' | 'member' | 'restricted' | 'banned' | 'left' | 'stranger';
const ROLES: readonly Role[] = ['creator', 'admin', 'member', 'restricted', 'banned', 'left', 'stranger'];
const INSIDE: readonly Role[] = ['creator', 'admin', 'member', 'restricted'];
const GONE: readonly Role[] = ['banned', 'left'];

/** Flags of chatAdminRights that acts of this file take. */
const ADMIN_RIGHTS = {
  supergroup: ['change_info', 'delete_messages', 'ban_users', 'invite_users', 'pin_messages', 'add_admins', 'manage_ranks'],
  broadcast: ['change_info', 'post_messages', 'edit_messages', 'delete_messages', 'ban_users', 'invite_users', 'add_admins'],
} as const;
type AdminRight = (typeof ADMIN_RIGHTS)['supergroup' | 'broadcast'][number];
type Kind = keyof typeof ADMIN_RIGHTS;

interface ChannelName {
  readonly channel_id: number;
  readonly access_hash: bigint;
}

/** Somebody in one of the roles, and what they can name. */
interface Actor {
  readonly role: Role;
  readonly person: Person;
  readonly channel: ChannelName;
  /** A member on whom admins try what they may. */
  readonly target: KnownUser;
  /** Somebody who is not in it. */
  readonly outsider: KnownUser;
  /** 1 for those who have none. */
  readonly ownMessage: number;
  readonly othersMessage: number;
  /** By the creator. */
  readonly poll: number;
  readonly noted: number;
}

interface Cast {
  readonly kind: Kind;
  readonly creator: Person;
  readonly actors: Readonly<Record<Role, Actor>>;
  /** A member who listens. */
  readonly guest: Actor;
  readonly target: Person;
  readonly outsider: Person;
  readonly link: string;
  /** Said, and named, after some were gone. */
  readonly canaries: readonly string[];
}

const inputChannel = ({ channel }: { channel: ChannelName }): TlValue => ({ _: 'inputChannel', ...channel });
const inputPeer = ({ channel }: { channel: ChannelName }): TlValue => ({ _: 'inputPeerChannel', ...channel });
const inputPeerUser = (user: KnownUser): TlValue => ({ _: 'inputPeerUser', ...user });
const adminRights = (...rights: readonly string[]): TlValue => ({ _: 'chatAdminRights', ...Object.fromEntries(rights.map((right) => [right, true])) });
const plain = (text: string): TlValue => ({ _: 'textWithEntities', text, entities: [] });
/** A broadcast's votes are nobody's to know. */
const pollMedia = (kind: Kind): TlValue => ({
  _: 'inputMediaPoll',
  poll: {
    _: 'poll', id: 0n, hash: 0n, ...(kind === 'supergroup' && { public_voters: true }), question: plain(`asked ${word()}`),
    answers: ['yes', 'no'].map((text, index) => ({ _: 'pollAnswer', text: plain(text), option: new Uint8Array([index]) })),
  },
});
const allBut = (kind: Kind, missing?: AdminRight): readonly string[] => [...ADMIN_RIGHTS[kind].filter((right) => right !== missing), 'other'];

/** The one channel that somebody has in their list, as they name it. */
async function onlyChannelOf(person: Person): Promise<ChannelName> {
  const answer = await person.call('messages.getDialogs', { offset_date: 0, offset_id: 0, offset_peer: { _: 'inputPeerEmpty' }, limit: 100, hash: 0n });
  const found = 'chats' in answer ? answer.chats.find((chat) => chat._ === 'channel' && chat.access_hash !== undefined) : undefined;
  assert.ok(found?._ === 'channel', 'the channel is in the list');
  return { channel_id: Number(found.id), access_hash: found.access_hash as bigint };
}

interface Said {
  readonly id: number;
  readonly text: string;
  readonly from: number;
}

async function historyOf(of: Actor): Promise<Said[]> {
  const history = await of.person.call('messages.getHistory', { ...PAGE, peer: inputPeer(of) } as unknown as Request<'messages.getHistory'>);
  const messages = 'messages' in history ? history.messages : [];
  return messages.flatMap((message) => (message._ === 'message' ? [{ id: message.id, text: message.message, from: message.from_id?._ === 'peerUser' ? Number(message.from_id.user_id) : 0 }] : []));
}

async function openCast(stage: Stage, kind: Kind): Promise<Cast> {
  const people = await Promise.all([...ROLES, 'guest', 'target', 'outsider'].map((name) => Person.signUp(stage.gateway, stage.phone(), name)));
  const [creator, admin, member, restricted, banned, left, stranger, guest, target, outsider] = people as [Person, Person, Person, Person, Person, Person, Person, Person, Person, Person];
  const inside = [admin, member, restricted, banned, left, guest, target];
  const forCreator = new Map<Person, KnownUser>();
  for (const person of inside) forCreator.set(person, await creator.meet(person));
  const named = (person: Person): TlValue => inputUser(forCreator.get(person) as KnownUser);
  const peerOf = (person: Person): TlValue => inputPeerUser(forCreator.get(person) as KnownUser);

  await must(creator, { _: 'channels.createChannel', title: `${kind} ${word()}`, about: '', ...(kind === 'broadcast' ? { broadcast: true } : { megagroup: true }) });
  const names = new Map<Person, ChannelName>([[creator, await onlyChannelOf(creator)]]);
  const ofCreator = { channel: names.get(creator) as ChannelName };
  await must(creator, { _: 'channels.inviteToChannel', channel: inputChannel(ofCreator), users: inside.map(named) });
  for (const person of inside) names.set(person, await onlyChannelOf(person));
  await must(creator, { _: 'channels.editAdmin', channel: inputChannel(ofCreator), user_id: named(admin), admin_rights: adminRights(...allBut(kind)), rank: '' });
  for (const person of kind === 'broadcast' ? [creator, admin] : [creator, ...inside]) {
    await must(person, { _: 'messages.sendMessage', peer: inputPeer({ channel: names.get(person) as ChannelName }), message: `mine ${person.userId} ${word()}`, random_id: random() });
  }
  const invite = await creator.call('messages.exportChatInvite', { peer: inputPeer(ofCreator) } as unknown as Request<'messages.exportChatInvite'>);
  assert.ok(invite._ === 'chatInviteExported');
  await must(creator, { _: 'channels.editBanned', channel: inputChannel(ofCreator), participant: peerOf(banned), banned_rights: bannedRights('view_messages') });
  await must(left, { _: 'channels.leaveChannel', channel: inputChannel({ channel: names.get(left) as ChannelName }) });
  const canaries = [`title${word()}`, `said${word()}`];
  await must(creator, { _: 'channels.editTitle', channel: inputChannel(ofCreator), title: canaries[0] });
  await must(creator, { _: 'messages.sendMessage', peer: inputPeer(ofCreator), message: canaries[1], random_id: random() });

  const asked = await creator.call('messages.sendMedia', { peer: inputPeer(ofCreator), media: pollMedia(kind), message: '', random_id: random() } as unknown as Request<'messages.sendMedia'>);
  const poll = asked._ === 'updates' ? asked.updates.find((update) => update._ === 'updateMessageID') : undefined;
  assert.ok(poll?._ === 'updateMessageID', asked._);

  // A stranger knows no hash of it.
  names.set(stranger, { channel_id: ofCreator.channel.channel_id, access_hash: random() });
  const shown = await historyOf({ person: creator, ...ofCreator } as Actor);
  const mine = (person: Person): number => shown.find(({ text }) => text.startsWith(`mine ${person.userId} `))?.id ?? 1;
  const actorOf = async (role: Role, person: Person): Promise<Actor> => ({
    role, person, channel: names.get(person) as ChannelName, target: await person.meet(target), outsider: await person.meet(outsider), noted: await person.send('self', `note ${word()}`),
    ownMessage: mine(person), othersMessage: mine(person === creator ? admin : creator), poll: poll.id,
  });
  const actors = {} as Record<Role, Actor>;
  for (const [index, role] of ROLES.entries()) actors[role] = await actorOf(role, people[index] as Person);
  return { kind, creator, actors, guest: await actorOf('member', guest), target, outsider, link: invite.link, canaries };
}

/** One thing that somebody can ask of a channel. */
interface Act {
  readonly name: string;
  /** Admins who have one of these may. With neither this nor `taken` it is the creator's alone. */
  readonly rights?: readonly AdminRight[];
  /** Every admin may. */
  readonly anyAdmin?: boolean;
  /** Members may, unless one of these is off. Not of a broadcast where it takes a right there. */
  readonly taken?: readonly Right[];
  /** What those are told who may not; anything when absent. */
  readonly error?: RegExp;
  /** Refused for another reason to those who may. */
  readonly also?: RegExp;
  /** Changes nothing that others see, or reads. */
  readonly own?: boolean;
  /** Who may read may do it, and members hear of it. */
  readonly heard?: boolean;
  /** Cannot be taken back: tried by those alone who may not. */
  readonly ends?: boolean;
  before?(cast: Cast): Promise<void>;
  request(actor: Actor): TlValue;
  /** Takes it back, so that it can be asked again. By the creator. */
  undo?(cast: Cast, actor: Actor): Promise<void>;
}

const ADMIN_REQUIRED = /^(CHAT_ADMIN_REQUIRED|RIGHT_FORBIDDEN)$/;
/** A channel has one name, always on. */
const NO_NAME = /^USERNAME_INVALID$/;
const NOT_TO_WRITE = /^(CHAT_WRITE_FORBIDDEN|CHAT_SEND_PLAIN_FORBIDDEN|USER_BANNED_IN_CHANNEL|CHAT_ADMIN_REQUIRED|MESSAGE_AUTHOR_REQUIRED|MESSAGE_ID_INVALID)$/;
const SEARCH = { ...PAGE, q: '', filter: { _: 'inputMessagesFilterEmpty' }, min_date: 0, max_date: 0 };

/** Sets one of the channel's switches, and back. */
function switched(name: string, method: string, right: AdminRight, on: object = { enabled: true }, off: object = { enabled: false }): Act {
  return {
    name, rights: [right], error: ADMIN_REQUIRED, request: (of) => ({ _: method, channel: inputChannel(of), ...on }),
    undo: ({ creator, actors }) => must(creator, { _: method, channel: inputChannel(actors.creator), ...off }),
  };
}

function acts(cast: Cast): readonly Act[] {
  const { creator, kind, link } = cast;
  const home = cast.actors.creator;
  const channel = inputChannel(home);
  const broadcast = kind === 'broadcast';
  const writing: Partial<Act> = broadcast ? { rights: ['post_messages'], error: NOT_TO_WRITE } : { taken: ['send_messages', 'send_plain'], anyAdmin: true, error: NOT_TO_WRITE };
  const shared = (right: AdminRight, taken: Right): Partial<Act> => (broadcast ? { rights: [right], error: ADMIN_REQUIRED } : { rights: [right], taken: [taken], error: ADMIN_REQUIRED });
  const pinning = shared(broadcast ? 'edit_messages' : 'pin_messages', 'pin_messages');
  const reading = { taken: [] as readonly Right[], own: true };
  // Until `before` made one: what nobody but those with the right may delete either.
  let doomed = 1;
  const targetOf = (): TlValue => inputUser(home.target);
  const free = async (): Promise<void> => {
    await must(creator, { _: 'channels.editBanned', channel, participant: inputPeerUser(home.target), banned_rights: bannedRights() });
    await ask(creator, { _: 'channels.inviteToChannel', channel, users: [targetOf()] });
  };
  return [
    { name: 'send', ...writing, request: (of) => ({ _: 'messages.sendMessage', peer: inputPeer(of), message: `sent ${word()}`, random_id: random() }) },
    { name: 'reply', ...writing, request: (of) => ({ _: 'messages.sendMessage', peer: inputPeer(of), message: `replied ${word()}`, random_id: random(), reply_to: { _: 'inputReplyToMessage', reply_to_msg_id: of.othersMessage } }) },
    { name: 'forward into', ...writing, request: (of) => ({ _: 'messages.forwardMessages', from_peer: { _: 'inputPeerSelf' }, id: [of.noted], random_id: [random()], to_peer: inputPeer(of) }) },
    {
      name: 'send a poll', ...writing, ...(broadcast ? {} : { taken: ['send_messages', 'send_media', 'send_polls'] as const }), error: /^(CHAT_WRITE_FORBIDDEN|CHAT_SEND_(MEDIA|POLL)_FORBIDDEN|USER_BANNED_IN_CHANNEL|CHAT_ADMIN_REQUIRED)$/,
      request: (of) => ({ _: 'messages.sendMedia', peer: inputPeer(of), media: pollMedia(kind), message: '', random_id: random() }),
    },
    {
      name: 'schedule', ...writing, request: (of) => ({ _: 'messages.sendMessage', peer: inputPeer(of), message: `later ${word()}`, random_id: random(), schedule_date: Math.floor(Date.now() / 1_000) + 86_400 }),
      undo: async (_, of) => {
        const waiting = await of.person.call('messages.getScheduledHistory', { peer: inputPeer(of), hash: 0n } as unknown as Request<'messages.getScheduledHistory'>);
        await must(of.person, { _: 'messages.deleteScheduledMessages', peer: inputPeer(of), id: 'messages' in waiting ? waiting.messages.map(({ id }) => id) : [] });
      },
    },
    { name: 'type', ...writing, own: true, ...(broadcast ? {} : { taken: ['send_messages', 'send_plain'] as const }), request: (of) => ({ _: 'messages.setTyping', peer: inputPeer(of), action: { _: 'sendMessageTypingAction' } }) },
    { name: 'edit the own', ...writing, ...(broadcast ? { rights: ['post_messages', 'edit_messages'] as const } : {}), request: (of) => ({ _: 'messages.editMessage', peer: inputPeer(of), id: of.ownMessage, message: `mine ${of.person.userId} ${word()}` }) },
    {
      name: 'delete what another wrote', rights: ['delete_messages'], error: /^(MESSAGE_DELETE_FORBIDDEN|CHAT_ADMIN_REQUIRED)$/,
      before: async () => {
        const sent = await home.person.call('messages.sendMessage', { peer: inputPeer(home), message: `doomed ${word()}`, random_id: random() } as unknown as Request<'messages.sendMessage'>);
        const named = sent._ === 'updates' ? sent.updates.find((update) => update._ === 'updateMessageID') : undefined;
        assert.ok(named?._ === 'updateMessageID', sent._);
        doomed = named.id;
      },
      request: (of) => ({ _: 'channels.deleteMessages', channel: inputChannel(of), id: [doomed] }),
    },
    { name: 'delete everything', rights: ['delete_messages'], ends: true, request: (of) => ({ _: 'channels.deleteHistory', channel: inputChannel(of), max_id: 0, for_everyone: true }) },
    { name: 'title', ...shared('change_info', 'change_info'), request: (of) => ({ _: 'channels.editTitle', channel: inputChannel(of), title: `${cast.canaries[0]} ${word()}` }) },
    { name: 'description', ...shared('change_info', 'change_info'), request: (of) => ({ _: 'messages.editChatAbout', peer: inputPeer(of), about: `about ${word()}` }) },
    { name: 'public name', request: (of) => ({ _: 'channels.updateUsername', channel: inputChannel(of), username: `helio${word()}` }), error: ADMIN_REQUIRED, undo: () => must(creator, { _: 'channels.updateUsername', channel, username: '' }) },
    {
      name: 'add', ...shared('invite_users', 'invite_users'), error: /^(CHAT_ADMIN_REQUIRED|CHAT_WRITE_FORBIDDEN|RIGHT_FORBIDDEN)$/, request: (of) => ({ _: 'channels.inviteToChannel', channel: inputChannel(of), users: [inputUser(of.outsider)] }),
      undo: async ({ outsider }) => must(outsider, { _: 'channels.leaveChannel', channel: inputChannel({ channel: await onlyChannelOf(outsider) }) }),
    },
    { name: 'ban', rights: ['ban_users'], error: ADMIN_REQUIRED, request: (of) => ({ _: 'channels.editBanned', channel: inputChannel(of), participant: inputPeerUser(of.target), banned_rights: bannedRights('view_messages') }), undo: free },
    ...(broadcast ? [] : [{ name: 'restrict', rights: ['ban_users'] as const, error: ADMIN_REQUIRED, request: (of: Actor) => ({ _: 'channels.editBanned', channel: inputChannel(of), participant: inputPeerUser(of.target), banned_rights: bannedRights('send_games') }), undo: free }]),
    {
      name: 'name an admin', rights: ['add_admins'], error: ADMIN_REQUIRED,
      request: (of) => ({ _: 'channels.editAdmin', channel: inputChannel(of), user_id: inputUser(of.target), admin_rights: adminRights('other'), rank: '' }),
      undo: () => must(creator, { _: 'channels.editAdmin', channel, user_id: targetOf(), admin_rights: adminRights(), rank: '' }),
    },
    { name: 'give the channel away', ends: true, request: (of) => ({ _: 'messages.editChatCreator', peer: inputPeer(of), user_id: inputUser(of.target), password: { _: 'inputCheckPasswordEmpty' } }) },
    { name: 'who owns it next', error: ADMIN_REQUIRED, request: (of) => ({ _: 'messages.getFutureChatCreatorAfterLeave', peer: inputPeer(of) }) },
    { name: 'end the channel', ends: true, error: ADMIN_REQUIRED, request: (of) => ({ _: 'channels.deleteChannel', channel: inputChannel(of) }) },
    { name: 'pin', ...pinning, request: (of) => ({ _: 'messages.updatePinnedMessage', peer: inputPeer(of), id: of.othersMessage, silent: true }), undo: (_, of) => must(creator, { _: 'messages.updatePinnedMessage', peer: inputPeer(home), id: of.othersMessage, unpin: true }) },
    { name: 'unpin all', ...pinning, request: (of) => ({ _: 'messages.unpinAllMessages', peer: inputPeer(of) }) },
    { name: 'which reactions', ...shared('change_info', 'change_info'), request: (of) => ({ _: 'messages.setChatAvailableReactions', peer: inputPeer(of), available_reactions: { _: 'chatReactionsAll' } }) },
    { name: 'protect content', error: ADMIN_REQUIRED, request: (of) => ({ _: 'messages.toggleNoForwards', peer: inputPeer(of), enabled: true }), undo: () => must(creator, { _: 'messages.toggleNoForwards', peer: inputPeer(home), enabled: false }) },
    { name: 'set a period', rights: ['change_info'], error: ADMIN_REQUIRED, request: (of) => ({ _: 'messages.setHistoryTTL', peer: inputPeer(of), period: 604_800 }), undo: () => must(creator, { _: 'messages.setHistoryTTL', peer: inputPeer(home), period: 0 }) },
    ...(broadcast
      ? [switched('signatures', 'channels.toggleSignatures', 'change_info', { signatures_enabled: true }, {})]
      : [
        { name: 'call oneself something', rights: ['manage_ranks'] as const, taken: ['edit_rank'] as const, error: ADMIN_REQUIRED, request: (of: Actor) => ({ _: 'messages.editChatParticipantRank', peer: inputPeer(of), participant: { _: 'inputPeerSelf' }, rank: word().slice(0, 9) }) },
        { name: 'call another something', rights: ['manage_ranks'] as const, error: ADMIN_REQUIRED, request: (of: Actor) => ({ _: 'messages.editChatParticipantRank', peer: inputPeer(of), participant: inputPeerUser(of.target), rank: word().slice(0, 9) }) },
        switched('join to write', 'channels.toggleJoinToSend', 'ban_users'),
        // Of one that nobody finds by himself.
        { name: 'ask to join', rights: ['ban_users'] as const, also: /^CHAT_PUBLIC_REQUIRED$/, error: /^(CHAT_ADMIN_REQUIRED|CHAT_PUBLIC_REQUIRED)$/, request: (of: Actor) => ({ _: 'channels.toggleJoinRequest', channel: inputChannel(of), enabled: true }) },
        switched('hidden prehistory', 'channels.togglePreHistoryHidden', 'change_info'),
        switched('slow mode', 'channels.toggleSlowMode', 'ban_users', { seconds: 10 }, { seconds: 0 }),
        // Of a small group's nobody is hidden.
        { name: 'hide the members', rights: ['ban_users'] as const, ends: true, error: /^(CHAT_ADMIN_REQUIRED|PARTICIPANTS_TOO_FEW)$/, request: (of: Actor) => ({ _: 'channels.toggleParticipantsHidden', channel: inputChannel(of), enabled: true }) },
        {
          name: 'take a reaction away', rights: ['delete_messages'] as const, error: ADMIN_REQUIRED,
          request: (of: Actor) => ({ _: 'messages.deleteParticipantReaction', peer: inputPeer(of), msg_id: of.othersMessage, participant: inputPeerUser(of.target) }),
        },
        {
          name: 'take all reactions away', rights: ['delete_messages'] as const, error: ADMIN_REQUIRED,
          request: (of: Actor) => ({ _: 'messages.deleteParticipantReactions', peer: inputPeer(of), participant: inputPeerUser(of.target) }),
        },
        {
          name: 'delete all of one author', rights: ['delete_messages'] as const, error: ADMIN_REQUIRED,
          request: (of: Actor) => ({ _: 'channels.deleteParticipantHistory', channel: inputChannel(of), participant: inputPeerUser(of.target) }),
        },
        {
          name: 'default rights', rights: ['ban_users'] as const, error: ADMIN_REQUIRED, request: (of: Actor) => ({ _: 'messages.editChatDefaultBannedRights', peer: inputPeer(of), banned_rights: bannedRights('send_games', 'send_gifs') }),
        },
      ]),
    { name: 'make a link', rights: ['invite_users'], error: ADMIN_REQUIRED, request: (of) => ({ _: 'messages.exportChatInvite', peer: inputPeer(of), usage_limit: 3 }), undo: dropLinks },
    { name: 'change the creator\'s link', request: (of) => ({ _: 'messages.editExportedChatInvite', peer: inputPeer(of), link, usage_limit: 50 + Math.floor(Math.random() * 1_000) }) },
    { name: 'the creator\'s link', request: (of) => ({ _: 'messages.getExportedChatInvite', peer: inputPeer(of), link }) },
    { name: 'forget the creator\'s link', ends: true, request: (of) => ({ _: 'messages.deleteExportedChatInvite', peer: inputPeer(of), link }) },
    { name: 'who has made links', error: ADMIN_REQUIRED, request: (of) => ({ _: 'messages.getAdminsWithInvites', peer: inputPeer(of) }) },
    { name: 'list the own links', rights: ['invite_users'], error: ADMIN_REQUIRED, request: (of) => ({ _: 'messages.getExportedChatInvites', peer: inputPeer(of), admin_id: SELF, limit: 10 }) },
    { name: 'who asks to be let in', rights: ['invite_users'], error: ADMIN_REQUIRED, request: (of) => ({ _: 'messages.getChatInviteImporters', peer: inputPeer(of), requested: true, offset_date: 0, offset_user: { _: 'inputUserEmpty' }, limit: 10 }) },
    { name: 'let somebody in', rights: ['invite_users'], error: ADMIN_REQUIRED, also: /^HIDE_REQUESTER_MISSING$/, request: (of) => ({ _: 'messages.hideChatJoinRequest', peer: inputPeer(of), user_id: inputUser(of.outsider), approved: true }) },
    { name: 'let everybody in', rights: ['invite_users'], error: ADMIN_REQUIRED, also: /^HIDE_REQUESTER_MISSING$/, request: (of) => ({ _: 'messages.hideAllChatJoinRequests', peer: inputPeer(of), approved: true }) },
    { name: 'forget the own revoked links', rights: ['invite_users'], error: ADMIN_REQUIRED, request: (of) => ({ _: 'messages.deleteRevokedExportedChatInvites', peer: inputPeer(of), admin_id: SELF }) },
    { name: 'what was done', anyAdmin: true, error: ADMIN_REQUIRED, request: (of) => ({ _: 'channels.getAdminLog', channel: inputChannel(of), q: '', max_id: 0n, min_id: 0n, limit: 10 }) },
    { name: 'who was banned', anyAdmin: true, error: ADMIN_REQUIRED, request: (of) => ({ _: 'channels.getParticipants', channel: inputChannel(of), filter: { _: 'channelParticipantsKicked', q: '' }, offset: 0, limit: 10, hash: 0n }) },
    { name: 'who is in it', anyAdmin: true, ...(broadcast ? { error: ADMIN_REQUIRED } : reading), request: (of) => ({ _: 'channels.getParticipants', channel: inputChannel(of), filter: { _: 'channelParticipantsRecent' }, offset: 0, limit: 10, hash: 0n }) },
    { name: 'one who is in it', anyAdmin: true, ...(broadcast ? { error: ADMIN_REQUIRED } : reading), request: (of) => ({ _: 'channels.getParticipant', channel: inputChannel(of), participant: inputPeerUser(of.target) }) },
    { name: 'how many are online', ...reading, request: (of) => ({ _: 'messages.getOnlines', peer: inputPeer(of) }) },
    ...(broadcast ? [] : [
      { name: 'as whom to write by default', ...reading, request: (of: Actor) => ({ _: 'messages.saveDefaultSendAs', peer: inputPeer(of), send_as: { _: 'inputPeerSelf' } }) },
      // For anonymous admins, of whom there are none here.
      { name: 'write as the group', ends: true, error: /^SEND_AS_PEER_INVALID$/, request: (of: Actor) => ({ _: 'messages.saveDefaultSendAs', peer: inputPeer(of), send_as: inputPeer(of) }) },
    ]),
    { name: 'switch a name', also: NO_NAME, error: ADMIN_REQUIRED, request: (of) => ({ _: 'channels.toggleUsername', channel: inputChannel(of), username: 'helio_none', active: false }) },
    { name: 'order of names', also: NO_NAME, error: ADMIN_REQUIRED, request: (of) => ({ _: 'channels.reorderUsernames', channel: inputChannel(of), order: ['helio_none'] }) },
    { name: 'no more names', also: NO_NAME, error: ADMIN_REQUIRED, request: (of) => ({ _: 'channels.deactivateAllUsernames', channel: inputChannel(of) }) },
    { name: 'as whom to write', ...reading, request: (of) => ({ _: 'channels.getSendAs', peer: inputPeer(of) }) },
    { name: 'vote', ...reading, heard: true, request: (of) => ({ _: 'messages.sendVote', peer: inputPeer(of), msg_id: of.poll, options: [new Uint8Array([0])] }) },
    { name: 'how the votes stand', ...reading, request: (of) => ({ _: 'messages.getPollResults', peer: inputPeer(of), msg_id: of.poll, poll_hash: 0n }) },
    { name: 'who voted', ...reading, also: /^(BROADCAST_FORBIDDEN|POLL_VOTE_REQUIRED)$/, request: (of) => ({ _: 'messages.getPollVotes', peer: inputPeer(of), id: of.poll, limit: 10 }) },
    { name: 'votes in the own polls', ...reading, request: (of) => ({ _: 'messages.getUnreadPollVotes', peer: inputPeer(of), offset_id: 0, add_offset: 0, limit: 10, max_id: 0, min_id: 0 }) },
    { name: 'see votes', ...reading, request: (of) => ({ _: 'messages.readPollVotes', peer: inputPeer(of) }) },
    { name: 'react', ...reading, heard: true, request: (of) => ({ _: 'messages.sendReaction', peer: inputPeer(of), msg_id: of.othersMessage, reaction: [{ _: 'reactionEmoji', emoticon: '👍' }] }), undo: (_, of) => must(of.person, { _: 'messages.sendReaction', peer: inputPeer(of), msg_id: of.othersMessage, reaction: [] }) },
    { name: 'reactions', ...reading, request: (of) => ({ _: 'messages.getMessagesReactions', peer: inputPeer(of), id: [of.othersMessage] }) },
    { name: 'who reacted', ...reading, also: /^BROADCAST_FORBIDDEN$/, request: (of) => ({ _: 'messages.getMessageReactionsList', peer: inputPeer(of), id: of.othersMessage, limit: 10 }) },
    { name: 'answers', ...reading, also: /^MSG_ID_INVALID$/, request: (of) => ({ _: 'messages.getReplies', ...PAGE, peer: inputPeer(of), msg_id: of.othersMessage }) },
    { name: 'a thread', ...reading, also: /^MSG_ID_INVALID$/, request: (of) => ({ _: 'messages.getDiscussionMessage', peer: inputPeer(of), msg_id: of.othersMessage }) },
    { name: 'read a thread', ...reading, also: /^MSG_ID_INVALID$/, request: (of) => ({ _: 'messages.readDiscussion', peer: inputPeer(of), msg_id: of.othersMessage, read_max_id: of.othersMessage }) },
    { name: 'who has read it', ...reading, also: /^MSG_ID_INVALID$/, request: (of) => ({ _: 'messages.getMessageReadParticipants', peer: inputPeer(of), msg_id: of.ownMessage }) },
    { name: 'how much of what', ...reading, request: (of) => ({ _: 'messages.getSearchCounters', peer: inputPeer(of), filters: [{ _: 'inputMessagesFilterPinned' }] }) },
    { name: 'places of media', ...reading, request: (of) => ({ _: 'messages.getSearchResultsPositions', peer: inputPeer(of), filter: { _: 'inputMessagesFilterUrl' }, offset_id: 0, limit: 10 }) },
    { name: 'media by days', ...reading, request: (of) => ({ _: 'messages.getSearchResultsCalendar', peer: inputPeer(of), filter: { _: 'inputMessagesFilterUrl' }, offset_id: 0, offset_date: 0 }) },
    { name: 'unread reactions', ...reading, request: (of) => ({ _: 'messages.getUnreadReactions', peer: inputPeer(of), offset_id: 0, add_offset: 0, limit: 10, max_id: 0, min_id: 0 }) },
    { name: 'see what names one', ...reading, request: (of) => ({ _: 'messages.readMentions', peer: inputPeer(of) }) },
    { name: 'see reactions', ...reading, request: (of) => ({ _: 'messages.readReactions', peer: inputPeer(of) }) },
    { name: 'see contents', ...reading, request: (of) => ({ _: 'channels.readMessageContents', channel: inputChannel(of), id: [of.othersMessage] }) },
    { name: 'whole channel', ...reading, request: (of) => ({ _: 'channels.getFullChannel', channel: inputChannel(of) }) },
    { name: 'history', ...reading, request: (of) => ({ _: 'messages.getHistory', ...PAGE, peer: inputPeer(of) }) },
    { name: 'messages by id', ...reading, request: (of) => ({ _: 'channels.getMessages', channel: inputChannel(of), id: [{ _: 'inputMessageID', id: of.othersMessage }] }) },
    { name: 'search', ...reading, request: (of) => ({ _: 'messages.search', ...SEARCH, peer: inputPeer(of) }) },
    { name: 'link to a message', ...reading, request: (of) => ({ _: 'channels.exportMessageLink', channel: inputChannel(of), id: of.othersMessage }) },
    { name: 'difference', ...reading, request: (of) => ({ _: 'updates.getChannelDifference', channel: inputChannel(of), filter: { _: 'channelMessagesFilterEmpty' }, pts: 1, limit: 100 }) },
    { name: 'views', ...reading, request: (of) => ({ _: 'messages.getMessagesViews', peer: inputPeer(of), id: [of.othersMessage], increment: true }) },
    { name: 'read', ...reading, request: (of) => ({ _: 'channels.readHistory', channel: inputChannel(of), max_id: of.othersMessage }) },
    { name: 'forward out', ...reading, request: (of) => ({ _: 'messages.forwardMessages', from_peer: inputPeer(of), id: [of.othersMessage], random_id: [random()], to_peer: { _: 'inputPeerSelf' } }) },
    { name: 'unread mentions', ...reading, request: (of) => ({ _: 'messages.getUnreadMentions', peer: inputPeer(of), offset_id: 0, add_offset: 0, limit: 10, max_id: 0, min_id: 0 }) },
    { name: 'draft', ...reading, request: (of) => ({ _: 'messages.saveDraft', peer: inputPeer(of), message: `draft ${word()}` }) },
    { name: 'dialog', ...reading, request: (of) => ({ _: 'messages.getPeerDialogs', peers: [{ _: 'inputDialogPeer', peer: inputPeer(of) }] }) },
  ];
}

async function dropLinks({ actors: { creator } }: Cast, of: Actor): Promise<void> {
  const { invites } = await of.person.call('messages.getExportedChatInvites', { peer: inputPeer(of), admin_id: SELF, limit: 50 } as unknown as Request<'messages.getExportedChatInvites'>);
  for (const invite of invites) {
    if (invite._ === 'chatInviteExported' && invite.usage_limit === 3) await must(creator.person, { _: 'messages.editExportedChatInvite', peer: inputPeer(creator), link: invite.link, revoked: true });
  }
}

/** What is taken, while everything is tried. */
interface Taken {
  /** From all members. */
  readonly byDefault?: readonly Right[];
  /** From the restricted one. */
  readonly fromOne?: readonly Right[];
  /** Of the admin's rights. */
  readonly fromAdmin?: AdminRight;
}

/** Whether somebody inside may. */
function mayDo(role: Role, { rights = [], taken, anyAdmin }: Act, { byDefault = [], fromOne = [], fromAdmin }: Taken): boolean {
  if (role === 'creator') return true;
  const off = role === 'restricted' ? [...byDefault, ...fromOne] : byDefault;
  const asMember = taken !== undefined && !taken.some((each) => off.includes(each));
  if (role !== 'admin') return asMember;
  return asMember || anyAdmin === true || rights.some((right) => right !== fromAdmin);
}

/** Those inside try everything, with this taken. */
async function tryInside(cast: Cast, roles: readonly Role[], taken: Taken): Promise<string> {
  const { kind, creator, actors } = cast;
  const home = actors.creator;
  const forCreator = new Map<Role, KnownUser>();
  for (const role of ['admin', 'restricted'] as const) forCreator.set(role, await creator.meet(actors[role].person));
  const restore = async (): Promise<void> => {
    if (kind === 'supergroup') {
      await must(creator, { _: 'messages.editChatDefaultBannedRights', peer: inputPeer(home), banned_rights: bannedRights(...(taken.byDefault ?? [])) });
      await must(creator, { _: 'channels.editBanned', channel: inputChannel(home), participant: inputPeerUser(forCreator.get('restricted') as KnownUser), banned_rights: bannedRights(...(taken.fromOne ?? [])) });
    }
  };
  await restore();
  await must(creator, { _: 'channels.editAdmin', channel: inputChannel(home), user_id: inputUser(forCreator.get('admin') as KnownUser), admin_rights: adminRights(...allBut(kind, taken.fromAdmin)), rank: '' });
  const faults: string[] = [];
  let count = 0;
  for (const act of acts(cast)) {
    for (const role of roles) {
      const allowed = mayDo(role, act, taken);
      if (act.ends && allowed) continue;
      await act.before?.(cast);
      const actor = actors[role];
      const outcome = await ask(actor.person, act.request(actor));
      count += 1;
      if (allowed && outcome.error !== undefined && act.also?.test(outcome.error.type)) continue;
      const fault = judgeAct(role, act.name, allowed, outcome, act.error);
      if (fault !== undefined) faults.push(fault);
      if (!wasAllowed(outcome)) continue;
      await act.undo?.(cast, actor);
      if (act.name === 'default rights') await restore();
    }
  }
  assert.deepEqual(faults, []);
  return `${count} requests`;
}

/** What everybody in it sees of the channel. */
async function snapshot({ guest, actors: { creator } }: Cast): Promise<unknown> {
  const full = await guest.person.call('channels.getFullChannel', { channel: inputChannel(guest) } as unknown as Request<'channels.getFullChannel'>);
  const members = await creator.person.call('channels.getParticipants', { channel: inputChannel(creator), filter: { _: 'channelParticipantsSearch', q: '' }, offset: 0, limit: 100, hash: 0n } as unknown as Request<'channels.getParticipants'>);
  const ids = members._ === 'channels.channelParticipants' ? members.participants.map((each) => ('user_id' in each ? Number(each.user_id) : 0)).sort((a, b) => a - b) : [];
  // What is read and seen is not what this is about.
  const passing = new Set(['status', 'read_inbox_max_id', 'read_outbox_max_id', 'unread_count', 'notify_settings', 'online_count']);
  return JSON.parse(JSON.stringify({ full: full.full_chat, chats: full.chats, ids, history: await historyOf(guest) }, (key, content: unknown) => (passing.has(key) ? undefined : typeof content === 'bigint' ? String(content) : content))) as unknown;
}

/** Waits until everything said so far has come to the guest, then forgets it. @returns what was pushed to them before */
async function settle({ creator, actors, guest }: Cast): Promise<string[]> {
  const barrier = `barrier ${word()}`;
  await must(creator, { _: 'messages.sendMessage', peer: inputPeer(actors.creator), message: barrier, random_id: random() });
  await guest.person.session.until('the barrier', ({ body }) => body.includes(barrier));
  const pushed = guest.person.session.received.filter((message) => isPush(message) && !message.body.includes(barrier)).map(({ constructor }) => constructor.toString(16));
  guest.person.session.clear();
  return pushed;
}

/** Requests beside those of `acts` that could show something of a channel. */
const LOOKS: readonly TlValue[] = [
  { _: 'messages.getDialogs', offset_date: 0, offset_id: 0, offset_peer: { _: 'inputPeerEmpty' }, limit: 100, hash: 0n },
  { _: 'messages.searchGlobal', q: 'said', filter: { _: 'inputMessagesFilterEmpty' }, min_date: 0, max_date: 0, offset_rate: 0, offset_peer: { _: 'inputPeerEmpty' }, offset_id: 0, limit: 50 },
  { _: 'channels.searchPosts', query: 'said', offset_rate: 0, offset_peer: { _: 'inputPeerEmpty' }, offset_id: 0, limit: 50 },
  { _: 'updates.getDifference', pts: 1, date: 1, qts: 0 },
  { _: 'channels.getLeftChannels', offset: 0 },
];

function outsideRows(cast: Cast, title: (what: string) => string): Row[] {
  const { actors, canaries } = cast;
  const unchanged = async (task: () => Promise<string[]>): Promise<void> => {
    await settle(cast);
    const before = await snapshot(cast);
    assert.deepEqual(await task(), []);
    assert.deepEqual(await snapshot(cast), before);
    assert.deepEqual(await settle(cast), [], 'a member was told of it');
  };
  const looks = async ({ person }: Actor): Promise<string[]> => {
    const faults: string[] = [];
    for (const request of LOOKS) {
      const outcome = await ask(person, request);
      const seen = outcome.result && saysCanary(outcome.result, canaries);
      if (seen !== undefined) faults.push(`${request._} tells ${seen}`);
    }
    return faults;
  };
  return [
    ...GONE.map((role): Row => ({
      name: title(`who was ${role === 'left' ? 'in it and left' : 'banned'} changes nothing, and sees nothing any more`),
      run: () => unchanged(async () => {
        const actor = actors[role];
        const faults: string[] = [];
        for (const act of acts(cast)) {
          const outcome = await ask(actor.person, act.request(actor));
          if (act.own !== true) faults.push(...[judgeAct(role, act.name, false, outcome)].filter((fault) => fault !== undefined));
          else if (outcome.error !== undefined && outcome.error.code >= 500) faults.push(`${act.name}: ${describe(outcome)}`);
          const seen = outcome.result && saysCanary(outcome.result, canaries);
          if (seen !== undefined) faults.push(`${act.name} tells ${seen}`);
        }
        const joined = await ask(actor.person, { _: 'channels.joinChannel', channel: inputChannel(actor) });
        if (joined.error === undefined) faults.push('joins by himself what has no public name');
        return [...faults, ...await looks(actor)];
      }),
    })),
    {
      name: title('to a stranger a channel answers as one that doesn\'t exist, with any hash'),
      run: () => unchanged(async () => {
        const { stranger, creator } = actors;
        const nowhere: Actor = { ...stranger, channel: { channel_id: stranger.channel.channel_id + 32 * 104_729, access_hash: random() } };
        const claims: Actor[] = [stranger, { ...stranger, channel: creator.channel }, { ...stranger, channel: { ...stranger.channel, access_hash: 0n } }];
        const faults: string[] = [];
        const requests = [
          ...acts(cast).map((act) => [act.name, act.request] as const),
          ['join', (of: Actor) => ({ _: 'channels.joinChannel', channel: inputChannel(of) })] as const,
          ['leave', (of: Actor) => ({ _: 'channels.leaveChannel', channel: inputChannel(of) })] as const,
          ['channels by id', (of: Actor) => ({ _: 'channels.getChannels', id: [inputChannel(of)] })] as const,
        ];
        for (const [name, request] of requests) {
          const elsewhere = describe(await ask(stranger.person, request(nowhere)));
          for (const claim of claims) {
            const outcome: Outcome = await ask(stranger.person, request(claim));
            if (describe(outcome) !== elsewhere) faults.push(`${name}: ${describe(outcome)}, and where there is none ${elsewhere}`);
            else if (outcome.error === undefined || outcome.error.code >= 500) faults.push(`${name}: ${describe(outcome)}`);
          }
        }
        return [...faults, ...await looks(stranger)];
      }),
    },
    {
      name: title('with a public name a stranger reads, and changes nothing'),
      run: async () => {
        const { stranger, creator } = actors;
        const username = `helio${word()}`;
        await must(creator.person, { _: 'channels.updateUsername', channel: inputChannel(creator), username });
        try {
          const resolved = await stranger.person.call('contacts.resolveUsername', { username });
          const [found] = resolved.chats;
          assert.ok(found?._ === 'channel' && found.access_hash !== undefined, 'it is found');
          const visitor: Actor = { ...stranger, channel: { channel_id: Number(found.id), access_hash: found.access_hash } };
          await unchanged(async () => {
            const faults: string[] = [];
            for (const act of acts(cast)) {
              if (act.heard === true) continue;
              const outcome = await ask(visitor.person, act.request(visitor));
              if (act.own !== true) faults.push(...[judgeAct('visitor', act.name, false, outcome)].filter((fault) => fault !== undefined));
              else if (['whole channel', 'history', 'messages by id', 'search', 'difference'].includes(act.name) && outcome.error !== undefined) faults.push(`${act.name}: ${describe(outcome)}`);
              else if (outcome.error !== undefined && outcome.error.code >= 500) faults.push(`${act.name}: ${describe(outcome)}`);
            }
            return faults;
          });
          // Who was banned has no part in what is public.
          const { banned } = actors;
          for (const request of [{ _: 'messages.getHistory', ...PAGE, peer: inputPeer(banned) }, { _: 'channels.joinChannel', channel: inputChannel(banned) }, { _: 'channels.getFullChannel', channel: inputChannel(banned) }]) {
            const outcome = await ask(banned.person, request);
            assert.ok(outcome.error !== undefined && outcome.error.code < 500, `${request._}: ${describe(outcome)}`);
          }
        } finally {
          await must(creator.person, { _: 'channels.updateUsername', channel: inputChannel(creator), username: '' });
        }
      },
    },
  ];
}

function adminRows(cast: Cast, title: (what: string) => string): Row[] {
  const { actors, creator, kind } = cast;
  const edit = (of: Actor, user: KnownUser, ...rights: readonly string[]): Promise<Outcome> => ask(of.person, { _: 'channels.editAdmin', channel: inputChannel(of), user_id: inputUser(user), admin_rights: adminRights(...rights), rank: '' });
  return [
    {
      name: title('an admin gives no right that he lacks, and touches nobody whom he did not name'),
      run: async () => {
        const { admin } = actors;
        const adminForCreator = await creator.meet(admin.person);
        const memberForCreator = await creator.meet(actors.member.person);
        const own = allBut(kind, 'ban_users');
        assert.ok(wasAllowed(await edit(actors.creator, adminForCreator, ...own)));
        for (const right of ['ban_users', 'anonymous']) {
          const outcome = await edit(admin, admin.target, right);
          assert.equal(outcome.error?.type, 'RIGHT_FORBIDDEN', right);
        }
        const memberForAdmin = await admin.person.meet(actors.member.person);
        const creatorForAdmin = await admin.person.meet(creator);
        assert.ok(wasAllowed(await edit(actors.creator, memberForCreator, 'other')));
        for (const [user, rights] of [[memberForAdmin, []], [memberForAdmin, ['change_info']], [creatorForAdmin, ['change_info']], [creatorForAdmin, []]] as const) {
          const outcome = await edit(admin, user, ...rights);
          assert.match(outcome.error?.type ?? 'a result', /^(CHAT_ADMIN_REQUIRED|USER_CREATOR|USER_ADMIN_INVALID|RIGHT_FORBIDDEN)$/);
        }
        assert.ok(wasAllowed(await edit(actors.creator, adminForCreator, ...allBut(kind))));
        for (const user of [memberForAdmin, creatorForAdmin]) {
          const outcome = await ask(admin.person, { _: 'channels.editBanned', channel: inputChannel(admin), participant: inputPeerUser(user), banned_rights: bannedRights('view_messages') });
          assert.match(outcome.error?.type ?? 'a result', /^(USER_ADMIN_INVALID|CHAT_ADMIN_REQUIRED|USER_CREATOR)$/);
        }
        // Nor himself: what he has he can't widen.
        const outcome = await ask(admin.person, { _: 'channels.editAdmin', channel: inputChannel(admin), user_id: SELF, admin_rights: adminRights(...allBut(kind), 'anonymous'), rank: '' });
        assert.ok(outcome.error !== undefined && outcome.error.code < 500, describe(outcome));
        assert.ok(wasAllowed(await edit(actors.creator, memberForCreator)));
      },
    },
    {
      name: title('nobody edits what another wrote, unless it is a post and he has that right'),
      run: async () => {
        for (const role of INSIDE) {
          const of = actors[role];
          const outcome = await ask(of.person, { _: 'messages.editMessage', peer: inputPeer(of), id: of.othersMessage, message: 'words put into a mouth' });
          const mayEdit = kind === 'broadcast' && (role === 'creator' || role === 'admin');
          assert.equal(wasAllowed(outcome), mayEdit, `${role}: ${describe(outcome)}`);
        }
      },
    },
  ];
}

function removalRows(stage: Stage, cast: Cast, title: (what: string) => string): Row[] {
  const { creator, actors, guest } = cast;
  const home = actors.creator;
  return [{
    name: title('who is banned while everybody writes gets nothing once the ban is answered, and writes nothing'),
    run: async () => {
      const person = await Person.signUp(stage.gateway, stage.phone(), 'Victim');
      const known = await creator.meet(person);
      await must(creator, { _: 'channels.inviteToChannel', channel: inputChannel(home), users: [inputUser(known)] });
      const victim = { person, channel: await onlyChannelOf(person) } as Actor;
      const noise = Array.from({ length: 20 }, async (_, index) => {
        await ask(creator, { _: 'messages.sendMessage', peer: inputPeer(home), message: `noise ${index}`, random_id: random() });
        return ask(person, { _: 'messages.sendMessage', peer: inputPeer(victim), message: `by the victim ${index}`, random_id: random() });
      });
      await must(creator, { _: 'channels.editBanned', channel: inputChannel(home), participant: inputPeerUser(known), banned_rights: bannedRights('view_messages') });
      const later = `later${word()}`;
      await must(creator, { _: 'messages.sendMessage', peer: inputPeer(home), message: later, random_id: random() });
      await Promise.all(noise);
      const everything = await historyOf(guest);
      const at = everything.findIndex(({ text }) => text === later);
      assert.ok(at >= 0);
      assert.ok(!everything.slice(0, at).some(({ text }) => text.startsWith('by the victim')), 'the victim wrote after the ban');
      const barrier = `barrier${word()}`;
      await creator.send(known, barrier);
      await person.session.until('the barrier', ({ body }) => body.includes(barrier));
      assert.ok(!person.session.received.some(({ body }) => body.includes(later)), 'something later was pushed');
      const outcome = await ask(person, { _: 'updates.getChannelDifference', channel: inputChannel(victim), filter: { _: 'channelMessagesFilterEmpty' }, pts: 1, limit: 100 });
      assert.ok(outcome.error !== undefined && outcome.error.code < 500, describe(outcome));
      person.close();
    },
  }];
}

async function memberIds({ actors: { creator } }: Cast): Promise<number[]> {
  const answer = await creator.person.call('channels.getParticipants', { channel: inputChannel(creator), filter: { _: 'channelParticipantsSearch', q: '' }, offset: 0, limit: 200, hash: 0n } as unknown as Request<'channels.getParticipants'>);
  return answer._ === 'channels.channelParticipants' ? answer.participants.map((each) => ('user_id' in each ? Number(each.user_id) : 0)) : [];
}

/** Methods that name a channel or a chat and are not asked here, and why not. */
const ELSEWHERE: readonly (readonly [why: string, ...methods: readonly string[]])[] = [
  ['the rows on links, joining and leaving ask them', 'channels.joinChannel', 'channels.leaveChannel', 'channels.getChannels', 'messages.deleteRevokedExportedChatInvites'],
  ['what one keeps of a dialog in the own box, nobody else\'s business', 'messages.toggleDialogPin', 'messages.reorderPinnedDialogs', 'messages.markDialogUnread', 'messages.getDialogUnreadMarks', 'messages.getSavedHistory', 'messages.getSavedDialogs', 'messages.getSavedDialogsByID', 'messages.deleteSavedHistory', 'messages.toggleSavedDialogPin', 'messages.reorderPinnedSavedDialogs'],
  ['the own queue, which scheduling fills', 'messages.getScheduledHistory', 'messages.getScheduledMessages', 'messages.deleteScheduledMessages', 'messages.sendScheduledMessages'],
  ['of other chats: a channel is refused whoever asks', 'messages.deleteHistory', 'messages.readHistory', 'messages.getOutboxReadDate', 'messages.readSavedHistory', 'messages.getSavedReactionTags', 'contacts.block', 'contacts.unblock'],
  ['the rows on shared folders ask them', 'chatlists.exportChatlistInvite', 'chatlists.editExportedInvite', 'chatlists.joinChatlistInvite', 'chatlists.joinChatlistUpdates', 'chatlists.leaveChatlist'],
  ['a name that is free is free to everybody', 'channels.checkUsername'],
  ['takes a broadcast and a group of one\'s own: the real clients\' rows', 'channels.setDiscussionGroup'],
  ['nothing is there to be told of anything yet', 'messages.getPeerSettings', 'messages.hidePeerSettingsBar', 'messages.getExtendedMedia', 'messages.getSponsoredMessages', 'messages.getRecentLocations', 'stories.getPeerStories'],
  ['authors\' own', 'messages.getMessageEditData'],
];

/** Methods that take a channel, or a peer that may be one, of which no row here knows. */
function forgotten(casts: readonly Cast[]): string[] {
  const known = new Set<string>(ELSEWHERE.flatMap(([, ...methods]) => methods));
  for (const cast of casts) {
    for (const act of acts(cast)) known.add(act.request(cast.actors.creator)._);
    for (const look of LOOKS) known.add(look._);
  }
  const names = /^(Vector<)?Input(Peer|DialogPeer|Channel)>?$/;
  return implementedMethods().filter(({ name, fields }) => !known.has(name) && fields.some(({ type }) => names.test(type))).map(({ name }) => name);
}

/** Channels: every method that acts on one, by everybody who is or was or never was in it, with every right off. */
export async function channelRows(stage: Stage): Promise<Row[]> {
  const [group, broadcast] = [await openCast(stage, 'supergroup'), await openCast(stage, 'broadcast')];
  const [ofGroup, ofBroadcast] = [(what: string): string => `supergroup: ${what}`, (what: string): string => `broadcast: ${what}`];
  const { creator, member, stranger, left, banned } = group.actors;
  return [
    { name: 'every method that takes one is asked', run: async () => assert.deepEqual(forgotten([group, broadcast]), []) },
    { name: ofGroup('creator, admin and members do everything that is theirs'), run: () => tryInside(group, INSIDE, {}) },
    ...RIGHTS.flatMap((off): Row[] => [
      { name: ofGroup(`with ${off} off for members`), run: () => tryInside(group, ['creator', 'admin', 'member'], { byDefault: [off] }) },
      { name: ofGroup(`with ${off} off for one`), run: () => tryInside(group, ['member', 'restricted'], { fromOne: [off] }) },
    ]),
    ...ADMIN_RIGHTS.supergroup.map((fromAdmin): Row => ({ name: ofGroup(`an admin without ${fromAdmin}`), run: () => tryInside(group, ['admin'], { fromAdmin, byDefault: ['change_info', 'invite_users', 'pin_messages', 'edit_rank'] }) })),
    { name: ofGroup('all given back'), run: () => tryInside(group, INSIDE, {}) },
    ...adminRows(group, ofGroup), ...outsideRows(group, ofGroup), ...removalRows(stage, group, ofGroup),
    ...inviteLinkRows(stage, {
      prefix: 'supergroup: ', creator: group.creator, peer: inputPeer(creator), link: group.link, member: member.person, stranger: stranger.person, left: left.person, removed: banned.person,
      secrets: [group.creator.phone, group.guest.person.phone, group.canaries[1] as string], members: () => memberIds(group),
    }),
    { name: ofBroadcast('creator, admin and subscriber do everything that is theirs'), run: () => tryInside(broadcast, ['creator', 'admin', 'member'], {}) },
    ...ADMIN_RIGHTS.broadcast.map((fromAdmin): Row => ({ name: ofBroadcast(`an admin without ${fromAdmin}`), run: () => tryInside(broadcast, ['admin'], { fromAdmin }) })),
    ...adminRows(broadcast, ofBroadcast), ...outsideRows(broadcast, ofBroadcast), ...removalRows(stage, broadcast, ofBroadcast),
  ];
}
