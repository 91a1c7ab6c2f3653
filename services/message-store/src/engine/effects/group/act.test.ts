import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { CommandSchema, HeadSchema, type DialogRecord, type GroupAct } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { channelBox } from '@heliograph/box/box-id';
import { BANNED } from '@heliograph/box/group-rights';
import { MediaClass } from '@heliograph/box/media-class';
import type { BoxState, Change, Read, ReadAnswer } from '../../change';
import { Dialogs } from '../../dialogs';
import { effectOf } from '../../effect';
import { DELETE_IDS_MAX, DERIVED_COMMANDS_MAX, GROUP_MEMBERS_MAX } from '../../limits';
import { SentMemory } from '../../sent-memory';

const GROUP = -(2 ** 21 * 32 + 2);
const [ANN, BEN, CAT, DAN, EVE] = [98, 130, 162, 194, 226] as const;
const content = { sealed: Uint8Array.of(0x82, 1), tokens: new Uint8Array(0), mediaClass: 0 };

type ActInit = NonNullable<MessageInitShape<typeof CommandSchema>['body'] & { case: 'groupAct' }>['value']['act'];

/** A group's box, act after act. */
class TestGroup {
  private rows = new Map<number, DialogRecord>();
  private head = create(HeadSchema, { pts: 1 });
  private offset = 0n;
  private readonly messages = new Map<number, { from: number; deleted: boolean }>();
  private readonly sent = new SentMemory();

  act(actor: number, act: ActInit): Change {
    this.offset += 1n;
    const state: BoxState = { box: GROUP, head: this.head, dialogs: new Dialogs(this.rows.values()), sent: this.sent };
    const command = create(CommandSchema, {
      effect: 1, box: BigInt(GROUP), origin: { box: BigInt(actor), version: this.offset }, date: 1_000 + Number(this.offset),
      body: { case: 'groupAct', value: { act: act as GroupAct['act'], notice: content, caller: { callId: 7n, authKeyId: 8n, sessionId: 9n } } },
    });
    const { change, effect } = effectOf(state, command, this.offset);
    for (let step = effect.next(); step.done !== true; step = effect.next(this.answer(step.value)));
    for (const [peer, row] of change.dialogs) this.rows.set(peer, row);
    for (const row of change.rows) if (row.kind === 'message') this.messages.set(row.record.id, { from: Number(row.record.from), deleted: row.record.deletedVersion > 0n });
    if (change.remembered !== undefined) this.sent.add(change.remembered.randomId, change.remembered);
    this.head = { ...this.head, pts: change.pts, topId: change.topId };
    return change;
  }

  /** Who asked to be let in, oldest first. */
  requests(): number[] {
    return (this.rows.get(0)?.group?.requests ?? []).map(({ user }) => Number(user));
  }

  alive(): number[] {
    return [...this.messages].filter(([, { deleted }]) => !deleted).map(([id]) => id);
  }

  get version(): number {
    return this.rows.get(0)?.group?.version ?? 0;
  }

  member(user: number): DialogRecord['member'] {
    return this.rows.get(user)?.member;
  }

  private answer(read: Read): ReadAnswer {
    if (read.kind !== 'messages') throw new Error(`a group's box reads ${read.kind}`);
    return read.ids.map((id) => {
      const message = this.messages.get(id);
      if (message === undefined) return undefined;
      return { from: BigInt(message.from), deletedVersion: message.deleted ? 1n : 0n, id, uid: { box: BigInt(GROUP), id } } as never;
    });
  }
}

/** What the actor is told: an error, or nothing when a message, edit or change tells it. */
function answerOf(change: Change): string {
  for (const derived of change.derived) if ('body' in derived && derived.body.case === 'groupAnswer') return derived.body.value.error;
  return '';
}
const boxesOf = (change: Change, kind: string): number[] => change.derived.flatMap((derived) => ('body' in derived && derived.body.case === kind ? [derived.box] : []));

const post = (text = content): ActInit => ({ case: 'post', value: { randomId: 0n, content: text } }) as ActInit;
const add = (user: number): ActInit => ({ case: 'add', value: { user: BigInt(user) } }) as ActInit;
const remove = (user: number): ActInit => ({ case: 'remove', value: { user: BigInt(user) } }) as ActInit;
const setAdmin = (user: number, admin = true): ActInit => ({ case: 'setAdmin', value: { user: BigInt(user), admin } }) as ActInit;
const ban = (banned: number): ActInit => ({ case: 'setDefaultRights', value: { banned } }) as ActInit;
const invite = (fields: object): ActInit => ({ case: 'setInvite', value: { invite: { nonce: 5, ...fields } } }) as ActInit;
const join: ActInit = { case: 'join', value: { nonce: 5 } } as ActInit;
const answer = (approve: boolean, ...users: number[]): ActInit => ({ case: 'answerRequests', value: { approve, users: users.map(BigInt), nonce: 0 } }) as ActInit;

describe('a basic group', () => {
  let group: TestGroup;

  beforeEach(() => {
    group = new TestGroup();
    // Ann made it, Ben is an admin, Cat is a member.
    group.act(ANN, { case: 'create', value: { members: [BEN, CAT].map(BigInt) } } as ActInit);
    group.act(ANN, setAdmin(BEN));
  });

  it('sends what a member writes to everybody present, and answers the writer with the own copy', () => {
    const change = group.act(CAT, post());
    expect(boxesOf(change, 'deliver')).toEqual([ANN, BEN, CAT]);
    const copies = change.derived.flatMap((derived) => ('body' in derived && derived.body.case === 'deliver' ? [{ box: derived.box, out: derived.body.value.out, answers: derived.caller?.callId }] : []));
    expect(copies).toEqual([{ box: ANN, out: false }, { box: BEN, out: false }, { box: CAT, out: true, answers: 7n }]);
  });

  it('makes nothing of a random_id that it remembers, whoever else used the same', () => {
    const once = (): ActInit => ({ case: 'post', value: { randomId: 42n, content } }) as ActInit;
    expect(boxesOf(group.act(CAT, once()), 'deliver')).toHaveLength(3);
    const again = group.act(CAT, once());
    expect(boxesOf(again, 'deliver')).toEqual([]);
    expect(boxesOf(again, 'groupAnswer')).toEqual([CAT]);
    expect(boxesOf(group.act(ANN, once()), 'deliver')).toHaveLength(3);
  });

  it('tells who is removed that he is, and nothing after it', () => {
    expect(boxesOf(group.act(BEN, remove(CAT)), 'deliver')).toEqual([ANN, BEN, CAT]);
    expect(boxesOf(group.act(ANN, post()), 'deliver')).toEqual([ANN, BEN]);
    expect(answerOf(group.act(CAT, post()))).toBe('CHAT_WRITE_FORBIDDEN');
  });

  it('mentions who is answered', () => {
    group.act(CAT, post());
    const change = group.act(ANN, { case: 'post', value: { content, replyTo: { box: BigInt(GROUP), id: 3 } } } as ActInit);
    const mentioned = change.derived.flatMap((derived) => ('body' in derived && derived.body.case === 'deliver' && derived.body.value.mentioned ? [derived.box] : []));
    expect(mentioned).toEqual([CAT]);
  });

  it('tells those who wrote how far others have read, once', () => {
    group.act(CAT, post());
    const read = (id: number): ActInit => ({ case: 'read', value: { id } }) as ActInit;
    expect(boxesOf(group.act(ANN, read(3)), 'readOutbox')).toEqual([CAT]);
    expect(boxesOf(group.act(BEN, read(3)), 'readOutbox')).toEqual([ANN]);
    expect(boxesOf(group.act(BEN, read(3)), 'readOutbox')).toEqual([]);
  });

  it('deletes for all what a member wrote, and what others wrote for admins alone', () => {
    group.act(ANN, post());
    const wipe = (): ActInit => ({ case: 'delete', value: { ids: [3] } }) as ActInit;
    expect(boxesOf(group.act(CAT, wipe()), 'deleteCopy')).toEqual([]);
    expect(boxesOf(group.act(BEN, wipe()), 'deleteCopy')).toEqual([ANN, BEN, CAT]);
  });

  it.each<[string, number, ActInit, string]>([
    ['a stranger writes', EVE, post(), 'CHAT_WRITE_FORBIDDEN'],
    ['a stranger adds', EVE, add(DAN), 'USER_NOT_PARTICIPANT'],
    ['a member adds', CAT, add(DAN), ''],
    ['a member adds a member', CAT, add(BEN), 'USER_ALREADY_PARTICIPANT'],
    ['a member removes another\'s guest', CAT, remove(ANN), 'USER_ADMIN_INVALID'],
    ['an admin removes the creator', BEN, remove(ANN), 'USER_ADMIN_INVALID'],
    ['an admin removes a member', BEN, remove(CAT), ''],
    ['an admin removes who isn\'t there', BEN, remove(DAN), 'USER_NOT_PARTICIPANT'],
    ['a member leaves', CAT, remove(CAT), ''],
    ['an admin names an admin', BEN, setAdmin(CAT), 'CHAT_ADMIN_REQUIRED'],
    ['the creator names himself', ANN, setAdmin(ANN), 'USER_CREATOR'],
    ['a member takes rights', CAT, ban(BANNED.send_messages), 'CHAT_ADMIN_REQUIRED'],
    ['the same rights again', ANN, ban(0), 'CHAT_NOT_MODIFIED'],
    ['a member makes a link', CAT, invite({}), 'CHAT_ADMIN_REQUIRED'],
    ['somebody joins by no link', EVE, join, 'INVITE_HASH_EXPIRED'],
    ['a member edits what isn\'t his', CAT, { case: 'edit', value: { id: 2, content } } as ActInit, 'MESSAGE_AUTHOR_REQUIRED'],
    ['somebody makes it again', EVE, { case: 'create', value: {} } as ActInit, 'CHAT_ID_TAKEN'],
  ])('%s', (_, actor, act, error) => {
    expect(answerOf(group.act(actor, act))).toBe(error);
  });

  it.each<[string, number, ActInit, string]>([
    ['writing', BANNED.send_messages, post(), 'CHAT_WRITE_FORBIDDEN'],
    ['plain text', BANNED.send_plain, post(), 'CHAT_SEND_PLAIN_FORBIDDEN'],
    ['media', BANNED.send_media, post({ ...content, mediaClass: MediaClass.voice }), 'CHAT_SEND_MEDIA_FORBIDDEN'],
    ['voices', BANNED.send_voices, post({ ...content, mediaClass: MediaClass.voice }), 'CHAT_SEND_VOICES_FORBIDDEN'],
    ['inviting', BANNED.invite_users, add(DAN), 'CHAT_ADMIN_REQUIRED'],
    ['the title', BANNED.change_info, { case: 'setTitle', value: { titleSealed: Uint8Array.of(1) } } as ActInit, 'CHAT_ADMIN_REQUIRED'],
    ['pinning', BANNED.pin_messages, { case: 'pin', value: { id: 2 } } as ActInit, 'CHAT_ADMIN_REQUIRED'],
  ])('takes %s from members by default rights, not from admins', (_, banned, act, error) => {
    expect(answerOf(group.act(ANN, ban(banned)))).toBe('');
    expect(answerOf(group.act(CAT, act))).toBe(error);
    expect(answerOf(group.act(BEN, act))).toBe('');
  });

  it('is somebody else\'s at once whom its creator leaves it to, and stays his where an old command says nothing of that', () => {
    group.act(ANN, remove(ANN));
    group.act(ANN, add(ANN));
    const known = group.version;
    const left = group.act(ANN, { case: 'remove', value: { user: BigInt(ANN), handOver: true } } as ActInit);
    const views = left.derived.flatMap((derived) => ('body' in derived && derived.body.case === 'deliver' ? [derived.body.value] : []));
    // Two versions on from what they know: members ask who it is.
    expect(views.map(({ view }) => [Number(view?.creator), view?.version])).toEqual([ANN, BEN, CAT].map(() => [BEN, known + 2]));
    group.act(ANN, add(ANN));
    expect(answerOf(group.act(ANN, setAdmin(CAT)))).toBe('CHAT_ADMIN_REQUIRED');
    expect(answerOf(group.act(BEN, setAdmin(CAT)))).toBe('');
  });

  it.each<[string, number, number, string]>([
    ['a member himself', CAT, CAT, ''], ['a member another', CAT, BEN, 'CHAT_ADMIN_REQUIRED'], ['an admin a member', BEN, CAT, ''], ['an admin the creator', BEN, ANN, 'CHAT_ADMIN_REQUIRED'],
    ['the creator an admin', ANN, BEN, ''], ['an admin who isn\'t there', BEN, DAN, 'USER_NOT_PARTICIPANT'], ['a stranger', DAN, DAN, 'USER_NOT_PARTICIPANT'],
  ])('calls people something: %s', (_, actor, user, error) => {
    const change = group.act(actor, { case: 'setRank', value: { user: BigInt(user), rankSealed: Uint8Array.of(9) } } as ActInit);
    expect(answerOf(change)).toBe(error);
    if (error === '') expect(boxesOf(change, 'groupTold')).toEqual([ANN, BEN, CAT]);
    expect(group.member(user)?.rankSealed ?? new Uint8Array(0)).toEqual(error === '' ? Uint8Array.of(9) : new Uint8Array(0));
  });

  it('calls nobody anything whom default rights forbid it, nor who left', () => {
    group.act(ANN, ban(BANNED.edit_rank));
    const rank = { case: 'setRank', value: { user: BigInt(CAT), rankSealed: Uint8Array.of(9) } } as ActInit;
    expect(answerOf(group.act(CAT, rank))).toBe('CHAT_ADMIN_REQUIRED');
    group.act(BEN, rank);
    group.act(CAT, remove(CAT));
    expect(group.member(CAT)?.rankSealed).toHaveLength(0);
  });

  it('lets in by a link until it is spent, over, revoked, or for who was removed', () => {
    group.act(BEN, remove(CAT));
    group.act(ANN, invite({ usageLimit: 1 }));
    expect(answerOf(group.act(CAT, join))).toBe('INVITE_HASH_EXPIRED');
    expect(answerOf(group.act(DAN, join))).toBe('');
    expect(answerOf(group.act(EVE, join))).toBe('INVITE_HASH_EXPIRED');
    group.act(ANN, invite({ usageLimit: 2, expireDate: 1 }));
    expect(answerOf(group.act(EVE, join))).toBe('INVITE_HASH_EXPIRED');
    group.act(ANN, invite({ revoked: true }));
    expect(answerOf(group.act(EVE, join))).toBe('INVITE_HASH_EXPIRED');
    group.act(ANN, invite({}));
    expect(answerOf(group.act(EVE, join))).toBe('');
  });

  describe('asked to be let in', () => {
    const asked = (change: Change): boolean => change.derived.some((derived) => 'body' in derived && derived.body.case === 'groupAnswer' && derived.body.value.requested);
    const leftOver = (change: Change): boolean => change.derived.some((derived) => 'body' in derived && derived.body.case === 'groupAnswer' && derived.body.value.more);

    beforeEach(() => {
      group.act(ANN, invite({ requestNeeded: true }));
    });

    it('keeps who asks waiting, and lets in whom an admin names', () => {
      const first = group.act(DAN, join);
      expect([asked(first), boxesOf(first, 'deliver')]).toEqual([true, []]);
      expect(asked(group.act(DAN, join))).toBe(true);
      expect(answerOf(group.act(DAN, post()))).toBe('CHAT_WRITE_FORBIDDEN');
      expect(group.requests()).toEqual([DAN]);
      expect(answerOf(group.act(CAT, answer(true, DAN)))).toBe('CHAT_ADMIN_REQUIRED');
      expect(answerOf(group.act(BEN, answer(true, EVE)))).toBe('HIDE_REQUESTER_MISSING');
      const change = group.act(BEN, answer(true, DAN));
      const copies = change.derived.flatMap((derived) => ('body' in derived && derived.body.case === 'deliver' ? [{ box: derived.box, from: Number(derived.body.value.from), out: derived.body.value.out, answers: derived.caller?.callId }] : []));
      // The newcomer says it; who let him in is answered by it.
      expect(copies).toEqual([{ box: ANN, from: DAN, out: false }, { box: BEN, from: DAN, out: false, answers: 7n }, { box: CAT, from: DAN, out: false }, { box: DAN, from: DAN, out: true }]);
      expect(group.requests()).toEqual([]);
      expect(group.member(DAN)).toMatchObject({ inviter: BigInt(ANN), nonce: 5, approvedBy: BigInt(BEN) });
      expect(boxesOf(group.act(DAN, post()), 'deliver')).toEqual([ANN, BEN, CAT, DAN]);
    });

    it('forgets who is refused or comes otherwise, and takes nobody who was removed', () => {
      group.act(DAN, join);
      expect(answerOf(group.act(BEN, answer(false, DAN)))).toBe('');
      expect(group.requests()).toEqual([]);
      group.act(DAN, join);
      group.act(CAT, add(DAN));
      expect(group.requests()).toEqual([]);
      group.act(BEN, remove(CAT));
      expect(answerOf(group.act(CAT, join))).toBe('INVITE_HASH_EXPIRED');
    });

    it('lets in all, as many at once as it can tell everybody of', () => {
      const asking = Array.from({ length: 60 }, (_, index) => 10_000 + index);
      for (const user of asking) group.act(user, join);
      expect(group.requests()).toEqual(asking);
      let commands = 0;
      let change: Change;
      do {
        change = group.act(ANN, answer(true));
        expect(answerOf(change)).toBe('');
        expect(change.derived.length).toBeLessThanOrEqual(DERIVED_COMMANDS_MAX);
        expect(change.derived.filter((derived) => 'caller' in derived && derived.caller !== undefined)).toHaveLength(1);
        commands += 1;
      } while (leftOver(change));
      expect(commands).toBeGreaterThan(2);
      expect(group.requests()).toEqual([]);
      expect(boxesOf(group.act(ANN, post()), 'deliver')).toHaveLength(63);
    });

    it('refuses to let in more than it has room for', () => {
      for (let user = 0; user < GROUP_MEMBERS_MAX - 4; user += 1) group.act(ANN, add(10_000 + user));
      for (const user of [DAN, EVE]) expect(asked(group.act(user, join))).toBe(true);
      expect(answerOf(group.act(ANN, answer(true)))).toBe('USERS_TOO_MUCH');
      expect(answerOf(group.act(ANN, answer(true, EVE)))).toBe('');
      expect(answerOf(group.act(30_000, join))).toBe('USERS_TOO_MUCH');
      expect(group.requests()).toEqual([DAN]);
    });
  });

  it('takes back who was removed from admins alone', () => {
    group.act(BEN, remove(CAT));
    group.act(ANN, add(DAN));
    expect(answerOf(group.act(DAN, add(CAT)))).toBe('USER_KICKED');
    expect(answerOf(group.act(BEN, add(CAT)))).toBe('');
  });

  it('ends for all by its creator, and deletes what was written page by page, each asked for by way of the creator', () => {
    group.act(ANN, invite({}));
    for (let index = 0; index < 2 * DELETE_IDS_MAX; index += 1) group.act(CAT, post());
    group.act(BEN, remove(CAT));
    const destroy: ActInit = { case: 'destroy', value: {} } as ActInit;
    for (const user of [BEN, CAT, EVE]) expect(answerOf(group.act(user, destroy))).toBe('CHAT_ADMIN_REQUIRED');
    const asks = (change: Change): boolean => change.derived.some((derived) => 'body' in derived && derived.body.case === 'groupTold' && derived.body.value.moreToDelete);
    const first = group.act(ANN, destroy);
    const views = first.derived.flatMap((derived) => ('body' in derived && derived.body.case === 'groupTold' && derived.body.value.view !== undefined ? [[derived.box, derived.body.value.view.kicked, derived.caller?.callId]] : []));
    expect(views).toEqual([[ANN, true, 7n], [BEN, true, undefined]]);
    expect(boxesOf(first, 'deleteCopy')).toEqual([ANN, BEN]);
    for (const act of [post(), add(DAN)]) expect(answerOf(group.act(ANN, act))).toBe('CHAT_ID_INVALID');
    expect(answerOf(group.act(EVE, join))).toBe('INVITE_HASH_EXPIRED');
    let pages = 1;
    for (let change = first; asks(change); pages += 1) {
      change = group.act(ANN, destroy);
      expect(boxesOf(change, 'deleteCopy')).toEqual([ANN, BEN]);
    }
    expect(pages).toBe(3);
    expect(group.alive()).toEqual([]);
    const again = group.act(ANN, destroy);
    expect([boxesOf(again, 'deleteCopy'), answerOf(again)]).toEqual([[], '']);
  });

  it('has at most so many members', () => {
    for (let user = 0; user < GROUP_MEMBERS_MAX - 3; user += 1) expect(answerOf(group.act(ANN, add(10_000 + user)))).toBe('');
    expect(answerOf(group.act(ANN, add(EVE)))).toBe('USERS_TOO_MUCH');
    expect(group.act(ANN, { case: 'pin', value: { id: 2 } } as ActInit).derived).toHaveLength(2 * GROUP_MEMBERS_MAX);
  });
});

describe('reactions', () => {
  const react = (id: number, name = 'x'): ActInit => ({ case: 'react', value: { id, reaction: name === '' ? {} : { sealed: Buffer.from(name), token: BigInt(name.length) } } }) as ActInit;
  const made = (): TestGroup => {
    const group = new TestGroup();
    group.act(ANN, { case: 'create', value: { members: [BEN, CAT].map(BigInt) } } as ActInit);
    group.act(BEN, post());
    return group;
  };

  test('go to everybody as the actor’s own, whoever the command says they are', () => {
    const change = made().act(CAT, { case: 'react', value: { id: 3, reaction: { user: BigInt(ANN), sealed: Buffer.from('x'), token: 1n } } } as ActInit);
    expect(boxesOf(change, 'reactCopy')).toEqual([ANN, BEN, CAT]);
    for (const derived of change.derived) expect(derived).toMatchObject({ body: { value: { uid: { box: BigInt(GROUP), id: 3 }, reaction: { user: BigInt(CAT) } } } });
    expect(change.derived.map((derived) => ('body' in derived ? derived.caller?.callId : undefined))).toEqual([undefined, undefined, 7n]);
    expect(change.ptsCount).toBe(0);
  });

  test('are refused to those who may not, who still take back', () => {
    const group = made();
    expect(answerOf(group.act(DAN, react(3)))).toBe('CHAT_WRITE_FORBIDDEN');
    expect(answerOf(group.act(CAT, react(9)))).toBe('MESSAGE_ID_INVALID');
    group.act(ANN, { case: 'setDefaultRights', value: { banned: BANNED.send_reactions } } as ActInit);
    expect(answerOf(group.act(CAT, react(3)))).toBe('CHAT_WRITE_FORBIDDEN');
    expect(boxesOf(group.act(CAT, react(3, '')), 'reactCopy')).toHaveLength(3);
    expect(boxesOf(group.act(ANN, react(3)), 'reactCopy')).toHaveLength(3);
  });

  test('are those that the group takes', () => {
    const group = made();
    const some = (...tokens: bigint[]): ActInit => ({ case: 'setReactions', value: { reactions: { some: tokens.map((token) => ({ token })) } } }) as unknown as ActInit;
    expect(answerOf(group.act(ANN, { case: 'setReactions', value: { reactions: { all: true, some: [] } } } as unknown as ActInit))).toBe('CHAT_NOT_MODIFIED');
    expect(boxesOf(group.act(ANN, some(1n, 5n)), 'groupTold')).toEqual([ANN, BEN, CAT]);
    expect(answerOf(group.act(ANN, some(5n, 1n)))).toBe('CHAT_NOT_MODIFIED');
    expect(answerOf(group.act(BEN, react(3, 'xx')))).toBe('REACTION_INVALID');
    expect(boxesOf(group.act(BEN, react(3, 'x')), 'reactCopy')).toHaveLength(3);
    group.act(ANN, some());
    expect(answerOf(group.act(BEN, react(3, 'x')))).toBe('REACTION_INVALID');
    group.act(ANN, { case: 'setDefaultRights', value: { banned: BANNED.change_info } } as ActInit);
    expect(answerOf(group.act(BEN, some(1n)))).toBe('CHAT_ADMIN_REQUIRED');
    expect(answerOf(group.act(ANN, some(...Array.from({ length: 101 }, (_, token) => BigInt(token)))))).toBe('REACTION_INVALID');
  });
});

describe('a group that becomes a supergroup', () => {
  const migrate: ActInit = { case: 'migrate', value: { channelId: 1_000_000_002n, titleSealed: Uint8Array.of(7), channelNotice: content } } as unknown as ActInit;

  test('takes along whoever is in it at that moment, and takes nothing more', () => {
    const group = new TestGroup();
    group.act(ANN, { case: 'create', value: { members: [BEN, CAT].map(BigInt) } } as ActInit);
    group.act(ANN, setAdmin(BEN));
    group.act(ANN, remove(CAT));
    expect(answerOf(group.act(BEN, migrate))).toBe('CHAT_ADMIN_REQUIRED');
    const change = group.act(ANN, migrate);
    expect(boxesOf(change, 'deliver')).toEqual([ANN, BEN]);
    const [made] = change.derived.flatMap((derived) => ('body' in derived && derived.body.case === 'channelAct' ? [{ box: derived.box, act: derived.body.value }] : []));
    expect(made).toMatchObject({
      box: channelBox(1_000_000_002),
      act: { actor: BigInt(ANN), notice: content, act: { case: 'create', value: { migratedFrom: BigInt(-GROUP), members: [{ user: BigInt(ANN), admin: true }, { user: BigInt(BEN), admin: true, inviter: BigInt(ANN) }] } } },
    });
    expect(answerOf(group.act(ANN, post()))).toBe('CHAT_ID_INVALID');
  });

  test('takes along who asked to be let in, without the links that they came by', () => {
    const group = new TestGroup();
    group.act(ANN, { case: 'create', value: { members: [BEN].map(BigInt) } } as ActInit);
    group.act(ANN, invite({ requestNeeded: true }));
    group.act(DAN, join);
    const change = group.act(ANN, migrate);
    expect(group.requests()).toEqual([]);
    const [made] = change.derived.flatMap((derived) => ('body' in derived && derived.body.case === 'channelAct' && derived.body.value.act.case === 'create' ? [derived.body.value.act.value] : []));
    expect(made?.requests).toMatchObject([{ user: BigInt(DAN), nonce: 0 }]);
  });
});
