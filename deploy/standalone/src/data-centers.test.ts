import { randomBytes } from 'node:crypto';
import { UsersService } from '@heliograph/protos/heliograph/users/v1/users_pb';
import { readObject } from '@heliograph/tl/reader';
import { eventually, nextPhoneOf, numbered, type Person, System } from './testing/two-data-centers';

jest.setTimeout(90_000);

describe('two data centers', () => {
  let system: System;
  let ann: Person;
  let ben: Person;
  let far: Person;
  beforeAll(async () => {
    system = await System.start();
  });
  afterAll(() => system.close());
  beforeEach(async () => {
    ({ ann, ben, far } = await system.signUpThree());
  });

  /** Everything that was sent is on both sides, once, each side's own in the order in which it was sent. */
  async function converges(one: Person, other: Person, mine: readonly string[], theirs: readonly string[]): Promise<void> {
    await eventually(async () => {
      for (const [reader, peer] of [[one, other], [other, one]] as const) {
        const texts = await reader.texts(peer);
        expect(texts.filter((text) => mine.includes(text))).toEqual(mine);
        expect(texts.filter((text) => theirs.includes(text))).toEqual(theirs);
        expect(texts).toHaveLength(mine.length + theirs.length);
      }
      return true;
    });
  }

  it.each(['refused', 'silent', 'answers lost'] as const)('write to each other while the link is %s, and get all of it once, in order, when it is back', async (state) => {
    await ann.send(far, 'mine 0');
    await far.send(ann, 'theirs 0');
    await converges(ann, far, ['mine 0'], ['theirs 0']);
    system.link.state = state;
    // In turns, on both sides, to those they know and to those they never wrote to.
    const stranger = await system.signUp(1, 'Stranger');
    for (let index = 1; index < 6; index += 1) {
      await ann.send(far, `mine ${index}`);
      await far.send(ann, `theirs ${index}`);
      await ann.send(stranger, `new ${index}`);
      await stranger.send(ben, `back ${index}`);
    }
    system.link.state = 'up';
    await converges(ann, far, numbered(0, 6, 'mine'), numbered(0, 6, 'theirs'));
    await converges(ann, stranger, numbered(1, 5, 'new'), []);
    await converges(ben, stranger, [], numbered(1, 5, 'back'));
  });

  it('leaves those of one data center to themselves while the other is out of reach', async () => {
    await ann.knows(far);
    await ann.send(far, 'before');
    await converges(ann, far, ['before'], []);
    system.link.state = 'silent';
    const began = performance.now();
    await ann.send(ben, 'near 0');
    for (let index = 1; index < 20; index += 1) await ann.send(ben, `near ${index}`);
    await converges(ann, ben, numbered(0, 20, 'near'), []);
    // Twenty calls across would have taken their deadlines of a second each.
    expect(performance.now() - began).toBeLessThan(15_000);
    // The list of chats shows who is out of reach as they were last seen.
    const dialogs = await ann.call('message-store', { _: 'messages.getDialogs', offset_date: 0, offset_id: 0, offset_peer: { _: 'inputPeerEmpty' }, limit: 10, hash: 0n });
    expect(dialogs).toMatchObject({ dialogs: [{ peer: { user_id: ben.id } }, { peer: { user_id: far.id } }] });
    expect(await ann.sees(far)).toMatchObject({ id: far.id, first_name: 'Saved', contact: true });
    const [, other] = [await ann.sees(ben), await ben.sees(far)];
    expect(other).toMatchObject({ id: far.id, first_name: 'User' });
  });

  it('joins what somebody of the other shares, as long as that can be reached', async () => {
    const made = await far.call('message-store', { _: 'channels.createChannel', title: 'Far news', about: '', broadcast: true });
    const told = made._ === 'updates' ? made.updates.find((update) => update._ === 'updateChannel') : undefined;
    if (!told) throw new Error('no channel was made');
    const channel = (viewer: Person) => viewer.channelPeer(told.channel_id);
    await far.call('message-store', { _: 'messages.updateDialogFilter', id: 2, filter: { _: 'dialogFilter', id: 2, title: { _: 'textWithEntities', text: 'Far', entities: [] }, pinned_peers: [], include_peers: [channel(far)], exclude_peers: [] } });
    const { invite } = await far.call('message-store', { _: 'chatlists.exportChatlistInvite', chatlist: { _: 'inputChatlistDialogFilter', filter_id: 2 }, title: '', peers: [channel(far)] });
    const slug = invite.url.slice(invite.url.lastIndexOf('/') + 1);
    system.link.state = 'refused';
    await expect(ann.call('message-store', { _: 'chatlists.checkChatlistInvite', slug })).rejects.toThrow('RPC_CALL_FAIL');
    system.link.state = 'up';
    const shown = await eventually(() => ann.call('message-store', { _: 'chatlists.checkChatlistInvite', slug }).catch(() => undefined));
    expect(shown).toMatchObject({ _: 'chatlists.chatlistInvite', title: { text: 'Far' }, peers: [{ channel_id: told.channel_id }], chats: [{ _: 'channel', title: 'Far news' }] });
    const joined = await ann.call('message-store', { _: 'chatlists.joinChatlistInvite', slug, peers: [channel(ann)] });
    expect(joined).toMatchObject({ updates: [{ _: 'updateChannel' }, { _: 'updateDialogFilter', filter: { _: 'dialogFilterChatlist', include_peers: [{ channel_id: told.channel_id }] } }] });
    await expect(ann.call('message-store', { _: 'channels.getFullChannel', channel: { ...channel(ann), _: 'inputChannel' } })).resolves.toMatchObject({ full_chat: { participants_count: 2 } });
  });

  it('leaves a channel and a group to somebody of the other', async () => {
    const user = { ...ann.peer(far), _: 'inputUser' as const };
    const made = await ann.call('message-store', { _: 'channels.createChannel', title: 'Handed over', about: '', megagroup: true });
    const told = made._ === 'updates' ? made.updates.find((update) => update._ === 'updateChannel') : undefined;
    if (!told) throw new Error('no channel was made');
    const channel = (viewer: Person) => ({ ...viewer.channelPeer(told.channel_id), _: 'inputChannel' as const });
    await ann.call('message-store', { _: 'channels.inviteToChannel', channel: channel(ann), users: [user] });
    await ann.call('message-store', { _: 'channels.editAdmin', channel: channel(ann), user_id: user, admin_rights: { _: 'chatAdminRights', invite_users: true } });
    await ann.call('message-store', { _: 'channels.leaveChannel', channel: channel(ann) });
    const history = await far.call('message-store', { _: 'messages.getHistory', peer: far.channelPeer(told.channel_id), offset_id: 0, offset_date: 0, add_offset: 0, limit: 10, max_id: 0, min_id: 0, hash: 0n });
    expect(history).toMatchObject({ messages: [{ action: { _: 'messageActionChatDeleteUser' } }, { action: { _: 'messageActionNewCreatorPending', new_creator_id: far.id }, from_id: { user_id: ann.id } }, {}, {}] });
    await expect(far.call('message-store', { _: 'channels.leaveChannel', channel: channel(far) })).resolves.toMatchObject({ _: 'updates' });
    await ann.call('message-store', { _: 'channels.joinChannel', channel: channel(ann) });

    const { updates } = await ann.call('message-store', { _: 'messages.createChat', title: 'Far and near', users: [user] });
    const made2 = updates._ === 'updates' ? updates.updates.find((update) => update._ === 'updateChatParticipants') : undefined;
    if (!made2) throw new Error('no group was made');
    const { chat_id } = made2.participants;
    await eventually(() => far.call('message-store', { _: 'messages.getChats', id: [chat_id] }).catch(() => undefined));
    await ann.call('message-store', { _: 'messages.deleteChatUser', chat_id, user_id: { _: 'inputUserSelf' } });
    await eventually(async () => {
      const { full_chat } = await far.call('message-store', { _: 'messages.getFullChat', chat_id });
      return full_chat._ === 'chatFull' && full_chat.participants._ === 'chatParticipants' && full_chat.participants.participants.every((each) => each._ === 'chatParticipantCreator' && each.user_id === far.id);
    });
  });

  it('shows users of the other as their home says, and a change soon', async () => {
    await ann.knows(far);
    expect(await ann.sees(far)).toMatchObject({ first_name: 'Saved', contact: true, phone: far.phone });
    expect((await ann.sees(far))?.mutual_contact).toBeUndefined();
    expect(await ben.sees(far)).toMatchObject({ first_name: 'Far' });
    expect((await ben.sees(far))?.phone).toBeUndefined();
    await far.knows(ann);
    await far.knows(ben);
    await far.call('users', { _: 'account.updateProfile', first_name: 'Farther' });
    await eventually(async () => (await ben.sees(far))?.first_name === 'Farther' && (await ann.sees(far))?.mutual_contact === true);
    expect(await ben.sees(far)).toMatchObject({ phone: far.phone });
    const contacts = await ann.call('users', { _: 'contacts.getContacts', hash: 0n });
    expect(contacts).toMatchObject({ contacts: [{ user_id: far.id, mutual: true }] });
    system.link.state = 'refused';
    expect(await ann.call('users', { _: 'contacts.getContacts', hash: 0n })).toMatchObject({ contacts: [{ user_id: far.id, mutual: true }] });
  });

  it('has close friends in the other, which that is not told', async () => {
    await ann.knows(far);
    await ann.call('users', { _: 'contacts.editCloseFriends', id: [far.id] });
    await eventually(async () => (await ann.sees(far))?.close_friend);
    system.link.state = 'refused';
    expect(await ann.sees(far)).toMatchObject({ close_friend: true });
    system.link.state = 'up';
    expect((await far.sees(ann))?.close_friend).toBeUndefined();
    await ann.call('users', { _: 'contacts.editCloseFriends', id: [] });
    await eventually(async () => (await ann.sees(far))?.close_friend === undefined);
  });

  it('decides a block where the one who blocks lives, also about what was written while the link was down', async () => {
    await far.send(ann, 'heard');
    await converges(ann, far, [], ['heard']);
    system.link.state = 'refused';
    await ann.call('users', { _: 'contacts.block', id: ann.peer(far) });
    await far.send(ann, 'unheard');
    system.link.state = 'up';
    await far.call('message-store', { _: 'messages.setTyping', peer: far.peer(ann), action: { _: 'sendMessageTypingAction' } });
    await ann.call('users', { _: 'contacts.unblock', id: ann.peer(far) });
    await far.send(ann, 'heard again');
    await eventually(async () => (await ann.texts(far)).at(-1) === 'heard again');
    expect((await far.texts(ann)).sort()).toEqual(['heard', 'heard again', 'unheard']);
    // What was judged before the unblocking stays away; what was not is heard. Never twice.
    const heard = await ann.texts(far);
    expect(new Set(heard).size).toBe(heard.length);
  });

  it('carries statuses and typing, and loses them with the link', async () => {
    await ann.knows(far);
    const pushes = await ann.listen();
    const heard = (): string[] => pushes.flatMap(({ what }) => {
      if (what.case !== 'updates') return [];
      const updates = readObject(what.value, 'Updates');
      if (updates._ !== 'updateShort') return [];
      const { update } = updates;
      if (update._ === 'updateUserTyping' && update.user_id === far.id) return ['typing'];
      return update._ === 'updateUserStatus' && update.user_id === far.id ? [update.status._] : [];
    });
    const typing = () => far.call('message-store', { _: 'messages.setTyping', peer: far.peer(ann), action: { _: 'sendMessageTypingAction' } });
    const setOffline = (offline: boolean) => far.call('users', { _: 'account.updateStatus', offline });
    await setOffline(false);
    await eventually(() => heard().includes('userStatusOnline'));
    await typing();
    await eventually(() => heard().includes('typing'));
    await far.call('users', { _: 'contacts.block', id: far.peer(ann) });
    await setOffline(true);
    await far.call('users', { _: 'contacts.unblock', id: far.peer(ann) });
    await setOffline(false);
    await eventually(() => heard().length === 3);
    expect(heard()).toEqual(['userStatusOnline', 'typing', 'userStatusOnline']);
    system.link.state = 'refused';
    const { calls } = system.link;
    for (let index = 0; index < 20; index += 1) await typing();
    // It is tried, and given up.
    await eventually(() => system.link.calls > calls);
    system.link.state = 'up';
    expect(heard()).toHaveLength(3);
    await eventually(async () => {
      await typing();
      return heard().length > 3;
    });
  });

  it('tells those who wait for a number of who joined while the link was down', async () => {
    const later = { phone: nextPhoneOf(1) };
    await ann.call('users', { _: 'contacts.importContacts', contacts: [{ _: 'inputPhoneContact', client_id: 1n, phone: later.phone, first_name: 'Later', last_name: '' }] });
    system.link.state = 'refused';
    const { userId } = await system.kit(1).kit().client(UsersService).createUser({ phone: later.phone, firstName: 'Joined' });
    system.link.state = 'up';
    await eventually(async () => {
      const contacts = await ann.call('users', { _: 'contacts.getContacts', hash: 0n });
      return contacts._ === 'contacts.contacts' && contacts.contacts.some((contact) => contact.user_id === Number(userId));
    });
  });

  describe('a login that was exported', () => {
    const importing = async (person: Person, token: { id: bigint; bytes: Uint8Array }): Promise<bigint> => {
      const key = randomBytes(8).readBigUInt64LE();
      await person.storeKey(1, key);
      await person.call('auth', { _: 'auth.importAuthorization', id: token.id, bytes: token.bytes }, 1, key);
      return key;
    };

    it('is known elsewhere as a user of its home, and ends there when it ends, if only later', async () => {
      await ann.logIn();
      const tokens = [await ann.call('auth', { _: 'auth.exportAuthorization', dc_id: 1 }), await ann.call('auth', { _: 'auth.exportAuthorization', dc_id: 1 })];
      const key = await importing(ann, tokens[0] as { id: bigint; bytes: Uint8Array });
      expect(await ann.userOf(1, key)).toEqual({ userId: ann.id, homeDc: 2 });
      await expect(importing(ann, tokens[0] as { id: bigint; bytes: Uint8Array })).rejects.toThrow('AUTH_BYTES_INVALID');
      system.link.state = 'refused';
      await ann.call('auth', { _: 'auth.logOut' });
      expect(await ann.userOf(1, key)).toMatchObject({ userId: ann.id });
      system.link.state = 'up';
      await eventually(async () => (await ann.userOf(1, key)).userId === 0);
      await expect(importing(ann, tokens[1] as { id: bigint; bytes: Uint8Array })).rejects.toThrow('AUTH_BYTES_INVALID');
    });
  });
});
