import { channelBox } from '@heliograph/box/box-id';
import { ADMIN, BANNED } from '@heliograph/box/group-rights';
import { MediaClass } from '@heliograph/box/media-class';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ChannelActSchema, Command, MessageRecord, PollVote, Reaction } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Change } from '../../change';
import { POLL_VOTES_MAX, REACTIONS_MAX, REACTIONS_NAMED_MAX } from '../../limits';
import { content, TestBox } from '../../test-box';

const CHANNEL = channelBox(2 ** 20 * 32 * 32 + 2);
const [ANN, BEN, CAT, DAN, EVE] = [98, 130, 162, 194, 226] as const;
const START = 1_800_000_000;

type Act = NonNullable<MessageInitShape<typeof ChannelActSchema>['act']>;

const notice = { ...content('notice'), service: true };

/** A channel's box, act after act, an act a second. */
class TestChannel {
  now = START;
  constructor(readonly box: TestBox) {}

  static async open(create: object = {}): Promise<TestChannel> {
    const channel = new TestChannel(await TestBox.open(CHANNEL));
    await channel.act(ANN, { case: 'create', value: { titleSealed: Uint8Array.of(1), ...create } });
    return channel;
  }

  act(actor: number, act: Act, says: object | undefined = notice): Promise<Change> {
    this.now += 1;
    return this.box.apply({ case: 'channelAct', value: { actor: BigInt(actor), notice: says, act } }, { date: this.now });
  }

  get record(): NonNullable<ReturnType<TestBox['dialogs']['get']>>['channel'] {
    return this.box.dialogs.get(CHANNEL)?.channel;
  }

  async member(user: number): Promise<Awaited<ReturnType<ReturnType<TestBox['reader']>['channelMembers']>>[number]> {
    return (await this.box.reader().channelMembers([user]))[0];
  }
}

const post = (fields: object = {}): Act => ({ case: 'post', value: { randomId: 0n, content: content('hello'), ...fields } });
const invite = (...users: number[]): Act => ({ case: 'invite', value: { users: users.map(BigInt) } });
const ban = (user: number, banned: number, untilDate = 0): Act => ({ case: 'setBanned', value: { participant: BigInt(user), banned, untilDate } });
const promote = (user: number, rights: number): Act => ({ case: 'setAdmin', value: { user: BigInt(user), rights } });
const settings = (value: object): Act => ({ case: 'setSettings', value });
const leave: Act = { case: 'leave', value: {} };
const join = (nonce = 0): Act => ({ case: 'join', value: { nonce } });

const told = (change: Change, kind: string): number[] => change.derived.flatMap((derived) => ('body' in derived && derived.body.case === kind ? [derived.box] : []));
const changed = (change: Change): { joined: number[]; left: number[] } | undefined => {
  const [first] = change.updates;
  return first?.change.case === 'channel' ? { joined: first.change.value.joined.map(Number), left: first.change.value.left.map(Number) } : undefined;
};

describe('a supergroup', () => {
  let group: TestChannel;

  beforeEach(async () => {
    group = await TestChannel.open();
    await group.act(ANN, invite(BEN, CAT));
  });

  it('has its creator and those who were invited', async () => {
    expect(group.record).toMatchObject({ creator: BigInt(ANN), memberCount: 3, broadcast: false });
    expect(await group.member(BEN)).toMatchObject({ present: true, inviter: BigInt(ANN), previous: 0n });
    expect(await group.member(DAN)).toBeUndefined();
    expect((await group.act(BEN, { case: 'create', value: {} })).error).toBe('CHANNEL_ID_TAKEN');
  });

  it('takes posts of members as one message, whatever else there is', async () => {
    const change = await group.act(CAT, post());
    expect(change.message).toMatchObject({ from: BigInt(CAT), author: BigInt(CAT), peer: BigInt(CHANNEL), out: false });
    expect(change.rows.map(({ kind }) => kind)).toEqual(['message', 'peer']);
    expect(change.derived).toEqual([]);
    expect((await group.act(DAN, post())).error).toBe('CHANNEL_PRIVATE');
  });

  it('makes nothing of a random_id that it remembers, whoever else used the same', async () => {
    const first = await group.act(CAT, post({ randomId: 42n }));
    const again = await group.act(CAT, post({ randomId: 42n }));
    expect(again).toMatchObject({ duplicate: true, ptsCount: 0, message: { id: first.message?.id } });
    expect((await group.act(BEN, post({ randomId: 42n }))).duplicate).toBe(false);
  });

  it('tells members who are named or answered', async () => {
    const { message } = await group.act(CAT, post());
    const change = await group.act(BEN, post({ replyToId: message?.id, mentions: [ANN, BEN, DAN].map(BigInt) }));
    expect(told(change, 'channelMention').sort()).toEqual([CAT, ANN].sort());
    expect(change.message).toMatchObject({ replyToId: message?.id, threadId: message?.id });
    const [first] = await group.box.reader().messages([message?.id ?? 0]);
    expect(first).toMatchObject({ replyCount: 1, lastReplyId: change.message?.id, lastRepliers: [BigInt(BEN)] });
    await group.act(BEN, { case: 'delete', value: { ids: [change.message?.id ?? 0] } });
    expect((await group.box.reader().messages([message?.id ?? 0]))[0]?.replyCount).toBe(0);
  });

  it('tells authors of reactions to what they wrote', async () => {
    const id = (await group.act(CAT, post())).message?.id ?? 0;
    const react = (by: number, name = 'x'): Promise<Change> => group.act(by, { case: 'react', value: { id, reaction: name === '' ? {} : { sealed: Buffer.from(name), token: 1n } } });
    const reactions = (change: Change): unknown[] => change.derived.flatMap((derived) => ('body' in derived && derived.body.case === 'channelReaction' ? [{ box: derived.box, ...derived.body.value }] : []));
    const authors = (change: Change): number[] => change.updates.flatMap(({ change: update }) => (update.case === 'reactions' ? [Number(update.value.author)] : []));
    const given = await react(BEN);
    expect(reactions(given)).toMatchObject([{ box: CAT, channel: BigInt(CHANNEL), id, user: BigInt(BEN), takenBack: false }]);
    expect(authors(given)).toEqual([CAT]);
    const back = await react(BEN, '');
    expect(reactions(back)).toMatchObject([{ box: CAT, takenBack: true }]);
    expect(authors(back)).toEqual([0]);
    expect(reactions(await react(CAT))).toEqual([]);
    const broadcast = await TestChannel.open({ broadcast: true });
    await broadcast.act(ANN, invite(BEN));
    const { message } = await broadcast.act(ANN, post());
    expect(reactions(await broadcast.act(BEN, { case: 'react', value: { id: message?.id ?? 0, reaction: { sealed: Buffer.from('x'), token: 1n } } }))).toEqual([]);
  });

  it('tells who came and went in the order of what it did', async () => {
    expect(changed(await group.act(CAT, leave))).toEqual({ joined: [], left: [CAT] });
    expect(group.record?.memberCount).toBe(2);
    expect((await group.act(CAT, post())).error).toBe('CHANNEL_PRIVATE');
    expect((await group.act(CAT, leave)).error).toBe('USER_NOT_PARTICIPANT');
    const back = await group.act(BEN, invite(CAT));
    expect(changed(back)).toEqual({ joined: [CAT], left: [] });
    expect(told(back, 'channelTold')).toEqual([CAT]);
    expect((await group.act(ANN, leave)).error).toBe('USER_CREATOR');
  });

  it('passes over those who can not be added, and refuses where that is all', async () => {
    await group.act(ANN, ban(DAN, BANNED.view_messages));
    expect((await group.act(BEN, invite(DAN))).error).toBe('USER_KICKED');
    const change = await group.act(BEN, invite(DAN, CAT, EVE));
    expect(change).toMatchObject({ error: undefined, usersRefused: [DAN, CAT] });
    expect(group.record?.memberCount).toBe(4);
    expect((await group.act(BEN, invite(EVE))).error).toBe('USER_ALREADY_PARTICIPANT');
    // Who may ban brings back whom he banned.
    expect((await group.act(ANN, invite(DAN))).error).toBeUndefined();
    expect(group.record).toMatchObject({ memberCount: 5, kickedCount: 0 });
  });

  it('takes from a member what an admin says, until then', async () => {
    expect((await group.act(BEN, ban(CAT, BANNED.send_messages))).error).toBe('CHAT_ADMIN_REQUIRED');
    await group.act(ANN, ban(CAT, BANNED.send_messages, group.now + 100));
    expect(group.record?.bannedCount).toBe(1);
    expect((await group.act(CAT, post())).error).toBe('USER_BANNED_IN_CHANNEL');
    group.now += 100;
    expect((await group.act(CAT, post())).error).toBeUndefined();
    await group.act(ANN, { case: 'setDefaultRights', value: { banned: BANNED.send_photos | BANNED.invite_users } });
    expect((await group.act(CAT, post({ content: { ...content('photo'), mediaClass: MediaClass.photo } }))).error).toBe('CHAT_SEND_PHOTOS_FORBIDDEN');
    expect((await group.act(CAT, invite(DAN))).error).toBe('CHAT_ADMIN_REQUIRED');
    expect((await group.act(ANN, post({ content: { ...content('photo'), mediaClass: MediaClass.photo } }))).error).toBeUndefined();
  });

  it('keeps who is kicked out until he is let in again', async () => {
    const change = await group.act(ANN, ban(CAT, BANNED.view_messages));
    expect(changed(change)).toEqual({ joined: [], left: [CAT] });
    expect(group.record).toMatchObject({ memberCount: 2, kickedCount: 1 });
    await group.act(ANN, { case: 'setUsername', value: { username: 'public' } });
    expect((await group.act(CAT, join())).error).toBe('CHANNEL_PRIVATE');
    expect((await group.box.reader().listChannelMembers('kicked', 0, 10)).members.map(({ user }) => Number(user))).toEqual([CAT]);
    await group.act(ANN, ban(CAT, 0));
    expect((await group.box.reader().listChannelMembers('kicked', 0, 10)).members).toEqual([]);
    expect((await group.act(CAT, join())).error).toBeUndefined();
    expect(group.record).toMatchObject({ memberCount: 3, kickedCount: 0 });
    expect((await group.box.reader().listChannelMembers('present', 0, 2))).toMatchObject({ more: true });
  });

  it('lets an admin give what he has, and touch whom he made', async () => {
    await group.act(ANN, promote(BEN, ADMIN.add_admins | ADMIN.ban_users));
    expect((await group.act(BEN, promote(CAT, ADMIN.pin_messages))).error).toBe('RIGHT_FORBIDDEN');
    expect((await group.act(BEN, promote(CAT, ADMIN.ban_users))).error).toBeUndefined();
    expect((await group.act(CAT, promote(BEN, 0))).error).toBe('CHAT_ADMIN_REQUIRED');
    expect((await group.act(CAT, ban(BEN, BANNED.view_messages))).error).toBe('USER_ADMIN_INVALID');
    expect((await group.act(BEN, promote(ANN, 0))).error).toBe('USER_CREATOR');
    await group.act(BEN, ban(CAT, BANNED.send_messages));
    expect(group.record?.admins.map(({ user }) => Number(user))).toEqual([ANN, BEN]);
    await group.act(BEN, leave);
    expect(group.record?.admins.map(({ user }) => Number(user))).toEqual([ANN]);
  });

  it('slows down who is no admin', async () => {
    await group.act(ANN, settings({ slowmode: 30 }));
    expect((await group.act(CAT, post({ randomId: 7n }))).error).toBeUndefined();
    expect((await group.act(CAT, post())).error).toBe('SLOWMODE_WAIT_29');
    expect((await group.act(CAT, post({ randomId: 7n }))).duplicate).toBe(true);
    expect((await group.act(ANN, post())).error).toBeUndefined();
    expect((await group.act(ANN, post())).error).toBeUndefined();
    group.now += 30;
    expect((await group.act(CAT, post())).error).toBeUndefined();
  });

  it('lets those in by links whom the links let', async () => {
    await group.act(ANN, { case: 'setInvite', value: { invite: { nonce: 5, usageLimit: 1 } } });
    await group.act(ANN, { case: 'setInvite', value: { invite: { nonce: 6, requestNeeded: true } } });
    expect((await group.act(DAN, join())).error).toBe('CHANNEL_PRIVATE');
    expect((await group.act(DAN, join(5))).error).toBeUndefined();
    expect((await group.act(EVE, join(5))).error).toBe('INVITE_HASH_EXPIRED');
    expect(await group.act(EVE, join(6))).toMatchObject({ requested: true, message: undefined });
    expect(group.record?.requests).toMatchObject([{ user: BigInt(EVE), nonce: 6 }]);
    const answered = await group.act(ANN, { case: 'answerRequests', value: { users: [BigInt(EVE)], approve: true } });
    expect(answered.message).toMatchObject({ from: BigInt(EVE) });
    expect(group.record).toMatchObject({ memberCount: 5, requests: [], invites: [{ nonce: 5, usage: 1 }, { nonce: 6, usage: 1 }] });
    expect(await group.member(EVE)).toMatchObject({ approvedBy: BigInt(ANN), nonce: 6 });
  });

  it('lets authors edit, and delete their own; others delete with the right', async () => {
    const { message } = await group.act(CAT, post());
    const id = message?.id ?? 0;
    expect((await group.act(BEN, { case: 'edit', value: { id, content: content('other') } })).error).toBe('MESSAGE_AUTHOR_REQUIRED');
    expect((await group.act(CAT, { case: 'edit', value: { id, content: content('better') } })).updates).toMatchObject([{ ptsCount: 1, change: { case: 'edited' } }]);
    expect((await group.act(BEN, { case: 'delete', value: { ids: [id] } })).error).toBe('MESSAGE_DELETE_FORBIDDEN');
    expect((await group.act(ANN, { case: 'delete', value: { ids: [id] } })).ptsCount).toBe(1);
    expect(group.box.dialogs.get(CHANNEL)?.unreadCount).toBe(0);
  });

  it('pins by right, and says so', async () => {
    const { message } = await group.act(CAT, post());
    const change = await group.act(CAT, { case: 'pin', value: { id: message?.id ?? 0 } });
    expect(change.updates.map((update) => update.change.case)).toEqual(['pinned', 'message']);
    await group.act(ANN, { case: 'setDefaultRights', value: { banned: BANNED.pin_messages } });
    expect((await group.act(CAT, { case: 'unpinAll', value: {} })).error).toBe('CHAT_ADMIN_REQUIRED');
    expect((await group.act(ANN, { case: 'unpinAll', value: {} })).ptsCount).toBe(1);
  });

  it('knows how far somebody else than each author has read', async () => {
    const { message } = await group.act(CAT, post());
    const id = message?.id ?? 0;
    await group.act(CAT, { case: 'read', value: { maxId: id } });
    expect(group.record).toMatchObject({ firstReader: BigInt(CAT), firstReadId: id, secondReadId: 0 });
    await group.act(BEN, { case: 'read', value: { maxId: id } });
    expect(group.record).toMatchObject({ firstReader: BigInt(CAT), firstReadId: id, secondReadId: id });
    expect(await group.member(BEN)).toMatchObject({ readId: id, readDate: group.now });
  });

  it('hides what was before from those who come later, where it says so', async () => {
    await group.act(ANN, settings({ hiddenPrehistory: true }));
    const { topId } = group.box.head;
    await group.act(ANN, invite(DAN));
    expect(await group.member(DAN)).toMatchObject({ sinceId: topId });
    expect(await group.member(CAT)).toMatchObject({ sinceId: 0 });
  });

  it('deletes all that one wrote, page by page', async () => {
    for (let i = 0; i < 3; i += 1) await group.act(CAT, post());
    await group.act(BEN, post());
    const change = await group.act(ANN, { case: 'deleteParticipant', value: { participant: BigInt(CAT) } });
    expect(change).toMatchObject({ ptsCount: 3, more: false });
    const history = await group.act(ANN, { case: 'deleteHistory', value: {} });
    expect(history.more).toBe(false);
    expect(group.box.dialogs.get(CHANNEL)?.messageCount).toBe(0);
  });

  describe('calls people something', () => {
    const rank = (user: number, text = 'x'): Act => ({ case: 'setRank', value: { user: BigInt(user), rankSealed: Buffer.from(text) } });
    const called = async (user: number) => Buffer.from((group.record?.admins.find((admin) => Number(admin.user) === user) ?? await group.member(user))?.rankSealed ?? []).toString();

    it.each<[string, number, Act, string | undefined]>([
      ['a member himself', CAT, rank(CAT), undefined],
      ['a member another', CAT, rank(BEN), 'CHAT_ADMIN_REQUIRED'],
      ['the creator anybody', ANN, rank(CAT), undefined],
      ['the creator himself', ANN, rank(ANN), undefined],
      ['anybody somebody who is not there', ANN, rank(DAN), 'USER_NOT_PARTICIPANT'],
      ['a stranger himself', DAN, rank(DAN), 'CHANNEL_PRIVATE'],
      ['the creator a channel', ANN, rank(CHANNEL), 'PEER_ID_INVALID'],
    ])('%s', async (_, actor, act, error) => {
      expect((await group.act(actor, act)).error).toBe(error);
    });

    it('by the rights of members and admins', async () => {
      await group.act(ANN, { case: 'setDefaultRights', value: { banned: BANNED.edit_rank } });
      expect((await group.act(CAT, rank(CAT))).error).toBe('CHAT_ADMIN_REQUIRED');
      await group.act(ANN, promote(BEN, ADMIN.manage_ranks));
      expect((await group.act(BEN, rank(CAT))).error).toBeUndefined();
      expect((await group.act(BEN, rank(BEN))).error).toBeUndefined();
      expect((await group.act(BEN, rank(ANN))).error).toBe('CHAT_ADMIN_REQUIRED');
      await group.act(ANN, promote(CAT, ADMIN.pin_messages));
      expect((await group.act(BEN, rank(CAT))).error).toBe('CHAT_ADMIN_REQUIRED');
      await group.act(ANN, { case: 'setDefaultRights', value: { banned: 0 } });
      await group.act(ANN, ban(CAT, BANNED.edit_rank));
      expect((await group.act(CAT, rank(CAT))).error).toBe('CHAT_ADMIN_REQUIRED');
    });

    it('in what they write, in the log, and until they leave', async () => {
      const change = await group.act(CAT, rank(CAT, 'cook'));
      expect(change.rows.flatMap((row) => (row.kind === 'logged' ? [row.event.kind] : []))).toEqual([23]);
      expect(group.record?.rankedCount).toBe(1);
      expect(Buffer.from((await group.act(CAT, post())).message?.rankSealed ?? []).toString()).toBe('cook');
      // Whoever becomes an admin, and is none any more, is called the same unless somebody says otherwise.
      await group.act(ANN, { case: 'setAdmin', value: { user: BigInt(CAT), rights: ADMIN.pin_messages, keepRank: true } });
      expect([await called(CAT), group.record?.rankedCount]).toEqual(['cook', 0]);
      const again = await group.act(CAT, rank(CAT, 'chef'));
      expect(again.rows.flatMap((row) => (row.kind === 'logged' ? [row.event.kind] : []))).toEqual([23]);
      await group.act(ANN, promote(CAT, 0));
      expect([await called(CAT), group.record?.rankedCount]).toEqual(['chef', 1]);
      await group.act(CAT, leave);
      await group.act(ANN, invite(CAT));
      expect([await called(CAT), group.record?.rankedCount]).toEqual(['', 0]);
      expect((await group.act(CAT, rank(CAT, ''))).rows).toEqual([]);
    });
  });

  describe('that its creator leaves', () => {
    const WEEK = 7 * 86_400;
    const leaveTo = (heir: number): Act => ({ case: 'leave', value: { heir: BigInt(heir), heirNotice: { ...content('pending'), service: true } } });
    const succeed = (heir: number, at: number): Act => ({ case: 'succeed', value: { heir: BigInt(heir), due: { hour: 1, at, kind: 4, peer: 0n, id: 0 } } });
    const admins = () => group.record?.admins.map(({ user }) => Number(user));

    beforeEach(async () => {
      await group.act(ANN, promote(BEN, ADMIN.ban_users | ADMIN.pin_messages));
    });

    it('waits for him, then is its heir\'s', async () => {
      expect((await group.act(ANN, leave)).error).toBe('USER_CREATOR');
      expect((await group.act(ANN, leaveTo(CAT))).error).toBe('HEIR_CHANGED');
      const left = await group.act(ANN, leaveTo(BEN));
      const at = group.now + WEEK;
      expect(left.rows).toContainEqual({ kind: 'due', at, due: 4, peer: 0, id: 0 });
      expect(left.rows.filter(({ kind }) => kind === 'message')).toHaveLength(2);
      expect(group.record).toMatchObject({ creator: BigInt(ANN), heirAt: at, memberCount: 2 });
      expect(admins()).toEqual([BEN]);
      // Gone he has no rights, and can't be shut out.
      expect((await group.act(ANN, settings({ noforwards: true }))).error).toBe('CHANNEL_PRIVATE');
      expect((await group.act(ANN, { case: 'destroy', value: {} })).error).toBe('CHANNEL_PRIVATE');
      expect((await group.act(BEN, ban(ANN, BANNED.view_messages))).error).toBe('USER_ADMIN_INVALID');
      expect((await group.act(BEN, { case: 'destroy', value: {} })).error).toBe('CHAT_ADMIN_REQUIRED');
      // Too early the row alone goes: another one says when it is time.
      expect((await group.act(ANN, succeed(BEN, at - 5))).rows.map(({ kind }) => kind)).toEqual(['dueDone']);
      group.now = at;
      expect((await group.act(ANN, succeed(CAT, at))).rows).toEqual([]);
      const over = await group.act(ANN, succeed(BEN, at));
      expect(over.message).toMatchObject({ from: BigInt(ANN), author: BigInt(ANN) });
      expect(over.rows.map(({ kind }) => kind)).toEqual(['dueDone', 'message', 'peer', 'logged']);
      expect(group.record).toMatchObject({ creator: BigInt(BEN), heirAt: 0 });
      expect((await group.act(ANN, succeed(BEN, at))).rows.map(({ kind }) => kind)).toEqual(['dueDone']);
      expect((await group.act(BEN, settings({ noforwards: true }))).error).toBeUndefined();
      expect((await group.act(ANN, join())).error).toBe('CHANNEL_PRIVATE');
    });

    it.each(['by himself', 'by invitation'])('is his again who comes back in time, %s', async (way) => {
      await group.act(ANN, leaveTo(BEN));
      const at = group.now + WEEK;
      if (way === 'by himself') await group.act(ANN, join());
      else await group.act(CAT, invite(ANN));
      expect(group.record).toMatchObject({ creator: BigInt(ANN), heirAt: 0, memberCount: 3 });
      expect(admins()).toEqual([ANN, BEN]);
      group.now = at;
      expect((await group.act(ANN, succeed(BEN, at))).rows.map(({ kind }) => kind)).toEqual(['dueDone']);
      expect((await group.act(ANN, settings({ noforwards: true }))).error).toBeUndefined();
    });

    it('is whoever\'s is its heir then, or stays his', async () => {
      await group.act(ANN, promote(CAT, ADMIN.pin_messages));
      await group.act(ANN, leaveTo(BEN));
      group.now += WEEK;
      await group.act(BEN, leave);
      await group.act(ANN, succeed(CAT, group.now));
      expect(group.record?.creator).toBe(BigInt(CAT));
      await group.act(CAT, promote(DAN, ADMIN.pin_messages));
      await group.act(CAT, leaveTo(DAN));
      await group.act(DAN, leave);
      group.now += WEEK + 5;
      expect((await group.act(CAT, succeed(0, group.now))).rows.map(({ kind }) => kind)).toEqual(['dueDone']);
      expect(group.record?.creator).toBe(BigInt(CAT));
      await group.act(CAT, join());
      expect(admins()).toEqual([CAT]);
    });

    it('lets him in past what others must ask for, and keeps his place among the admins', async () => {
      await group.act(ANN, settings({ joinRequest: true }));
      await group.act(ANN, leaveTo(BEN));
      expect((await group.act(EVE, join())).error).toBe('CHANNEL_PRIVATE');
      expect((await group.act(ANN, join())).requested).toBeFalsy();
      expect(await group.member(ANN)).toMatchObject({ present: true, admin: true });
    });
  });

  it('ends by its creator alone', async () => {
    expect((await group.act(BEN, { case: 'destroy', value: {} })).error).toBe('CHAT_ADMIN_REQUIRED');
    await group.act(ANN, { case: 'destroy', value: {} });
    expect((await group.act(CAT, post())).error).toBe('CHANNEL_PRIVATE');
  });

  it('decides from rows alone as it did from memory', async () => {
    await group.act(ANN, ban(CAT, BANNED.send_messages));
    await group.box.load();
    expect((await group.act(CAT, post())).error).toBeDefined();
  });
});

describe('a supergroup that was a basic group', () => {
  it('has its members and admins, and tells each of them', async () => {
    const channel = new TestChannel(await TestBox.open(CHANNEL));
    const members = [{ user: BigInt(ANN), admin: true }, { user: BigInt(BEN), admin: true }, { user: BigInt(CAT), admin: false, inviter: BigInt(BEN), date: 5 }];
    const change = await channel.act(ANN, { case: 'create', value: { migratedFrom: 34n, members } });
    expect(told(change, 'channelTold')).toEqual([ANN, BEN, CAT]);
    expect(channel.record).toMatchObject({ memberCount: 3, migratedFrom: 34n, admins: [{ user: BigInt(ANN) }, { user: BigInt(BEN), rights: expect.any(Number) as number }] });
    expect(await channel.member(CAT)).toMatchObject({ present: true, inviter: BigInt(BEN), date: 5, sinceId: 0 });
    expect((await channel.act(BEN, promote(CAT, ADMIN.ban_users))).error).toBe('CHAT_ADMIN_REQUIRED');
    expect((await channel.act(BEN, ban(CAT, BANNED.view_messages))).error).toBeUndefined();
  });
});

describe('a broadcast', () => {
  it('takes posts of those who may, in nobody\'s name', async () => {
    const channel = await TestChannel.open({ broadcast: true });
    await channel.act(ANN, { case: 'setUsername', value: { username: 'news' } });
    const joined = await channel.act(BEN, join());
    expect(joined.message).toBeUndefined();
    expect((await channel.act(BEN, post())).error).toBe('CHAT_ADMIN_REQUIRED');
    await channel.act(ANN, promote(BEN, ADMIN.post_messages));
    const { message } = await channel.act(BEN, post());
    expect(message).toMatchObject({ from: 0n, author: BigInt(BEN), threadId: 0 });
    expect((await channel.act(BEN, { case: 'edit', value: { id: message?.id ?? 0, content: content('x') } })).error).toBeUndefined();
    const own = await channel.act(ANN, post());
    expect((await channel.act(BEN, { case: 'edit', value: { id: own.message?.id ?? 0, content: content('x') } })).error).toBe('MESSAGE_AUTHOR_REQUIRED');
    expect((await channel.act(BEN, { case: 'delete', value: { ids: [own.message?.id ?? 0] } })).error).toBe('MESSAGE_DELETE_FORBIDDEN');
  });
});

test('posts of a broadcast lead to their authors from when it says so', async () => {
  const channel = await TestChannel.open({ broadcast: true });
  const isSigned = async (): Promise<boolean | undefined> => (await channel.act(ANN, post())).message?.signed;
  expect(await isSigned()).toBe(false);
  await channel.act(ANN, settings({ signatures: true, signatureProfiles: true }));
  expect(await isSigned()).toBe(true);
  await channel.act(ANN, settings({ signatures: false, signatureProfiles: false }));
  expect(await isSigned()).toBe(false);
});

describe('a member\'s own box', () => {
  it('has the channel in its lists while he is in it', async () => {
    const box = await TestBox.open(CAT);
    let version = 0n;
    const hear = (body: Parameters<TestBox['apply']>[0]): Promise<Change> => box.apply(body, { origin: { box: BigInt(CHANNEL), version: (version += 1n), index: 0 } });
    const membership = (present: boolean, pts: number): Parameters<TestBox['apply']>[0] => ({ case: 'channelTold', value: { channel: BigInt(CHANNEL), membership: { present, pts, version } } });
    await hear(membership(true, 20));
    expect(box.reader().channels()).toMatchObject([{ peer: BigInt(CHANNEL), readInboxMaxId: 20 }]);
    await hear({ case: 'channelMention', value: { channel: BigInt(CHANNEL), id: 31 } });
    expect(box.dialogs.get(CHANNEL)).toMatchObject({ unreadMentionsCount: 1, membership: { mentions: [31] } });
    const read = await box.apply({ case: 'readChannel', value: { channel: BigInt(CHANNEL), maxId: 31, stillUnread: 2, pts: 33 } });
    expect(read.updates).toMatchObject([{ pts: 0, change: { case: 'inboxRead', value: { maxId: 31, stillUnread: 2, channelPts: 33 } } }]);
    expect((await box.apply({ case: 'readChannelContents', value: { channel: BigInt(CHANNEL) } })).updates).toMatchObject([{ change: { value: { ids: [31] } } }]);
    const reacted = (user: number, takenBack = false): Promise<Change> => hear({ case: 'channelReaction', value: { channel: BigInt(CHANNEL), id: 32, user: BigInt(user), takenBack } });
    for (const user of [BEN, ANN, BEN]) await reacted(user);
    await reacted(ANN, true);
    expect(box.dialogs.get(CHANNEL)?.unreadReactions).toMatchObject([{ id: 32, user: BigInt(BEN) }]);
    const seen = await box.apply({ case: 'readReactions', value: { peer: BigInt(CHANNEL) } });
    expect([seen.updates, seen.ptsCount]).toMatchObject([[{ pts: 0, change: { case: 'channelContentsRead', value: { ids: [32] } } }], 0]);
    expect((await box.apply({ case: 'readReactions', value: { peer: BigInt(CHANNEL) } })).isEmpty).toBe(true);
    await reacted(BEN);
    expect((await box.apply({ case: 'readChannelContents', value: { channel: BigInt(CHANNEL), ids: [32, 33] } })).updates).toMatchObject([{ change: { value: { ids: [32] } } }]);
    await reacted(BEN);
    await hear(membership(false, 40));
    expect(box.dialogs.get(CHANNEL)?.unreadReactions).toEqual([]);
    expect(box.reader().channels()).toEqual([]);
    // A repetition of what came before.
    version = 0n;
    expect((await hear(membership(true, 20))).isEmpty).toBe(true);
  });
});

describe('polls', () => {
  const asked = (poll: object = {}): Act => post({ content: { ...content('?'), poll: { answers: 3, ...poll } } });
  const vote = (id: number, options: number): Act => ({ case: 'vote', value: { id, options } });
  const close = (id: number): Act => ({ case: 'closePoll', value: { id } });
  const state = async ({ box }: TestChannel, id: number): Promise<MessageRecord | undefined> => (await box.reader().messages([id]))[0];
  const chosen = (each: readonly PollVote[]): number[][] => each.map(({ user, options }) => [Number(user), options]);
  const votes = async ({ box }: TestChannel, id: number): Promise<number[][]> => chosen((await Promise.all([ANN, BEN, CAT, DAN, EVE].map((user) => box.reader().votesOf(user, [id])))).flat().filter((vote) => vote !== undefined));
  const voters = async ({ box }: TestChannel, id: number, more: { answer?: number; below?: bigint; limit?: number } = {}): Promise<number[][]> => chosen(await box.reader().listVotes({ id, answer: undefined, below: 0n, limit: 10, ...more }));

  it('take votes of whoever may read, and none after they were closed by their author', async () => {
    const group = await TestChannel.open();
    await group.act(ANN, invite(BEN, CAT));
    const id = (await group.act(BEN, asked({ final: true }))).message?.id ?? 0;
    const change = await group.act(CAT, vote(id, 2));
    expect([change.ptsCount, change.derived, change.updates]).toMatchObject([0, [], [{ change: { case: 'poll', value: { id } } }]]);
    expect((await group.act(CAT, vote(id, 1))).error).toBe('REVOTE_NOT_ALLOWED');
    expect((await group.act(DAN, vote(id, 1))).error).toBe('CHANNEL_PRIVATE');
    await group.act(ANN, { case: 'setUsername', value: { username: 'public' } });
    expect((await group.act(DAN, vote(id, 1))).error).toBeUndefined();
    await group.act(ANN, ban(EVE, BANNED.view_messages));
    expect((await group.act(EVE, vote(id, 1))).error).toBe('CHANNEL_PRIVATE');
    expect(await votes(group, id)).toEqual([[CAT, 2], [DAN, 1]]);
    expect([(await group.act(ANN, close(id))).error, (await group.act(DAN, close(id))).error, (await group.act(BEN, close(id))).error]).toEqual(['MESSAGE_AUTHOR_REQUIRED', 'CHAT_ADMIN_REQUIRED', undefined]);
    expect([(await group.act(BEN, close(id))).error, (await group.act(BEN, vote(id, 1))).error]).toEqual(['MESSAGE_NOT_MODIFIED', 'MESSAGE_POLL_CLOSED']);
  });

  it('are anonymous in a broadcast, where admins end each other’s', async () => {
    const channel = await TestChannel.open({ broadcast: true });
    await channel.act(ANN, invite(BEN, CAT));
    await channel.act(ANN, promote(BEN, ADMIN.post_messages));
    expect((await channel.act(BEN, asked({ public: true }))).error).toBe('BROADCAST_PUBLIC_VOTERS_FORBIDDEN');
    const id = (await channel.act(BEN, asked())).message?.id ?? 0;
    await channel.act(CAT, vote(id, 1));
    expect([(await channel.act(CAT, close(id))).error, (await channel.act(ANN, close(id))).error]).toEqual(['MESSAGE_AUTHOR_REQUIRED', undefined]);
  });

  it('count votes, changed ones and those taken back, and list them by answer', async () => {
    const channel = await TestChannel.open();
    await channel.act(ANN, invite(BEN, CAT, DAN));
    const id = (await channel.act(ANN, asked({ multiple: true, public: true }))).message?.id ?? 0;
    for (const [user, options] of [[BEN, 1], [CAT, 3], [DAN, 6], [BEN, 2], [CAT, 0]] as const) expect((await channel.act(user, vote(id, options))).error).toBeUndefined();
    expect((await state(channel, id))?.pollTally).toMatchObject({ voters: 2, answers: [0, 2, 1] });
    expect(await votes(channel, id)).toEqual([[BEN, 2], [DAN, 6]]);
    expect(await voters(channel, id)).toEqual([[BEN, 2], [DAN, 6]]);
    expect([await voters(channel, id, { answer: 0 }), await voters(channel, id, { answer: 1 }), await voters(channel, id, { answer: 2 })]).toEqual([[], [[BEN, 2], [DAN, 6]], [[DAN, 6]]]);
    const [first] = await channel.box.reader().listVotes({ id, answer: 1, below: 0n, limit: 1 });
    expect(await voters(channel, id, { answer: 1, below: first?.version })).toEqual([[DAN, 6]]);
    expect(chosen((await state(channel, id))?.pollVotes ?? [])).toEqual([[DAN, 6], [BEN, 2]]);
  });

  it('take more voters than a row could hold, and stay as small', async () => {
    const channel = await TestChannel.open();
    const id = (await channel.act(ANN, asked({ public: true }))).message?.id ?? 0;
    await channel.act(ANN, { case: 'setUsername', value: { username: 'public' } });
    const PEOPLE = POLL_VOTES_MAX + 100;
    for (let user = 1_000; user < 1_000 + PEOPLE; user += 1) expect((await channel.act(user, vote(id, user % 2 === 0 ? 1 : 2))).error).toBeUndefined();
    await channel.act(1_000, vote(id, 2));
    const poll = await state(channel, id);
    expect(poll?.pollTally).toMatchObject({ voters: PEOPLE, answers: [PEOPLE / 2 - 1, PEOPLE / 2 + 1, 0] });
    expect(poll?.pollVotes.length).toBeLessThanOrEqual(12);
    let below = 0n;
    let seen = 0;
    for (;;) {
      const page = await channel.box.reader().listVotes({ id, answer: undefined, below, limit: 100 });
      if (page.length === 0) break;
      seen += page.length;
      below = page.at(-1)?.version ?? 0n;
    }
    expect(seen).toBe(PEOPLE);
  });

  it('come to the same when commands are repeated after a crash, whatever rows were there', async () => {
    const channel = await TestChannel.open();
    await channel.act(ANN, invite(BEN, CAT, DAN));
    const id = (await channel.act(ANN, asked({ public: true }))).message?.id ?? 0;
    const { box } = channel;
    const commands: [number, number][] = [[BEN, 1], [CAT, 1], [BEN, 2], [CAT, 0], [DAN, 4], [BEN, 4], [CAT, 2]];
    const bodies = commands.map(([user, options]) => box.command({ case: 'channelAct', value: { actor: BigInt(user), act: vote(id, options) } }, { date: channel.now }));
    const from = box.version + 1n;
    for (const [index, body] of bodies.entries()) await box.take(await box.effect(body, from + BigInt(index)));
    const outcome = async (): Promise<unknown> => [await state(channel, id), await votes(channel, id), await voters(channel, id), await voters(channel, id, { answer: 2 })];
    const before = await outcome();
    expect((await state(channel, id))?.pollTally).toMatchObject({ voters: 3, answers: [0, 1, 2] });
    for (let start = 0; start < bodies.length; start += 1) {
      for (let index = start; index < bodies.length; index += 1) await box.take(await box.effect(bodies[index] as Command, from + BigInt(index)));
      expect(await outcome()).toEqual(before);
    }
  });

  it('come to the same when a crash lost some rows of each command', async () => {
    for (const lost of [0, 1, 2, 3]) {
      const channel = await TestChannel.open();
      await channel.act(ANN, invite(BEN, CAT));
      const id = (await channel.act(ANN, asked({ public: true, multiple: true }))).message?.id ?? 0;
      const { box } = channel;
      let version = box.version;
      for (const [user, options] of [[BEN, 1], [CAT, 3], [BEN, 6], [CAT, 0], [BEN, 4]] as const) {
        const command = box.command({ case: 'channelAct', value: { actor: BigInt(user), act: vote(id, options) } }, { date: channel.now });
        version += 1n;
        await box.take(await box.effect(command, version), (row) => row !== lost);
        await box.take(await box.effect(command, version));
      }
      expect((await state(channel, id))?.pollTally).toMatchObject({ voters: 1, answers: [0, 0, 1] });
      expect([await votes(channel, id), await voters(channel, id), await voters(channel, id, { answer: 1 })]).toEqual([[[BEN, 4]], [[BEN, 4]], []]);
    }
  });

  it('that were asked before votes were rows of their own go on as they began', async () => {
    const channel = await TestChannel.open();
    await channel.act(ANN, invite(BEN, CAT));
    const { box } = channel;
    const posted = await box.effect(box.command({ case: 'channelAct', value: { actor: BigInt(ANN), act: asked({ final: true }) } }, { date: channel.now }), box.version + 1n);
    for (const row of posted.rows) if (row.kind === 'message') row.record.pollTally = undefined;
    await box.take(posted);
    const id = posted.message?.id ?? 0;
    await channel.act(ANN, post());
    await channel.act(BEN, vote(id, 2));
    expect((await channel.act(BEN, vote(id, 1))).error).toBe('REVOTE_NOT_ALLOWED');
    expect(chosen((await state(channel, id))?.pollVotes ?? [])).toEqual([[BEN, 2]]);
  });

  it('end when their time comes', async () => {
    const channel = await TestChannel.open();
    const sent = await channel.act(ANN, asked({ closePeriod: 60 }));
    const id = sent.message?.id ?? 0;
    const at = channel.now + 60;
    expect(sent.rows).toContainEqual({ kind: 'due', at, due: 3, peer: 0, id });
    const over = await channel.box.apply({ case: 'endPolls', value: { due: [{ hour: Math.floor(at / 3_600), at, kind: 3, id }] } }, { date: at });
    expect(over.updates).toMatchObject([{ change: { case: 'poll', value: { id } } }]);
  });
});

describe('reactions', () => {
  const react = (id: number, emoji = ''): Act => ({ case: 'react', value: { id, reaction: emoji === '' ? {} : { sealed: Buffer.from(emoji), token: BigInt(emoji.charCodeAt(0)) } } });
  const state = async ({ box }: TestChannel, id: number): Promise<MessageRecord | undefined> => (await box.reader().messages([id]))[0];
  const given = (each: readonly Reaction[]): [number, string][] => each.map(({ user, sealed }) => [Number(user), Buffer.from(sealed).toString()]);
  const counts = async (channel: TestChannel, id: number): Promise<[string, number][]> => ((await state(channel, id))?.reactionTally?.counts ?? []).map(({ sealed, count }) => [Buffer.from(sealed).toString(), count]);
  const listed = async ({ box }: TestChannel, id: number, more: { token?: bigint; below?: bigint; limit?: number } = {}): Promise<[number, string][]> => given(await box.reader().listReactions({ id, token: undefined, below: 0n, limit: 10, ...more }));
  const own = async ({ box }: TestChannel, id: number): Promise<[number, string][]> => given((await Promise.all([ANN, BEN, CAT, DAN].map((user) => box.reader().reactionsOf(user, [id])))).flat().filter((each) => each !== undefined));
  const group = async (create: object = {}): Promise<TestChannel> => {
    const channel = await TestChannel.open(create);
    await channel.act(ANN, invite(BEN, CAT, DAN));
    return channel;
  };

  it('are counted and listed by emoji, changed ones and those taken back', async () => {
    const channel = await group();
    const id = (await channel.act(ANN, post())).message?.id ?? 0;
    const first = await channel.act(BEN, react(id, 'x'));
    expect(first.rows.map(({ kind }) => kind)).toEqual(['reaction', 'message', 'change']);
    for (const [user, emoji] of [[CAT, 'x'], [DAN, 'y'], [BEN, 'y'], [CAT, ''], [ANN, 'x']] as const) expect((await channel.act(user, react(id, emoji))).ptsCount).toBe(1);
    expect((await state(channel, id))?.reactionTally?.people).toBe(3);
    expect(await counts(channel, id)).toEqual([['y', 2], ['x', 1]]);
    expect(await listed(channel, id)).toEqual([[ANN, 'x'], [BEN, 'y'], [DAN, 'y']]);
    expect([await listed(channel, id, { token: 120n }), await listed(channel, id, { token: 121n })]).toEqual([[[ANN, 'x']], [[BEN, 'y'], [DAN, 'y']]]);
    expect(await own(channel, id)).toEqual([[ANN, 'x'], [BEN, 'y'], [DAN, 'y']]);
  });

  it('take more people than a row could hold, and stay as small', async () => {
    const channel = await group({ broadcast: false });
    const id = (await channel.act(ANN, post())).message?.id ?? 0;
    const people = Array.from({ length: REACTIONS_MAX + 100 }, (_, index) => 1_000 + index);
    for (let start = 0; start < people.length; start += 100) await channel.act(ANN, invite(...people.slice(start, start + 100)));
    let rows = 0;
    for (const user of people) rows = (await channel.act(user, react(id, user % 3 === 0 ? 'x' : 'y'))).rows.length;
    expect(rows).toBe(3);
    const message = await state(channel, id);
    expect([message?.reactionTally?.people, message?.reactions.length]).toEqual([people.length, REACTIONS_NAMED_MAX]);
    expect((await counts(channel, id)).map(([, count]) => count).reduce((sum, count) => sum + count)).toBe(people.length);
    const seen: number[] = [];
    for (let below = 0n;;) {
      const page = await channel.box.reader().listReactions({ id, token: undefined, below, limit: 100 });
      if (page.length === 0) break;
      seen.push(...page.map(({ user }) => Number(user)));
      below = page.at(-1)?.version ?? 0n;
    }
    expect(seen).toEqual(people.reverse());
  });

  it('of a broadcast are counted, and nobody is named', async () => {
    const channel = await group({ broadcast: true });
    const id = (await channel.act(ANN, post())).message?.id ?? 0;
    await channel.act(BEN, react(id, 'x'));
    expect([await counts(channel, id), (await state(channel, id))?.reactions, await listed(channel, id), await own(channel, id)]).toEqual([[['x', 1]], [], [], [[BEN, 'x']]]);
  });

  const commands = [[BEN, 'x'], [CAT, 'x'], [BEN, 'y'], [CAT, ''], [DAN, 'z'], [BEN, 'z'], [CAT, 'y']] as const;
  const outcome = async (channel: TestChannel, id: number): Promise<unknown> => {
    return [channel.box.head.pts, await counts(channel, id), await listed(channel, id), await listed(channel, id, { token: 122n }), given((await state(channel, id))?.reactions ?? [])];
  };
  const expected = (pts: number): unknown => [pts, [['z', 2], ['y', 1]], [[CAT, 'y'], [BEN, 'z'], [DAN, 'z']], [[BEN, 'z'], [DAN, 'z']], [[DAN, 'z'], [BEN, 'z'], [CAT, 'y']]];

  it('come to the same when commands are repeated after a crash, whatever rows were there', async () => {
    const channel = await group();
    const id = (await channel.act(ANN, post())).message?.id ?? 0;
    const { box } = channel;
    const bodies = commands.map(([user, emoji]) => box.command({ case: 'channelAct', value: { actor: BigInt(user), act: react(id, emoji) } }, { date: channel.now }));
    const from = box.version + 1n;
    const heads = [box.head];
    for (const [index, body] of bodies.entries()) {
      await box.take(await box.effect(body, from + BigInt(index)));
      heads.push(box.head);
    }
    const { pts } = box.head;
    expect(await outcome(channel, id)).toEqual(expected(pts));
    for (let start = 0; start < bodies.length; start += 1) {
      box.head = heads[start] as typeof box.head;
      for (let index = start; index < bodies.length; index += 1) await box.take(await box.effect(bodies[index] as Command, from + BigInt(index)));
      expect(await outcome(channel, id)).toEqual(expected(pts));
    }
  });

  it('come to the same when a crash lost some rows of each command', async () => {
    for (const lost of [0, 1, 2, 3, 4, 5]) {
      const channel = await group();
      const id = (await channel.act(ANN, post())).message?.id ?? 0;
      const { box } = channel;
      let version = box.version;
      for (const [user, emoji] of commands) {
        const command = box.command({ case: 'channelAct', value: { actor: BigInt(user), act: react(id, emoji) } }, { date: channel.now });
        version += 1n;
        const { head } = box;
        await box.take(await box.effect(command, version), (row) => row !== lost);
        box.head = head;
        await box.take(await box.effect(command, version));
      }
      expect(await outcome(channel, id)).toEqual(expected(box.head.pts));
    }
  });

  it('to what was posted before they were rows of their own go on as they began', async () => {
    const channel = await group();
    const posted = await channel.box.effect(channel.box.command({ case: 'channelAct', value: { actor: BigInt(ANN), act: post() } }, { date: channel.now }), channel.box.version + 1n);
    for (const row of posted.rows) if (row.kind === 'message') row.record.reactionTally = undefined;
    await channel.box.take(posted);
    await channel.act(ANN, post());
    await channel.act(BEN, react(posted.message?.id ?? 0, 'x'));
    expect(given((await state(channel, posted.message?.id ?? 0))?.reactions ?? [])).toEqual([[BEN, 'x']]);
  });
});
