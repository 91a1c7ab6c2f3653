import { homeDcOf } from '@heliograph/box/box-id';
import { FanoutService, type Push } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';
import { MessageStoreService, type NotifyRequest } from '@heliograph/protos/heliograph/messagestore/v1/message_store_pb';
import { Status_Kind, UsersService } from '@heliograph/protos/heliograph/users/v1/users_pb';
import type { Client, Kit, ServiceDefinition } from '@heliograph/service-kit/kit';
import { eventually } from '@heliograph/testing/eventually';
import { fakeClock, type FakeClock } from '@heliograph/testing/fake-clock';
import { memoryKeyring } from '@heliograph/testing/memory-keyring';
import { writeObject } from '@heliograph/tl/writer';
import { createTestKit, type TestKit } from '@heliograph/testing/test-kit';
import { readObject } from '@heliograph/tl/reader';
import type { Deps } from './deps';
import { SERVICE_USER_ID } from './domain/user-id';
import { Homes } from './homes';
import { blocked } from './tables/blocked';
import { writeContact, writeImportedPhone, findContacts } from './tables/contacts';
import { phoneMac, phones } from './tables/phones';
import { channelBox } from '@heliograph/box/box-id';
import { claimUsername, findUsernameOwner, isUsernameFree, releaseUsername } from './tables/usernames';
import { users as usersTable } from './tables/users';
import { usersService } from './users.module';

describe('accounts', () => {
  let kit: TestKit;
  let clock: FakeClock;
  let pushes: Push[];
  let notices: NotifyRequest[];
  let own: Kit;
  let deps: Pick<Deps, 'storage' | 'keyring' | 'phoneSecret' | 'dc' | 'homes' | 'usernameOfChannel'>;
  /** The names that channels bear; undefined: that can't be told now. */
  let borne: Map<number, string> | undefined;

  const neighbours: ServiceDefinition = {
    name: 'neighbours',
    compose: async (kitOf) => {
      kitOf.serve(FanoutService, {
        async *attach() {
          yield { pushes: [] };
        },
        publish: async (request) => {
          pushes.push(...request.pushes);
          return {};
        },
      });
      kitOf.serve(MessageStoreService, {
        notify: async (request) => {
          notices.push(request);
          return { messageId: notices.length };
        },
        appendRelayed: async () => ({}),
        forgetContact: async () => ({}),
        listChannels: async () => ({}),
        wakeChannels: async () => ({}),
        getDialogSettings: async () => ({ notifySettings: writeObject({ _: 'peerNotifySettings', mute_until: 7 }, 'newest'), folderId: 1 }),
      });
    },
  };

  beforeEach(async () => {
    clock = fakeClock();
    pushes = [];
    notices = [];
    kit = await createTestKit({ clock, keyring: memoryKeyring() });
    await kit.start(neighbours, usersService);
    own = kit.kit('users');
    deps = { storage: own.storage, keyring: own.keyring, phoneSecret: await own.keyring.secret('directory-phones'), dc: own.dc, homes: new Homes(own), usernameOfChannel: async (box) => (borne === undefined ? undefined : borne.get(box) ?? '') };
    borne = new Map();
  });
  afterEach(() => kit.close());

  const users = (): Client<typeof UsersService> => kit.kit().client(UsersService);
  const now = (): number => Math.floor(clock.now() / 1000);
  const signUp = async (phone: string, firstName = 'Ann'): Promise<number> => Number((await users().createUser({ phone, firstName })).userId);
  const view = async (viewer: number, id: number) => (await users().getViews({ viewerId: BigInt(viewer), userIds: [BigInt(id)] })).users[0];
  const contact = (userId: number, phone: string, firstName: string) => ({ _: 'heliograph.contact' as const, user_id: userId, phone, first_name: firstName, last_name: '' });

  describe('CreateUser', () => {
    it('binds a number to one account of this data center', async () => {
      const ann = await signUp('4915100000001');
      expect(homeDcOf(ann)).toBe(2);
      expect(await users().findByPhone({ phone: '4915100000001' })).toMatchObject({ userId: BigInt(ann), dc: 2 });
      expect(await signUp('4915100000001')).toBe(0);
      expect(await users().findByPhone({ phone: '4915100000002' })).toMatchObject({ userId: 0n });
    });

    it('gives a number to one of many that sign up at once', async () => {
      const made = (await Promise.all(Array.from({ length: 8 }, () => signUp('4915100000001')))).filter((id) => id !== 0);
      expect(made).toHaveLength(1);
      expect(await users().findByPhone({ phone: '4915100000001' })).toMatchObject({ userId: BigInt(made[0] as number) });
    });

    it('is completed by the next sign-up where a crash left a bound number without an account', async () => {
      const mac = phoneMac(deps, '4915100000001');
      const bound = 2 ** 21 * 32 + 2;
      await deps.storage.insertIfAbsent(phones, { phone_mac: mac, user_id: bound });
      expect(await users().findByPhone({ phone: '4915100000001' })).toMatchObject({ userId: 0n });
      expect(await signUp('4915100000001')).toBe(bound);
      expect(await signUp('4915100000001')).toBe(0);
    });

    it('leaves an id alone that is somebody else\'s by now', async () => {
      const bob = await signUp('4915100000002', 'Bob');
      await deps.storage.insertIfAbsent(phones, { phone_mac: phoneMac(deps, '4915100000001'), user_id: bob });
      expect(await users().findByPhone({ phone: '4915100000001' })).toMatchObject({ userId: 0n });
      const ann = await signUp('4915100000001');
      expect(ann).not.toBe(bob);
      expect((await view(bob, bob))?.firstName).toBe('Bob');
      expect(await users().findByPhone({ phone: '4915100000001' })).toMatchObject({ userId: BigInt(ann) });
    });

    it('refuses a number that is none, and an account without a name', async () => {
      await expect(users().createUser({ phone: '+49', firstName: 'Ann' })).rejects.toThrow('INVALID_ARGUMENT');
      await expect(users().createUser({ phone: '4915100000001', firstName: '' })).rejects.toThrow('INVALID_ARGUMENT');
    });

    it('makes a contact for those who have the number, and tells them once', async () => {
      const bob = await signUp('4915100000002', 'Bob');
      await writeImportedPhone(deps, bob, contact(0, '4915100000001', 'Annie'));
      const ann = await signUp('4915100000001');
      await eventually(() => notices.length === 1);
      expect(notices[0]).toMatchObject({ userId: BigInt(bob), from: BigInt(ann), silent: false });
      expect(readObject(notices[0]?.content as Uint8Array, 'heliograph.MessageContent')).toMatchObject({ action: { _: 'messageActionContactSignUp' } });
      expect(await view(bob, ann)).toMatchObject({ firstName: 'Annie', contact: true, phone: '4915100000001' });
      await eventually(async () => (await deps.storage.get(usersTable, { user_id: ann }))?.joined_due === null);

      // A crash before all were told: the next look at the number takes it up, under the same random id.
      await deps.storage.put(usersTable, { user_id: ann, joined_due: true });
      await users().findByPhone({ phone: '4915100000001' });
      await eventually(() => notices.length === 2);
      expect(notices[1]?.randomId).toBe(notices[0]?.randomId);
    });

    it('makes the contact but no message when the new user wants none', async () => {
      const bob = await signUp('4915100000002', 'Bob');
      await writeImportedPhone(deps, bob, contact(0, '4915100000001', 'Annie'));
      const { userId } = await users().createUser({ phone: '4915100000001', firstName: 'Ann', noJoinedNotifications: true });
      await eventually(async () => (await findContacts(deps, bob, [Number(userId)]))[0]);
      await eventually(async () => (await deps.storage.get(usersTable, { user_id: Number(userId) }))?.joined_due === null);
      expect(notices).toEqual([]);
    });
  });

  describe('GetViews', () => {
    it('leaves unknown ids out, and knows the service account', async () => {
      const ann = await signUp('4915100000001');
      const { users: views } = await users().getViews({ viewerId: BigInt(ann), userIds: [BigInt(ann), BigInt(ann + 32), BigInt(ann + 1), BigInt(SERVICE_USER_ID), 5n] });
      expect(views.map((user) => [Number(user.id), user.firstName])).toEqual([[SERVICE_USER_ID, 'Heliograph'], [ann, 'Ann']]);
      expect(views[0]).toMatchObject({ verified: true, support: true, phone: '42777' });
      await expect(users().getViews({ userIds: Array.from({ length: 201 }, (_, i) => BigInt(i)) })).rejects.toThrow('INVALID_ARGUMENT');
    });

    it('shows the phone to contacts, and nothing to the blocked', async () => {
      const [ann, bob] = [await signUp('4915100000001'), await signUp('4915100000002', 'Bob')];
      expect((await view(bob, ann))?.phone).toBe('');
      await writeContact(deps, ann, contact(bob, '', 'B'), now());
      expect((await view(bob, ann))?.phone).toBe('4915100000001');
      await users().touchPresence({ userId: BigInt(ann) });
      expect((await view(bob, ann))?.status?.kind).toBe(Status_Kind.ONLINE);
      await deps.storage.put(blocked, { owner: ann, peer_id: bob, date: now() });
      expect(await view(bob, ann)).toMatchObject({ phone: '', status: { kind: Status_Kind.UNSPECIFIED } });
      expect(await users().checkContact({ from: BigInt(bob), to: BigInt(ann) })).toMatchObject({ toExists: true, blockedByPeer: true, blockedBySelf: false });
      expect(await users().checkContact({ from: BigInt(ann), to: BigInt(bob) })).toMatchObject({ blockedByPeer: false, blockedBySelf: true });
      expect(await users().checkContact({ from: BigInt(ann), to: BigInt(bob + 32) })).toMatchObject({ toExists: false });
    });
  });

  describe('presence', () => {
    it('is coalesced, pushed to those who have the user as a contact, and ends by itself', async () => {
      const [ann, bob] = [await signUp('4915100000001'), await signUp('4915100000002', 'Bob')];
      await writeContact(deps, bob, contact(ann, '4915100000001', 'Ann'), now());
      await users().touchPresence({ userId: BigInt(ann) });
      await users().touchPresence({ userId: BigInt(ann) });
      await eventually(() => pushes.length === 1);
      expect(pushes[0]?.userIds).toEqual([BigInt(bob)]);
      expect(readObject(pushes[0]?.what.value as Uint8Array, 'Updates')).toMatchObject({ update: { _: 'updateUserStatus', user_id: ann, status: { _: 'userStatusOnline', expires: now() + 30 } } });
      const until = now() + 30;
      await clock.advance(40_000);
      expect((await view(bob, ann))?.status).toMatchObject({ kind: Status_Kind.OFFLINE, time: until });
      expect(pushes).toHaveLength(1);
    });
  });

  describe('usernames', () => {
    const claim = (name: string, user: number) => claimUsername(deps, name, user, now());
    const show = (user: number, name: string | null) => deps.storage.put(usersTable, { user_id: user, username: name });

    it('have one owner whatever their case, and are held when they are freed', async () => {
      const [ann, bob] = [await signUp('4915100000001'), await signUp('4915100000002', 'Bob')];
      expect(await claim('Sunny', ann)).toBe(true);
      await show(ann, 'Sunny');
      expect(await claim('sUNNY', ann)).toBe(true);
      expect(await claim('sunny', bob)).toBe(false);
      expect(await findUsernameOwner(deps, 'SUNNY')).toBe(ann);
      await show(ann, null);
      await releaseUsername(deps, 'Sunny', ann, now());
      expect(await findUsernameOwner(deps, 'sunny')).toBeUndefined();
      expect(await isUsernameFree(deps, 'sunny', bob, now())).toBe(false);
      expect(await isUsernameFree(deps, 'sunny', ann, now())).toBe(true);
      await clock.advance(15 * 86_400_000);
      expect(await claim('sunny', bob)).toBe(true);
    });

    it('that a crash left claimed but not shown come free again', async () => {
      const [ann, bob] = [await signUp('4915100000001'), await signUp('4915100000002', 'Bob')];
      await claim('sunny', ann);
      expect(await claim('sunny', bob)).toBe(false);
      await clock.advance(601_000);
      expect(await claim('sunny', bob)).toBe(true);
    });

    it('are of channels too, which themselves say that they have them', async () => {
      const [ann, harbour] = [await signUp('4915100000001'), channelBox(1_000_000_002)];
      expect(await claim('sunny', harbour)).toBe(true);
      expect(await findUsernameOwner(deps, 'sunny')).toBeUndefined();
      borne?.set(harbour, 'Sunny');
      expect(await findUsernameOwner(deps, 'sunny')).toBe(harbour);
      await clock.advance(601_000);
      expect(await claim('sunny', ann)).toBe(false);
      // A channel that can't be asked has it: the directory says so.
      borne = undefined;
      expect(await claim('sunny', ann)).toBe(false);
      expect(await findUsernameOwner(deps, 'sunny')).toBe(harbour);
      borne = new Map();
      expect(await claim('sunny', ann)).toBe(true);
    });

    it('go to one of many that claim at once', async () => {
      const all = await Promise.all(Array.from({ length: 8 }, (_, i) => signUp(`491510000001${i}`)));
      const claims = await Promise.all(all.map((user) => claim('sunny', user)));
      expect(claims.filter(Boolean)).toHaveLength(1);
    });
  });

  it('keeps no phone and no name in the clear on disk', async () => {
    const canary = 'Canaryname';
    const ann = await signUp('4915199999999', canary);
    await writeContact(deps, ann, contact(ann, '4915188888888', `${canary}2`), now());
    await writeImportedPhone(deps, ann, contact(0, '4915177777777', `${canary}3`));
    const { readdirSync, readFileSync, statSync } = await import('node:fs');
    const files = (readdirSync(kit.folder, { recursive: true }) as string[]).map((name) => `${kit.folder}/${name}`).filter((path) => statSync(path).isFile());
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      const bytes = readFileSync(file);
      for (const secret of [canary, '4915199999999', '4915188888888', '4915177777777']) expect(bytes.includes(secret)).toBe(false);
    }
  });
});
