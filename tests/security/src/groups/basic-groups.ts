import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Person, type Request } from '../client/person';
import { describe } from '../client/session';
import type { TlValue } from '../requests/definitions';
import type { KnownUser } from '../requests/sample-requests';
import type { Row } from '../report';
import type { Stage } from '../stage';
import { saysCanary } from './access';
import { inviteLinkRows } from './invite-links';
import { ask, bannedRights, hashOf, inputUser, isPush, judgeAct, must, PAGE, random, RIGHTS, SELF, wasAllowed, word, type Right } from './rights';

type Role = 'creator' | 'admin' | 'member' | 'removed' | 'left' | 'stranger';
const ROLES: readonly Role[] = ['creator', 'admin', 'member', 'removed', 'left', 'stranger'];
const INSIDE: readonly Role[] = ['creator', 'admin', 'member'];

/** Somebody in one of the roles, and what they can name. */
interface Actor {
  readonly role: Role;
  readonly person: Person;
  /** A member whom the creator brought in. */
  readonly guest: KnownUser;
  /** Somebody who is not in it. */
  readonly outsider: KnownUser;
  /** In the actor's own box; 0 for those who have none. */
  ownMessage: number;
  othersMessage: number;
  noted: number;
}

interface Cast {
  readonly creator: Person;
  readonly actors: Readonly<Record<Role, Actor>>;
  readonly guest: Person;
  readonly outsider: Person;
  readonly chatId: number;
  /** An id that no group has, in the same data center. */
  readonly nowhere: number;
  /** Of the creator's, while it holds. */
  readonly link: string;
  /** Said, and named, after some were gone. */
  readonly canaries: readonly string[];
}

async function historyOf(person: Person, chatId: number): Promise<{ id: number; text: string; from: number }[]> {
  const history = await person.call('messages.getHistory', { ...PAGE, peer: { _: 'inputPeerChat', chat_id: chatId } } as Request<'messages.getHistory'>);
  const messages = 'messages' in history ? history.messages : [];
  return messages.flatMap((message) => (message._ === 'message' ? [{ id: message.id, text: message.message, from: message.from_id?._ === 'peerUser' ? Number(message.from_id.user_id) : 0 }] : []));
}

async function openCast(stage: Stage): Promise<Cast> {
  const { gateway } = stage;
  const people = await Promise.all([...ROLES, 'guest', 'outsider'].map((name) => Person.signUp(gateway, stage.phone(), name)));
  const [creator, admin, member, removed, left, , guest, outsider] = people as [Person, Person, Person, Person, Person, Person, Person, Person];
  const known = new Map<Person, KnownUser[]>();
  for (const person of people.slice(0, 6)) known.set(person, [await person.meet(guest), await person.meet(outsider)]);
  const forCreator = new Map<Person, KnownUser>();
  for (const person of [admin, member, removed, left, guest]) forCreator.set(person, await creator.meet(person));
  const named = (person: Person): TlValue => inputUser(forCreator.get(person) as KnownUser);

  const created = await creator.call('messages.createChat', { title: `group ${word()}`, users: [admin, member, removed, left, guest].map(named) } as Request<'messages.createChat'>);
  const chat = created.updates._ === 'updates' ? created.updates.chats[0] : undefined;
  assert.ok(chat?._ === 'chat', 'the group was made');
  const chatId = Number(chat.id);
  const peer: TlValue = { _: 'inputPeerChat', chat_id: chatId };
  await must(creator, { _: 'messages.editChatAdmin', chat_id: chatId, user_id: named(admin), is_admin: true });
  for (const person of [creator, admin, member, removed, left, guest]) await must(person, { _: 'messages.sendMessage', peer, message: `mine ${word()}`, random_id: random() });
  const invite = await creator.call('messages.exportChatInvite', { peer } as unknown as Request<'messages.exportChatInvite'>);
  assert.ok(invite._ === 'chatInviteExported');
  await must(creator, { _: 'messages.deleteChatUser', chat_id: chatId, user_id: named(removed) });
  await must(left, { _: 'messages.deleteChatUser', chat_id: chatId, user_id: SELF });
  const canaries = [`title${word()}`, `said${word()}`];
  await must(creator, { _: 'messages.editChatTitle', chat_id: chatId, title: canaries[0] });
  await must(creator, { _: 'messages.sendMessage', peer, message: canaries[1], random_id: random() });

  const actors = {} as Record<Role, Actor>;
  for (const [index, role] of ROLES.entries()) {
    const person = people[index] as Person;
    const [forGuest, forOutsider] = known.get(person) as [KnownUser, KnownUser];
    const messages = role === 'stranger' ? [] : await historyOf(person, chatId);
    actors[role] = {
      role, person, guest: forGuest, outsider: forOutsider, noted: await person.send('self', `note ${word()}`),
      ownMessage: messages.find(({ text, from }) => from === person.userId && text.startsWith('mine'))?.id ?? 1,
      othersMessage: messages.find(({ from }) => from === (role === 'creator' ? guest : creator).userId)?.id ?? 1,
    };
  }
  return { creator, actors, guest, outsider, chatId, nowhere: chatId + 32 * 104_729, link: invite.link, canaries };
}

/** One thing that somebody can ask of a group. */
interface Act {
  readonly name: string;
  /** Who may: everybody in it, its admins, its creator. */
  readonly level: 'member' | 'admin' | 'creator';
  /** Members may not while one of these is off. */
  readonly taken?: readonly Right[];
  /** What members are told who may not; anything when absent. */
  readonly error?: RegExp;
  /** What who may is told where there is nothing to do. */
  readonly also?: RegExp;
  /** Whoever may is not asked: nothing would be left. */
  readonly ends?: boolean;
  /** Changes nothing that others see, or reads: who is gone may be answered from the own box. */
  readonly own?: boolean;
  request(actor: Actor, chatId: number): TlValue;
  /** Takes it back, so that it can be asked again. By the creator. */
  undo?(cast: Cast, actor: Actor): Promise<void>;
}

const chatPeer = (chatId: number): TlValue => ({ _: 'inputPeerChat', chat_id: chatId });
const WRITING = { level: 'member', taken: ['send_messages', 'send_plain'], error: /^CHAT_(WRITE|SEND_PLAIN)_FORBIDDEN$/ } as const;
const ADMIN_REQUIRED = /^CHAT_ADMIN_REQUIRED$/;

function acts(cast: Cast): readonly Act[] {
  const { creator, link } = cast;
  const chat = { chat_id: cast.chatId };
  const guestOf = async (): Promise<TlValue> => inputUser(cast.actors.creator.guest);
  return [
    { name: 'send', ...WRITING, request: (_, id) => ({ _: 'messages.sendMessage', peer: chatPeer(id), message: `sent ${word()}`, random_id: random() }) },
    { name: 'reply', ...WRITING, request: (of, id) => ({ _: 'messages.sendMessage', peer: chatPeer(id), message: `replied ${word()}`, random_id: random(), reply_to: { _: 'inputReplyToMessage', reply_to_msg_id: of.othersMessage } }) },
    { name: 'forward into', ...WRITING, request: (of, id) => ({ _: 'messages.forwardMessages', from_peer: { _: 'inputPeerSelf' }, id: [of.noted], random_id: [random()], to_peer: chatPeer(id) }) },
    { name: 'edit the own', ...WRITING, request: (of, id) => ({ _: 'messages.editMessage', peer: chatPeer(id), id: of.ownMessage, message: `mine ${word()}` }) },
    { name: 'title', level: 'member', taken: ['change_info'], error: ADMIN_REQUIRED, request: (_, id) => ({ _: 'messages.editChatTitle', chat_id: id, title: `${cast.canaries[0]} ${word()}` }) },
    { name: 'description', level: 'member', taken: ['change_info'], error: ADMIN_REQUIRED, request: (_, id) => ({ _: 'messages.editChatAbout', peer: chatPeer(id), about: `about ${word()}` }) },
    {
      name: 'add', level: 'member', taken: ['invite_users'], error: ADMIN_REQUIRED,
      request: (of, id) => ({ _: 'messages.addChatUser', chat_id: id, user_id: inputUser(of.outsider), fwd_limit: 0 }),
      // He leaves by himself: who was removed comes back by an admin alone.
      undo: ({ outsider }) => must(outsider, { _: 'messages.deleteChatUser', ...chat, user_id: SELF }),
    },
    {
      name: 'remove', level: 'admin', error: ADMIN_REQUIRED, request: (of, id) => ({ _: 'messages.deleteChatUser', chat_id: id, user_id: inputUser(of.guest) }),
      undo: async () => must(creator, { _: 'messages.addChatUser', ...chat, user_id: await guestOf(), fwd_limit: 0 }),
    },
    {
      // The own, which nobody else pins: to pin what is pinned already is answered without asking who may.
      name: 'pin', level: 'member', taken: ['pin_messages'], error: ADMIN_REQUIRED, request: (of, id) => ({ _: 'messages.updatePinnedMessage', peer: chatPeer(id), id: of.ownMessage, silent: true }),
      undo: ({ chatId }, of) => must(of.person, { _: 'messages.updatePinnedMessage', peer: chatPeer(chatId), id: of.ownMessage, unpin: true }),
    },
    { name: 'unpin all', level: 'member', taken: ['pin_messages'], error: ADMIN_REQUIRED, request: (_, id) => ({ _: 'messages.unpinAllMessages', peer: chatPeer(id) }) },
    {
      name: 'name an admin', level: 'creator', error: ADMIN_REQUIRED, request: (of, id) => ({ _: 'messages.editChatAdmin', chat_id: id, user_id: inputUser(of.guest), is_admin: true }),
      undo: async () => must(creator, { _: 'messages.editChatAdmin', ...chat, user_id: await guestOf(), is_admin: false }),
    },
    { name: 'name himself an admin', level: 'creator', error: /./, request: (_, id) => ({ _: 'messages.editChatAdmin', chat_id: id, user_id: SELF, is_admin: true }) },
    { name: 'call oneself something', level: 'member', taken: ['edit_rank'], error: ADMIN_REQUIRED, request: (_, id) => ({ _: 'messages.editChatParticipantRank', peer: chatPeer(id), participant: { _: 'inputPeerSelf' }, rank: word().slice(0, 9) }) },
    { name: 'call another something', level: 'admin', error: ADMIN_REQUIRED, request: (of, id) => ({ _: 'messages.editChatParticipantRank', peer: chatPeer(id), participant: { ...inputUser(of.guest), _: 'inputPeerUser' }, rank: word().slice(0, 9) }) },
    { name: 'who owns it next', level: 'creator', error: ADMIN_REQUIRED, request: (_, id) => ({ _: 'messages.getFutureChatCreatorAfterLeave', peer: chatPeer(id) }) },
    { name: 'default rights', level: 'admin', error: ADMIN_REQUIRED, request: (_, id) => ({ _: 'messages.editChatDefaultBannedRights', peer: chatPeer(id), banned_rights: bannedRights('send_games') }), undo: async () => undefined },
    { name: 'protect content', level: 'creator', error: ADMIN_REQUIRED, request: (_, id) => ({ _: 'messages.toggleNoForwards', peer: chatPeer(id), enabled: true }), undo: () => must(creator, { _: 'messages.toggleNoForwards', peer: chatPeer(cast.chatId), enabled: false }) },
    { name: 'set a period', level: 'admin', error: ADMIN_REQUIRED, request: (_, id) => ({ _: 'messages.setHistoryTTL', peer: chatPeer(id), period: 604_800 }), undo: () => must(creator, { _: 'messages.setHistoryTTL', peer: chatPeer(cast.chatId), period: 0 }) },
    { name: 'make a link', level: 'admin', error: ADMIN_REQUIRED, request: (_, id) => ({ _: 'messages.exportChatInvite', peer: chatPeer(id), usage_limit: 3 }), undo: (_, of) => dropLinks(cast, of) },
    { name: 'change the creator\'s link', level: 'creator', error: /./, request: (_, id) => ({ _: 'messages.editExportedChatInvite', peer: chatPeer(id), link, usage_limit: 50 + (randomBytes(1)[0] as number) }) },
    { name: 'list the own links', level: 'admin', error: ADMIN_REQUIRED, request: (_, id) => ({ _: 'messages.getExportedChatInvites', peer: chatPeer(id), admin_id: SELF, limit: 10 }) },
    { name: 'who has links', level: 'creator', error: /./, request: (_, id) => ({ _: 'messages.getAdminsWithInvites', peer: chatPeer(id) }) },
    { name: 'forget the own revoked links', level: 'admin', error: ADMIN_REQUIRED, request: (_, id) => ({ _: 'messages.deleteRevokedExportedChatInvites', peer: chatPeer(id), admin_id: SELF }) },
    { name: 'who came by a link', level: 'admin', error: ADMIN_REQUIRED, request: (_, id) => ({ _: 'messages.getChatInviteImporters', peer: chatPeer(id), offset_date: 0, offset_user: { _: 'inputUserEmpty' }, limit: 10 }) },
    { name: 'who asks to be let in', level: 'admin', error: ADMIN_REQUIRED, request: (_, id) => ({ _: 'messages.getChatInviteImporters', peer: chatPeer(id), requested: true, offset_date: 0, offset_user: { _: 'inputUserEmpty' }, limit: 10 }) },
    { name: 'let somebody in', level: 'admin', error: ADMIN_REQUIRED, also: /^HIDE_REQUESTER_MISSING$/, request: (of, id) => ({ _: 'messages.hideChatJoinRequest', peer: chatPeer(id), user_id: inputUser(of.outsider), approved: true }) },
    { name: 'let everybody in', level: 'admin', error: ADMIN_REQUIRED, also: /^HIDE_REQUESTER_MISSING$/, request: (_, id) => ({ _: 'messages.hideAllChatJoinRequests', peer: chatPeer(id), approved: true }) },
    { name: 'take a reaction away', level: 'admin', error: ADMIN_REQUIRED, request: (of, id) => ({ _: 'messages.deleteParticipantReaction', peer: chatPeer(id), msg_id: of.othersMessage, participant: { _: 'inputPeerUser', ...of.guest } }) },
    { name: 'take all reactions away', level: 'admin', error: ADMIN_REQUIRED, request: (of, id) => ({ _: 'messages.deleteParticipantReactions', peer: chatPeer(id), participant: { _: 'inputPeerUser', ...of.guest } }) },
    { name: 'end the group', level: 'creator', ends: true, error: ADMIN_REQUIRED, request: (_, id) => ({ _: 'messages.deleteChat', chat_id: id }) },
    { name: 'make a supergroup of it', level: 'creator', ends: true, error: ADMIN_REQUIRED, request: (_, id) => ({ _: 'messages.migrateChat', chat_id: id }) },
    { name: 'typing', level: 'member', request: (_, id) => ({ _: 'messages.setTyping', peer: chatPeer(id), action: { _: 'sendMessageTypingAction' } }) },
    { name: 'whole group', level: 'member', own: true, request: (_, id) => ({ _: 'messages.getFullChat', chat_id: id }) },
    { name: 'history', level: 'member', own: true, request: (_, id) => ({ _: 'messages.getHistory', ...PAGE, peer: chatPeer(id) }) },
    { name: 'search', level: 'member', own: true, request: (_, id) => ({ _: 'messages.search', ...PAGE, peer: chatPeer(id), q: '', filter: { _: 'inputMessagesFilterEmpty' }, min_date: 0, max_date: 0 }) },
    { name: 'unread mentions', level: 'member', own: true, request: (_, id) => ({ _: 'messages.getUnreadMentions', peer: chatPeer(id), offset_id: 0, add_offset: 0, limit: 10, max_id: 0, min_id: 0 }) },
    { name: 'read mentions', level: 'member', own: true, request: (_, id) => ({ _: 'messages.readMentions', peer: chatPeer(id) }) },
    { name: 'read', level: 'member', own: true, request: (_, id) => ({ _: 'messages.readHistory', peer: chatPeer(id), max_id: 1_000_000 }) },
    { name: 'draft', level: 'member', own: true, request: (_, id) => ({ _: 'messages.saveDraft', peer: chatPeer(id), message: `draft ${word()}` }) },
    { name: 'unread mark', level: 'member', own: true, request: (_, id) => ({ _: 'messages.markDialogUnread', peer: { _: 'inputDialogPeer', peer: chatPeer(id) }, unread: true }) },
    { name: 'dialog', level: 'member', own: true, request: (_, id) => ({ _: 'messages.getPeerDialogs', peers: [{ _: 'inputDialogPeer', peer: chatPeer(id) }] }) },
    { name: 'hide the bar', level: 'member', own: true, request: (_, id) => ({ _: 'messages.hidePeerSettingsBar', peer: chatPeer(id) }) },
    { name: 'peer settings', level: 'member', own: true, request: (_, id) => ({ _: 'messages.getPeerSettings', peer: chatPeer(id) }) },
  ];
}

async function dropLinks({ chatId }: Cast, { person }: Actor): Promise<void> {
  const peer = chatPeer(chatId) as unknown as Request<'messages.getExportedChatInvites'>['peer'];
  const { invites } = await person.call('messages.getExportedChatInvites', { peer, admin_id: { _: 'inputUserSelf' }, limit: 50 });
  for (const invite of invites) {
    if (invite._ === 'chatInviteExported' && invite.usage_limit === 3) await must(person, { _: 'messages.editExportedChatInvite', peer: chatPeer(chatId), link: invite.link, revoked: true });
  }
}

/** Whether somebody inside may, with these rights off for members. */
function mayDo(role: Role, { level, taken = [] }: Act, off: Right | undefined): boolean {
  if (role === 'creator') return true;
  if (role === 'admin') return level !== 'creator';
  return level === 'member' && (off === undefined || !taken.includes(off));
}

/** Creator, admin and member try everything while one right is off. */
async function tryInside(cast: Cast, off: Right | undefined): Promise<string> {
  const peer = chatPeer(cast.chatId);
  const restore = (): Promise<void> => must(cast.creator, { _: 'messages.editChatDefaultBannedRights', peer, banned_rights: bannedRights(...(off === undefined ? [] : [off])) });
  await restore();
  const faults: string[] = [];
  let count = 0;
  for (const act of acts(cast)) {
    for (const role of INSIDE) {
      const actor = cast.actors[role];
      // The creator is who he is.
      const allowed = mayDo(role, act, off);
      if ((act.name === 'name himself an admin' && role === 'creator') || (act.ends && allowed)) continue;
      const outcome = await ask(actor.person, act.request(actor, cast.chatId));
      if (allowed && outcome.error !== undefined && act.also?.test(outcome.error.type)) continue;
      const fault = judgeAct(role, act.name, allowed, outcome, act.error);
      if (fault !== undefined) faults.push(fault);
      count += 1;
      if (!wasAllowed(outcome)) continue;
      await act.undo?.(cast, actor);
      if (act.name === 'default rights') await restore();
    }
  }
  assert.deepEqual(faults, []);
  return `${count} requests`;
}

/** What everybody in it sees of the group. */
async function snapshot({ guest, chatId }: Cast): Promise<unknown> {
  const full = await guest.call('messages.getFullChat', { chat_id: chatId } as Request<'messages.getFullChat'>);
  const plain = JSON.parse(JSON.stringify({ full: full.full_chat, chats: full.chats, history: await historyOf(guest, chatId) }, (key, content: unknown) => (key === 'status' ? undefined : typeof content === 'bigint' ? String(content) : content))) as unknown;
  return plain;
}

/** Waits until everything said so far has come to the guest, then forgets it. @returns what was pushed to them before */
async function settle({ creator, guest, chatId }: Cast): Promise<string[]> {
  const barrier = `barrier ${word()}`;
  await must(creator, { _: 'messages.sendMessage', peer: chatPeer(chatId), message: barrier, random_id: random() });
  await guest.session.until('the barrier', ({ body }) => body.includes(barrier));
  const pushed = guest.session.received.filter((message) => isPush(message) && !message.body.includes(barrier)).map(({ constructor }) => constructor.toString(16));
  guest.session.clear();
  return pushed;
}

function outsideRows(cast: Cast): Row[] {
  const { actors, chatId, canaries } = cast;
  const gone = ['removed', 'left'] as const;
  return [
    ...gone.map((role): Row => ({
      name: `rights: who was ${role === 'left' ? 'in it and left' : 'removed'} changes nothing, and sees nothing later`,
      run: async () => {
        const actor = actors[role];
        await settle(cast);
        const before = await snapshot(cast);
        const faults: string[] = [];
        for (const act of acts(cast)) {
          const outcome = await ask(actor.person, act.request(actor, chatId));
          if (act.own !== true) faults.push(...[judgeAct(role, act.name, false, outcome)].filter((fault) => fault !== undefined));
          else if (outcome.error !== undefined && outcome.error.code >= 500) faults.push(`${act.name}: ${describe(outcome)}`);
          const seen = outcome.result && saysCanary(outcome.result, canaries);
          if (seen !== undefined) faults.push(`${act.name} tells ${seen}`);
        }
        for (const request of [
          { _: 'messages.getDialogs', offset_date: 0, offset_id: 0, offset_peer: { _: 'inputPeerEmpty' }, limit: 100, hash: 0n },
          { _: 'messages.getChats', id: [BigInt(chatId)] },
          { _: 'messages.searchGlobal', q: canaries[1], filter: { _: 'inputMessagesFilterEmpty' }, min_date: 0, max_date: 0, offset_rate: 0, offset_peer: { _: 'inputPeerEmpty' }, offset_id: 0, limit: 50 },
          { _: 'messages.getMessages', id: Array.from({ length: 100 }, (_, index) => ({ _: 'inputMessageID', id: index + 1 })) },
          { _: 'updates.getDifference', pts: 1, date: 1, qts: 0 },
        ]) {
          const outcome = await ask(actor.person, request);
          const seen = outcome.result && saysCanary(outcome.result, canaries);
          if (seen !== undefined) faults.push(`${request._} tells ${seen}`);
        }
        assert.deepEqual(faults, []);
        assert.deepEqual(await snapshot(cast), before);
        assert.deepEqual(await settle(cast), [], 'a member was told of it');
      },
    })),
    {
      name: 'rights: to a stranger a group answers as one that doesn\'t exist',
      run: async () => {
        const actor = actors.stranger;
        await settle(cast);
        const before = await snapshot(cast);
        const faults: string[] = [];
        const requests: [string, (id: number) => TlValue][] = [
          ...acts(cast).map((act): [string, (id: number) => TlValue] => [act.name, (id) => act.request(actor, id)]),
          ['groups by id', (id) => ({ _: 'messages.getChats', id: [BigInt(id)] })],
          ['forward out', (id) => ({ _: 'messages.forwardMessages', from_peer: chatPeer(id), id: [1], random_id: [random()], to_peer: { _: 'inputPeerSelf' } })],
          ['pin the dialog', (id) => ({ _: 'messages.toggleDialogPin', peer: { _: 'inputDialogPeer', peer: chatPeer(id) }, pinned: true })],
          ['clear the history', (id) => ({ _: 'messages.deleteHistory', peer: chatPeer(id), max_id: 0, just_clear: true })],
          ['one link', (id) => ({ _: 'messages.getExportedChatInvite', peer: chatPeer(id), link: cast.link })],
        ];
        for (const [name, request] of requests) {
          const outcome = await ask(actor.person, request(chatId));
          const elsewhere = await ask(actor.person, request(cast.nowhere));
          if (describe(outcome) !== describe(elsewhere)) faults.push(`${name}: ${describe(outcome)}, and where there is none ${describe(elsewhere)}`);
          else if (outcome.error === undefined && name !== 'groups by id') faults.push(`${name}: ${describe(outcome)}`);
          else if (outcome.error !== undefined && outcome.error.code >= 500) faults.push(`${name}: ${describe(outcome)}`);
        }
        assert.deepEqual(faults, []);
        assert.deepEqual(await snapshot(cast), before);
        assert.deepEqual(await settle(cast), [], 'a member was told of it');
        return `${requests.length} requests, each of two groups`;
      },
    },
  ];
}

function messageRows(cast: Cast): Row[] {
  const { actors, chatId, guest } = cast;
  const peer = chatPeer(chatId);
  return [
    {
      name: 'rights: nobody edits what another wrote, whatever his rank',
      run: async () => {
        for (const role of INSIDE) {
          const { person, othersMessage } = actors[role];
          const outcome = await ask(person, { _: 'messages.editMessage', peer, id: othersMessage, message: 'words put into a mouth' });
          assert.match(outcome.error?.type ?? 'a result', /^(MESSAGE_AUTHOR_REQUIRED|MESSAGE_ID_INVALID)$/, role);
        }
        assert.ok(!(await historyOf(guest, chatId)).some(({ text }) => text.includes('put into')));
      },
    },
    {
      name: 'rights: a member deletes for all what is his own; an admin what anybody wrote',
      run: async () => {
        const say = async (): Promise<string> => {
          const text = `to be deleted ${word()}`;
          await must(guest, { _: 'messages.sendMessage', peer, message: text, random_id: random() });
          return text;
        };
        for (const role of ['member', 'admin', 'creator'] as const) {
          const { person } = actors[role];
          const text = await say();
          const received = (await historyOf(person, chatId)).find((message) => message.text === text);
          assert.ok(received, `${role} got it`);
          await ask(person, { _: 'messages.deleteMessages', revoke: true, id: [received.id] });
          const barrier = `after it ${word()}`;
          await must(person, { _: 'messages.sendMessage', peer, message: barrier, random_id: random() });
          const kept = await historyOf(guest, chatId);
          assert.ok(kept.some((message) => message.text === barrier));
          assert.equal(kept.some((message) => message.text === text), role === 'member', role);
        }
      },
    },
    {
      name: 'rights: an admin removes neither the creator nor another admin',
      run: async () => {
        const { admin, creator } = actors;
        await must(cast.creator, { _: 'messages.editChatAdmin', chat_id: chatId, user_id: inputUser(creator.guest), is_admin: true });
        const creatorForAdmin = await admin.person.meet(cast.creator);
        for (const user of [creatorForAdmin, admin.guest]) {
          const outcome = await ask(admin.person, { _: 'messages.deleteChatUser', chat_id: chatId, user_id: inputUser(user) });
          assert.match(outcome.error?.type ?? 'a result', /^(USER_ADMIN_INVALID|CHAT_ADMIN_REQUIRED)$/);
        }
        for (const is_admin of [false, true]) {
          const outcome = await ask(admin.person, { _: 'messages.editChatAdmin', chat_id: chatId, user_id: inputUser(admin.guest), is_admin });
          assert.equal(outcome.error?.type, 'CHAT_ADMIN_REQUIRED');
        }
        await must(cast.creator, { _: 'messages.editChatAdmin', chat_id: chatId, user_id: inputUser(creator.guest), is_admin: false });
      },
    },
  ];
}

/** People who ask to be let in, and what becomes of that. */
function requestRows(stage: Stage, cast: Cast): Row[] {
  const { creator, chatId } = cast;
  const peer = chatPeer(chatId);
  const importers = { _: 'messages.getChatInviteImporters', peer, requested: true, offset_date: 0, offset_user: { _: 'inputUserEmpty' }, limit: 10 };
  return [{
    name: 'rights: who asks to be let in sees nothing before an admin says so, and lets in neither himself nor others',
    run: async () => {
      const [first, second] = await Promise.all(['First', 'Second'].map((name) => Person.signUp(stage.gateway, stage.phone(), name))) as [Person, Person];
      const secondForFirst = await first.meet(second);
      const invite = await creator.call('messages.exportChatInvite', { peer, request_needed: true } as unknown as Request<'messages.exportChatInvite'>);
      assert.ok(invite._ === 'chatInviteExported');
      const text = `unseen${word()}`;
      for (const person of [first, second]) assert.equal((await ask(person, { _: 'messages.importChatInvite', hash: hashOf(invite.link) })).error?.type, 'INVITE_REQUEST_SENT');
      await must(creator, { _: 'messages.sendMessage', peer, message: text, random_id: random() });
      const own = { _: 'messages.hideChatJoinRequest', peer, user_id: SELF, approved: true };
      const others = { _: 'messages.hideChatJoinRequest', peer, user_id: inputUser(secondForFirst), approved: true };
      for (const request of [own, others, { _: 'messages.hideAllChatJoinRequests', peer, approved: true }, importers, { _: 'messages.getFullChat', chat_id: chatId }, { _: 'messages.getHistory', ...PAGE, peer }]) {
        const outcome = await ask(first, request);
        assert.ok(outcome.error !== undefined && outcome.error.code < 500, `${request._}: ${describe(outcome)}`);
      }
      for (const request of [own, { _: 'messages.hideAllChatJoinRequests', peer, approved: true }, importers]) {
        assert.match((await ask(cast.actors.member.person, request)).error?.type ?? 'a result', /^(CHAT_ADMIN_REQUIRED|HIDE_REQUESTER_MISSING)$/);
      }
      await must(creator, { _: 'messages.hideAllChatJoinRequests', peer, approved: false });
      const outcome = await ask(first, { _: 'updates.getDifference', pts: 1, date: 1, qts: 0 });
      assert.ok(outcome.result && !outcome.result.includes(text));
      await must(creator, { _: 'messages.editExportedChatInvite', peer, link: invite.link, revoked: true });
      for (const person of [first, second]) {
        assert.equal((await ask(person, { _: 'messages.importChatInvite', hash: hashOf(invite.link) })).error?.type, 'INVITE_HASH_EXPIRED');
        person.close();
      }
    },
  }];
}

/** The last row: nothing is left. */
function endRow({ creator, guest, actors, chatId, link }: Cast): Row {
  return {
    name: 'rights: a group that was ended is closed to everybody, its creator too',
    run: async () => {
      await must(creator, { _: 'messages.deleteChat', chat_id: chatId });
      for (const person of [creator, guest, actors.admin.person, actors.left.person]) {
        for (const request of [
          { _: 'messages.sendMessage', peer: chatPeer(chatId), message: 'back again', random_id: random() }, { _: 'messages.editChatTitle', chat_id: chatId, title: 'mine' },
          { _: 'messages.addChatUser', chat_id: chatId, user_id: SELF, fwd_limit: 0 }, { _: 'messages.importChatInvite', hash: hashOf(link) }, { _: 'messages.migrateChat', chat_id: chatId },
          { _: 'messages.editChatAdmin', chat_id: chatId, user_id: SELF, is_admin: true }, { _: 'messages.exportChatInvite', peer: chatPeer(chatId) },
        ]) {
          const outcome = await ask(person, request);
          assert.ok(outcome.error !== undefined && outcome.error.code < 500, `${request._}: ${describe(outcome)}`);
        }
      }
    },
  };
}

function removalRows(stage: Stage, cast: Cast): Row[] {
  const { creator, chatId } = cast;
  const peer = chatPeer(chatId);
  return [{
    name: 'rights: who is removed while everybody writes gets nothing once the removal is answered, and writes nothing',
    run: async () => {
      const victim = await Person.signUp(stage.gateway, stage.phone(), 'Victim');
      const user = inputUser(await creator.meet(victim));
      await must(creator, { _: 'messages.addChatUser', chat_id: chatId, user_id: user, fwd_limit: 0 });
      const noise = Array.from({ length: 20 }, async (_, index) => {
        await ask(cast.guest, { _: 'messages.sendMessage', peer, message: `noise ${index}`, random_id: random() });
        return ask(victim, { _: 'messages.sendMessage', peer, message: `by the victim ${index}`, random_id: random() });
      });
      await must(creator, { _: 'messages.deleteChatUser', chat_id: chatId, user_id: user });
      const later = `later${word()}`;
      await must(creator, { _: 'messages.sendMessage', peer, message: later, random_id: random() });
      await Promise.all(noise);
      const everything = await historyOf(cast.guest, chatId);
      const at = everything.findIndex(({ text }) => text === later);
      assert.ok(at >= 0);
      assert.ok(!everything.slice(0, at).some(({ from }) => from === victim.userId), 'the victim wrote after the removal');
      const forVictim = await creator.meet(victim);
      const barrier = `barrier${word()}`;
      await creator.send(forVictim, barrier);
      await victim.session.until('the barrier', ({ body }) => body.includes(barrier));
      assert.ok(!victim.session.received.some(({ body }) => body.includes(later)), 'something later was pushed');
      const difference = await ask(victim, { _: 'updates.getDifference', pts: 1, date: 1, qts: 0 });
      assert.ok(difference.result && !difference.result.includes(later));
      victim.close();
    },
  }];
}

/** Basic groups: every method that acts on one, by everybody who is or was or never was in it, with every right off; links; removals. */
export async function basicGroupRows(stage: Stage): Promise<Row[]> {
  const cast = await openCast(stage);
  return [
    { name: 'rights: creator, admin and member do everything that is theirs', run: () => tryInside(cast, undefined) },
    ...RIGHTS.map((off): Row => ({ name: `rights: with ${off} off for members`, run: () => tryInside(cast, off) })),
    { name: 'rights: all given back', run: () => tryInside(cast, undefined) },
    ...messageRows(cast),
    ...outsideRows(cast),
    ...removalRows(stage, cast),
    ...requestRows(stage, cast),
    ...inviteLinkRows(stage, {
      creator: cast.creator, peer: chatPeer(cast.chatId), link: cast.link, member: cast.actors.member.person, stranger: cast.actors.stranger.person, left: cast.actors.left.person, removed: cast.actors.removed.person,
      secrets: [cast.creator.phone, cast.guest.phone, cast.canaries[1] as string],
      members: async () => (await cast.creator.call('messages.getFullChat', { chat_id: cast.chatId } as Request<'messages.getFullChat'>)).users.map(({ id }) => Number(id)),
    }),
    endRow(cast),
  ];
}
