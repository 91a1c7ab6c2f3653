import { create } from '@bufbuild/protobuf';
import { CallerSchema, ClientApiService } from '@heliograph/protos/heliograph/clientapi/v1/client_api_pb';
import { FanoutService, type Push } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';
import { channelBox } from '@heliograph/box/box-id';
import { ChannelBoxService } from '@heliograph/protos/heliograph/messagestore/v1/channel_box_pb';
import { MessageStoreService } from '@heliograph/protos/heliograph/messagestore/v1/message_store_pb';
import { NameService, NameState } from '@heliograph/protos/heliograph/users/v1/names_pb';
import { Status_Kind, UsersService } from '@heliograph/protos/heliograph/users/v1/users_pb';
import { accessHash } from '@heliograph/client-api/access-hash';
import type { ServiceDefinition } from '@heliograph/service-kit/kit';
import { eventually } from '@heliograph/testing/eventually';
import { memoryKeyring } from '@heliograph/testing/memory-keyring';
import { loseEphemeral } from '@heliograph/ephemeral/faults';
import { createTestKit, type TestKit } from '@heliograph/testing/test-kit';
import type { Api, TypeUpdate } from '@heliograph/tl/api';
import { readObject, readResult } from '@heliograph/tl/reader';
import { writeObject } from '@heliograph/tl/writer';
import { usersService } from './users.module';

/** What carries a status. */
const UPDATE_SHORT = 0x78d4dec1;

describe('users', () => {
  let kit: TestKit;
  let pushes: Push[];
  let notified: { userId: bigint; from: bigint }[];
  let secret: Uint8Array;
  /** The public names that channels bear, by their boxes. */
  let borne: Map<bigint, string>;
  /** Whose bar is hidden. */
  let hiddenBars: Set<bigint>;

  const neighbours: ServiceDefinition = {
    name: 'neighbours',
    compose: async (own) => {
      own.serve(FanoutService, {
        async *attach() {
          yield { pushes: [] };
        },
        publish: async (request) => {
          pushes.push(...request.pushes);
          return {};
        },
      });
      own.serve(ChannelBoxService, {
        act: () => Promise.reject(new Error('unused')),
        query: () => Promise.reject(new Error('unused')),
        listMembers: () => Promise.reject(new Error('unused')),
        listAdminLog: () => Promise.reject(new Error('unused')),
        getChannels: async ({ channels }) => ({ channels: channels.filter((box) => borne.has(box)).map((box) => ({ channel: box, record: { username: borne.get(box) } })) }),
      });
      own.serve(MessageStoreService, {
        notify: async (request) => {
          notified.push(request);
          return { messageId: 1 };
        },
        appendRelayed: async () => ({}),
        forgetContact: async () => ({}),
        listChannels: async () => ({}),
        wakeChannels: async () => ({}),
        getDialogSettings: async ({ peer }) => ({ notifySettings: writeObject({ _: 'peerNotifySettings', mute_until: 7 }, 'newest'), folderId: 1, barHidden: hiddenBars.has(peer) }),
      });
    },
  };

  beforeEach(async () => {
    pushes = [];
    notified = [];
    borne = new Map();
    hiddenBars = new Set();
    kit = await createTestKit({ keyring: memoryKeyring() });
    await kit.start(neighbours, usersService);
    secret = await kit.kit().keyring.secret('access-hash');
  });
  afterEach(() => kit.close());

  /** A client method as one user calls it; rejects with the error's type. */
  async function call<M extends keyof Api>(userId: number, request: Api[M]['request'] & { _: M }): Promise<Api[M]['result']> {
    const { outcome } = await kit.kit().client(ClientApiService, { owner: 'users' }).invoke({ query: writeObject(request as Api['updates.getState']['request'], 'newest'), caller: create(CallerSchema, { userId: BigInt(userId), dc: 2 }) });
    if (outcome.case === 'error') throw new Error(outcome.value.message);
    return readResult(request._, outcome.value as Uint8Array) as Api[M]['result'];
  }
  async function signUp(phone: string, firstName: string): Promise<number> {
    const { userId } = await kit.kit().client(UsersService).createUser({ phone, firstName });
    return Number(userId);
  }
  const input = (viewer: number, id: number): { _: 'inputUser'; user_id: number; access_hash: bigint } => ({ _: 'inputUser', user_id: id, access_hash: accessHash(secret, viewer, 'user', id) });

  it('imports contacts under the names of the importer, and only those who are here', async () => {
    const [alice, bob] = [await signUp('4915100000001', 'Alice'), await signUp('4915100000002', 'Bob')];
    const answer = await call(alice, { _: 'contacts.importContacts', contacts: [
      { _: 'inputPhoneContact', client_id: 7n, phone: '+49 151 00000002', first_name: 'Robert', last_name: 'B' },
      { _: 'inputPhoneContact', client_id: 8n, phone: '+49 151 00000003', first_name: 'Later', last_name: '' },
    ] });
    expect(answer.imported).toEqual([{ _: 'importedContact', user_id: bob, client_id: 7n }]);
    const { users: views } = await kit.kit().client(UsersService).getViews({ viewerId: BigInt(alice), userIds: [BigInt(bob)] });
    expect(views[0]).toMatchObject({ firstName: 'Robert', lastName: 'B', contact: true, phone: '4915100000002' });
    const later = await signUp('4915100000003', 'Realname');
    await eventually(() => notified.length === 1);
    expect(notified.map(({ userId, from }) => [Number(userId), Number(from)])).toEqual([[alice, later]]);
    const list = await call(alice, { _: 'contacts.getContacts', hash: 0n });
    expect(list).toMatchObject({ _: 'contacts.contacts', saved_count: 2 });
    await call(alice, { _: 'contacts.deleteContacts', id: [input(alice, bob), input(alice, later)] });
    expect(await call(alice, { _: 'contacts.getContactIDs', hash: 0n })).toEqual([]);
  });

  it('shows people without the ephemeral store, as not online, and lets them come and go', async () => {
    const [alice, bob] = [await signUp('4915100000001', 'Alice'), await signUp('4915100000002', 'Bob')];
    await call(alice, { _: 'contacts.importContacts', contacts: [{ _: 'inputPhoneContact', client_id: 7n, phone: '4915100000002', first_name: 'Bob', last_name: '' }] });
    await call(bob, { _: 'account.updateStatus', offline: false });
    const told = (what: 'updates' | 'userChanged'): number => pushes.filter((push) => push.what.case === what && (what === 'userChanged' || Buffer.from(push.what.value as Uint8Array).readUInt32LE(0) === UPDATE_SHORT)).length;
    await eventually(() => told('updates') === 1);
    const users = kit.kit().client(UsersService);
    const view = async (): Promise<unknown> => (await users.getViews({ viewerId: BigInt(alice), userIds: [BigInt(bob)] })).users[0];
    const restore = loseEphemeral(kit.ports.ephemeral);
    expect(await view()).toMatchObject({ firstName: 'Bob', status: { kind: Status_Kind.OFFLINE } });
    // What can't be counted isn't told for each message.
    await users.touchPresence({ userIds: [BigInt(bob)] });
    expect(told('updates')).toBe(1);
    for (const [offline, times] of [[true, 2], [false, 3]] as const) {
      expect(await call(bob, { _: 'account.updateStatus', offline })).toBe(true);
      await eventually(() => told('updates') === times);
    }
    const changes = told('userChanged');
    expect(await call(bob, { _: 'account.updateProfile', first_name: 'Robert' })).toMatchObject({ first_name: 'Robert' });
    expect(told('userChanged')).toBe(changes + 1);
    restore();
    await users.touchPresence({ userIds: [BigInt(bob)] });
    expect(await view()).toMatchObject({ status: { kind: Status_Kind.ONLINE } });
  });

  it('keeps the reaction of a double tap for all devices', async () => {
    const [alice, bob] = [await signUp('4915100000001', 'Alice'), await signUp('4915100000002', 'Bob')];
    const set = (reaction: Api['messages.setDefaultReaction']['request']['reaction']) => call(alice, { _: 'messages.setDefaultReaction', reaction });
    const chosen = async (user: number) => (await call(user, { _: 'help.getConfig' })).reactions_default;
    expect(await chosen(alice)).toBeUndefined();
    await expect(set({ _: 'reactionEmoji', emoticon: 'x' })).rejects.toThrow('REACTION_INVALID');
    await expect(set({ _: 'reactionEmpty' })).rejects.toThrow('REACTION_EMPTY');
    await expect(set({ _: 'reactionCustomEmoji', document_id: 1n })).rejects.toThrow('PREMIUM_ACCOUNT_REQUIRED');
    const before = pushes.length;
    expect(await set({ _: 'reactionEmoji', emoticon: '❤️' })).toBe(true);
    await eventually(() => pushes.slice(before).some(({ userIds, what }) => userIds[0] === BigInt(alice) && what.case === 'updates'));
    for (const user of [alice, 0]) expect(await chosen(user)).toEqual(user === 0 ? undefined : { _: 'reactionEmoji', emoticon: '❤' });
    expect(await chosen(bob)).toBeUndefined();
    await call(alice, { _: 'account.updateProfile', first_name: 'Alicia' });
    expect(await chosen(alice)).toEqual({ _: 'reactionEmoji', emoticon: '❤' });
  });

  it('keeps a username to one owner, whatever its case, and holds a freed one', async () => {
    const [alice, bob] = [await signUp('4915100000001', 'Alice'), await signUp('4915100000002', 'Bob')];
    await call(alice, { _: 'account.updateUsername', username: 'Wonder_Land' });
    await expect(call(bob, { _: 'account.updateUsername', username: 'wonder_land' })).rejects.toThrow('USERNAME_OCCUPIED');
    expect(await call(bob, { _: 'account.checkUsername', username: 'WONDER_LAND' })).toBe(false);
    expect(await call(bob, { _: 'contacts.resolveUsername', username: 'WONDER_land' })).toMatchObject({ peer: { user_id: alice } });
    expect(await kit.kit('caller').client(UsersService).findByUsernames({ usernames: ['nobody_here', 'Wonder_Land', 'no name'] })).toMatchObject({ userIds: [0n, BigInt(alice), 0n] });
    await call(alice, { _: 'account.updateUsername', username: '' });
    await expect(call(bob, { _: 'contacts.resolveUsername', username: 'wonder_land' })).rejects.toThrow('USERNAME_NOT_OCCUPIED');
    await expect(call(bob, { _: 'account.updateUsername', username: 'wonder_land' })).rejects.toThrow('USERNAME_OCCUPIED');
    await call(alice, { _: 'account.updateUsername', username: 'wonder_land' });
    await expect(call(alice, { _: 'account.updateUsername', username: 'a__b_c' })).rejects.toThrow('USERNAME_INVALID');
  });

  it('keeps names of channels in the same directory', async () => {
    const alice = await signUp('4915100000001', 'Alice');
    const names = kit.kit().client(NameService);
    const channel = BigInt(channelBox(1_000_000_002));
    await call(alice, { _: 'account.updateUsername', username: 'wonder_land' });
    expect(await names.checkName({ channel, name: 'Wonder_Land' })).toMatchObject({ state: NameState.OCCUPIED });
    expect(await names.claimName({ channel, name: 'wonder_land' })).toMatchObject({ state: NameState.OCCUPIED });
    expect(await names.claimName({ channel, name: '_' })).toMatchObject({ state: NameState.INVALID });
    expect(await names.checkName({ name: 'Harbour' })).toMatchObject({ state: NameState.FREE });
    expect(await names.claimName({ channel, name: 'Harbour' })).toMatchObject({ state: NameState.FREE });
    await expect(call(alice, { _: 'contacts.resolveUsername', username: 'harbour' })).rejects.toThrow('USERNAME_NOT_OCCUPIED');
    borne.set(channel, 'Harbour');
    const peer = { _: 'peerChannel', channel_id: 1_000_000_002 };
    expect(await call(alice, { _: 'contacts.resolveUsername', username: 'harbour' })).toMatchObject({ peer });
    expect(await call(alice, { _: 'contacts.search', q: '@Harbour', limit: 5 })).toMatchObject({ my_results: [], results: [peer] });
    await expect(call(alice, { _: 'account.updateUsername', username: 'harbour' })).rejects.toThrow('USERNAME_OCCUPIED');
    expect(await kit.kit('caller').client(UsersService).findByUsernames({ usernames: ['wonder_land', 'harbour', 'nobody'] })).toMatchObject({ userIds: [BigInt(alice), 0n, 0n], channels: [0n, channel, 0n] });
    borne.delete(channel);
    await names.releaseName({ channel, name: 'Harbour' });
    expect(await call(alice, { _: 'account.checkUsername', username: 'harbour' })).toBe(false);
    expect(await names.checkName({ channel, name: 'harbour' })).toMatchObject({ state: NameState.FREE });
    await expect(names.claimName({ channel: BigInt(alice), name: 'harbour' })).rejects.toThrow('INVALID_ARGUMENT');
  });

  it('hides bio and status from those whom the user blocks, and tells the others nothing', async () => {
    const [alice, bob] = [await signUp('4915100000001', 'Alice'), await signUp('4915100000002', 'Bob')];
    await call(alice, { _: 'account.updateProfile', about: 'about me' });
    expect((await call(bob, { _: 'users.getFullUser', id: input(bob, alice) })).full_user).toMatchObject({ about: 'about me', notify_settings: { mute_until: 7 }, folder_id: 1 });
    const before = pushes.length;
    await call(alice, { _: 'contacts.block', id: { ...input(alice, bob), _: 'inputPeerUser' } });
    expect((await call(bob, { _: 'users.getFullUser', id: input(bob, alice) })).full_user).toMatchObject({ about: undefined });
    expect(pushes.slice(before).filter((push) => push.what.case === 'updates' && push.userIds.includes(BigInt(bob)))).toEqual([]);
    expect(await call(alice, { _: 'contacts.getBlocked', offset: 0, limit: 10 })).toMatchObject({ blocked: [{ peer_id: { user_id: bob } }] });
    expect(await kit.kit().client(UsersService).checkContact({ from: BigInt(bob), to: BigInt(alice) })).toMatchObject({ blockedByPeer: true });
    await call(alice, { _: 'contacts.unblock', id: { ...input(alice, bob), _: 'inputPeerUser' } });
    expect(await kit.kit().client(UsersService).checkContact({ from: BigInt(bob), to: BigInt(alice) })).toMatchObject({ blockedByPeer: false });
  });

  it('tells the other devices what is offered above a chat with whoever is added, deleted, blocked or freed', async () => {
    const [alice, bob] = [await signUp('4915100000001', 'Alice'), await signUp('4915100000002', 'Bob')];
    const told = () => pushes.flatMap(({ what }) => (what.case === 'updates' ? (readObject(what.value, 'Updates') as { updates: TypeUpdate[] }).updates : [])).flatMap((update) => (update._ === 'updatePeerSettings' ? [update.settings] : []));
    const after = async (request: Parameters<typeof call>[1]) => {
      pushes.length = 0;
      await call(alice, request);
      await eventually(() => told().length > 0);
      return told();
    };
    const peer = { ...input(alice, bob), _: 'inputPeerUser' as const };
    expect(await after({ _: 'contacts.block', id: peer })).toEqual([{ _: 'peerSettings', add_contact: true }]);
    expect((await call(alice, { _: 'users.getFullUser', id: input(alice, bob) })).full_user).toMatchObject({ settings: { add_contact: true, block_contact: undefined } });
    expect(await after({ _: 'contacts.unblock', id: peer })).toEqual([{ _: 'peerSettings', add_contact: true, block_contact: true }]);
    expect(await after({ _: 'contacts.addContact', id: input(alice, bob), first_name: 'B', last_name: '', phone: '' })).toEqual([{ _: 'peerSettings' }]);
    hiddenBars.add(BigInt(bob));
    expect(await after({ _: 'contacts.deleteContacts', id: [input(alice, bob)] })).toEqual([{ _: 'peerSettings' }]);
    expect((await call(alice, { _: 'users.getFullUser', id: input(alice, bob) })).full_user).toMatchObject({ settings: { add_contact: undefined, block_contact: undefined } });
  });

  it('knows close friends, of whom nobody else is told', async () => {
    const [alice, bob, carol] = [await signUp('4915100000001', 'Alice'), await signUp('4915100000002', 'Bob'), await signUp('4915100000003', 'Carol')];
    const befriend = (id: number) => call(alice, { _: 'contacts.addContact', id: input(alice, id), first_name: `user ${id}`, last_name: '', phone: '' });
    const close = async (of = alice) => (await call(of, { _: 'users.getUsers', id: [alice, bob, carol].map((id) => (id === of ? { _: 'inputUserSelf' as const } : input(of, id))) })).flatMap((user) => (user._ === 'user' && user.close_friend ? [user.id] : []));
    const edit = (...id: number[]) => call(alice, { _: 'contacts.editCloseFriends', id });
    await befriend(bob);
    pushes.length = 0;
    expect(await edit(bob, carol, alice)).toBe(true);
    await eventually(() => pushes.some(({ what, userIds }) => what.case === 'updates' && userIds[0] === BigInt(alice)));
    expect(pushes.flatMap(({ what }) => (what.case === 'updates' ? (readObject(what.value, 'Updates') as { updates: TypeUpdate[] }).updates : []))).toEqual([{ _: 'updateUser', user_id: bob }]);
    expect([await close(), await close(bob)]).toEqual([[bob], []]);
    // To be called otherwise changes nothing of it.
    await befriend(bob);
    await call(alice, { _: 'contacts.importContacts', contacts: [{ _: 'inputPhoneContact', client_id: 1n, phone: '4915100000002', first_name: 'Bobby', last_name: '' }, { _: 'inputPhoneContact', client_id: 2n, phone: '4915100000003', first_name: 'C', last_name: '' }] });
    expect(await close()).toEqual([bob]);
    await edit(carol);
    expect(await close()).toEqual([carol]);
    await call(alice, { _: 'contacts.deleteContacts', id: [input(alice, carol)] });
    await befriend(carol);
    expect(await close()).toEqual([]);
    await expect(edit(...Array.from({ length: 10_001 }, (_, index) => index))).rejects.toThrow('LIMIT_INVALID');
  });

  it('answers one error to every wrong access hash', async () => {
    const [alice, bob, carol] = [await signUp('4915100000001', 'Alice'), await signUp('4915100000002', 'Bob'), await signUp('4915100000003', 'Carol')];
    for (const id of [input(carol, bob), { ...input(alice, bob), access_hash: 0n }, { ...input(alice, bob), user_id: bob + 32 }]) {
      await expect(call(alice, { _: 'users.getFullUser', id })).rejects.toThrow('USER_ID_INVALID');
    }
  });

  it('has no music and no stories to show, and shows the lack to those alone who may see the user', async () => {
    const [alice, bob, carol] = [await signUp('4915100000001', 'Alice'), await signUp('4915100000002', 'Bob'), await signUp('4915100000003', 'Carol')];
    const peer = (viewer: number, id: number) => ({ ...input(viewer, id), _: 'inputPeerUser' as const });
    expect(await call(alice, { _: 'stories.getPeerStories', peer: peer(alice, bob) })).toMatchObject({ stories: { peer: { user_id: bob }, stories: [] } });
    expect(await call(alice, { _: 'users.getSavedMusic', id: input(alice, bob), offset: 0, limit: 10, hash: 0n })).toMatchObject({ count: 0, documents: [] });
    await expect(call(alice, { _: 'stories.getPeerStories', peer: peer(carol, bob) })).rejects.toThrow('PEER_ID_INVALID');
    await expect(call(alice, { _: 'stories.getPeerStories', peer: { _: 'inputPeerChat', chat_id: 1 } })).rejects.toThrow('PEER_ID_INVALID');
    expect(await call(alice, { _: 'photos.getUserPhotos', user_id: input(alice, bob), offset: 0, max_id: 0n, limit: 10 })).toEqual({ _: 'photos.photos', photos: [], users: [] });
    await expect(call(alice, { _: 'users.getSavedMusic', id: input(carol, bob), offset: 0, limit: 10, hash: 0n })).rejects.toThrow('USER_ID_INVALID');
  });

  it('answers what TDLib asks at its start with lists that are truly empty', async () => {
    const alice = await signUp('4915100000001', 'Alice');
    expect(await call(alice, { _: 'account.getSavedMusicIds', hash: 0n })).toEqual({ _: 'account.savedMusicIds', ids: [] });
    expect(await call(alice, { _: 'account.getPasskeys' })).toEqual({ _: 'account.passkeys', passkeys: [] });
    expect(await call(alice, { _: 'account.getUniqueGiftChatThemes', offset: '', limit: 10, hash: 0n })).toMatchObject({ themes: [] });
    expect(await call(alice, { _: 'aicompose.getTones', hash: 0n })).toMatchObject({ tones: [] });
    expect(await call(alice, { _: 'stories.getAllStories' })).toMatchObject({ count: 0, peer_stories: [] });
    expect(await call(alice, { _: 'stories.getAllReadPeerStories' })).toMatchObject({ updates: [] });
  });

  it.each([
    [{ first_name: ' ' }, 'FIRSTNAME_INVALID'],
    [{ last_name: 'x'.repeat(65) }, 'LASTNAME_INVALID'],
    [{ about: 'x'.repeat(71) }, 'ABOUT_TOO_LONG'],
  ])('refuses the profile %j', async (fields, type) => {
    const alice = await signUp('4915100000001', 'Alice');
    await expect(call(alice, { _: 'account.updateProfile', ...fields })).rejects.toThrow(type);
  });
});
