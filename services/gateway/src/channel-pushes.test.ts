import { create } from '@bufbuild/protobuf';
import { channelBox, channelOfBox } from '@heliograph/box/box-id';
import { type ChannelPush, type Push, PushSchema } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';
import { writeObject } from '@heliograph/tl/writer';
import { ChannelMembers } from './channel-members';
import { ChannelPushes } from './channel-pushes';
import { CHANNEL_QUEUE_PUSHES_MAX, CHANNEL_RUN_PUSHES_MAX, CHANNEL_TURN_SESSIONS } from './limits';
import type { Online } from './online';
import type { Session } from './session';
import { tlCodec } from './tl-codec';

const BIG = channelBox(1_000_000_002);
const SMALL = channelBox(1_000_000_034);
const COUNTER = { add() {} };

type Told = Partial<Pick<ChannelPush, 'updates' | 'joined' | 'left'>> & { variants?: { userIds: bigint[]; updates: Uint8Array }[] };

describe('pushes of channels', () => {
  /** What waits for the next turn of the event loop. */
  let next: (() => void)[];
  let online: Set<number>;
  /** Ids of deleted messages that each user was told of, `old` for updateChannelTooLong, and by whom, in order. */
  let handed: { user: number; what: number | 'old' }[];
  let bodies: Map<Uint8Array, number>;
  let members: ChannelMembers;
  let pushes: ChannelPushes;
  let dressing: (() => void)[];
  let slow: boolean;

  const sessionOf = (user: number) => ({ user, listening: true, id: BigInt(user), key: { login: { permanentKeyId: BigInt(user) } } }) as unknown as Session;
  const turn = (): void => {
    for (const task of next.splice(0)) task();
  };
  const allTurns = (): void => {
    while (next.length > 0) turn();
  };
  const deleted = (channel: number, id: number): Uint8Array => writeObject({
    _: 'updates', updates: [{ _: 'updateDeleteChannelMessages', channel_id: channelOfBox(channel), messages: [id], pts: id, pts_count: 1 }], users: [], chats: [], date: 1, seq: 0,
  }, 'newest');
  const push = (channel: number, id: number, more: Told = {}, of: { exceptAuthKeyId?: bigint; exceptSessionId?: bigint } = {}): void => {
    const made: Push = create(PushSchema, { ...of, what: { case: 'channel', value: { channel: BigInt(channel), updates: deleted(channel, id), version: BigInt(id), ...more } } });
    if (made.what.case === 'channel') pushes.deliver(made, made.what.value);
  };
  const toldTo = (user: number): (number | 'old')[] => handed.filter((each) => each.user === user).map(({ what }) => what);

  beforeEach(() => {
    next = [];
    online = new Set(Array.from({ length: 1_300 }, (_, index) => 1_000 + index));
    handed = [];
    bodies = new Map();
    dressing = [];
    slow = false;
    members = new ChannelMembers({ now: () => 5_000, isOnline: (user) => online.has(user), onChannelAdded() {}, onChannelRemoved() {} });
    const sessions = new Map([...online].map((user) => [user, sessionOf(user)]));
    pushes = new ChannelPushes({
      codec: tlCodec, members, failures: COUNTER, log: { debug() {}, info() {}, warn() {}, error() {} },
      online: { has: (user: number) => online.has(user), sessionsOf: (user: number) => (online.has(user) ? [sessions.get(user)] : []) } as unknown as Online,
      now: () => 5_000, layer: () => tlCodec.newestLayer,
      schedule: (task) => next.push(task),
      dress: () => undefined,
      dressForAll: () => (slow ? new Promise<void>((resolve) => dressing.push(resolve)) : undefined),
      hand: (session, body) => {
        const updates = tlCodec.readUpdates(body) as { _: string; updates?: { messages: number[] }[] };
        handed.push({ user: Number(session.id), what: updates._ === 'updateShort' ? 'old' : (updates.updates?.[0]?.messages[0] as number) });
        bodies.set(body, (bodies.get(body) ?? 0) + 1);
      },
    });
    for (const user of online) members.join(BIG, user, 1);
    for (const user of [1_000, 1_001, 1_002]) members.join(SMALL, user, 1);
  });

  it('writes a huge one in slices, encoded once, and lets another in between', () => {
    push(BIG, 2);
    expect(handed).toHaveLength(CHANNEL_TURN_SESSIONS);
    push(SMALL, 2);
    turn();
    // The small one had its turn after one slice of the huge one.
    expect(handed.slice(CHANNEL_TURN_SESSIONS, CHANNEL_TURN_SESSIONS + 503).filter(({ user }) => user <= 1_002)).toHaveLength(3);
    allTurns();
    expect(handed).toHaveLength(1_303);
    expect([...bodies.values()]).toEqual([1_300, 3]);
  });

  it('keeps the order for each member, and lets what came meanwhile go together', () => {
    for (let id = 2; id < 82; id += 1) push(BIG, id);
    allTurns();
    const ids = Array.from({ length: 80 }, (_, index) => index + 2);
    for (const user of [1_000, 1_600, 2_299]) expect(toldTo(user)).toEqual(ids);
    expect(handed).toHaveLength(80 * 1_300);
    // After the first, which went alone, each member is met once per run.
    const meetings = handed.filter(({ user }, index) => handed[index - 1]?.user !== user).length;
    expect(meetings).toBeLessThanOrEqual(1_300 * (1 + Math.ceil(79 / CHANNEL_RUN_PUSHES_MAX)));
  });

  it('gives some another sight of it, or none, and nothing to the session that has it in its answer', () => {
    push(SMALL, 2, { variants: [{ userIds: [1_001n], updates: deleted(SMALL, 77) }, { userIds: [1_002n, 9n], updates: new Uint8Array() }] });
    push(SMALL, 3, {}, { exceptAuthKeyId: 1_000n, exceptSessionId: 1_000n });
    allTurns();
    expect([toldTo(1_000), toldTo(1_001), toldTo(1_002)]).toEqual([[2], [77, 3], [3]]);
  });

  it('lets who came with a change have it, and who left nothing of what still waits', () => {
    push(SMALL, 2);
    push(SMALL, 3, { joined: [1_003n] });
    push(SMALL, 4, { left: [1_001n] });
    push(SMALL, 5, { updates: new Uint8Array(), joined: [1_004n, 12n] });
    push(SMALL, 6);
    allTurns();
    expect([1_000, 1_003, 1_004].map(toldTo)).toEqual([[2, 3, 4, 6], [3, 4, 6], [6]]);
    expect(toldTo(1_001)).toEqual([2, 3]);
    // What comes of a slow relay brings nobody back.
    pushes.route(1_001, create(PushSchema, { what: { case: 'channelRoute', value: { channel: BigInt(SMALL), present: true, version: 1n } } }).what.value as never);
    push(SMALL, 7);
    allTurns();
    expect(toldTo(1_001)).toEqual([2, 3]);
  });

  it('takes off who left in the midst of a huge one', () => {
    push(BIG, 2);
    push(BIG, 3, { updates: new Uint8Array(), left: [2_299n] });
    allTurns();
    expect([toldTo(2_298), toldTo(2_299)]).toEqual([[2], []]);
  });

  it('waits for names without losing the order', async () => {
    slow = true;
    push(SMALL, 2);
    slow = false;
    push(SMALL, 3);
    allTurns();
    expect(handed).toEqual([]);
    for (const resolve of dressing) resolve();
    await new Promise((resolve) => setImmediate(resolve));
    allTurns();
    expect(toldTo(1_000)).toEqual([2, 3]);
  });

  it('tells members to ask for what cannot be read, and for what is too much', () => {
    push(SMALL, 2, { updates: Uint8Array.of(1, 2, 3, 4) });
    allTurns();
    expect(toldTo(1_000)).toEqual(['old']);
    slow = true;
    push(SMALL, 3);
    slow = false;
    for (let id = 4; id < CHANNEL_QUEUE_PUSHES_MAX + 5; id += 1) push(SMALL, id, { joined: id === 5 ? [1_003n] : [] });
    allTurns();
    expect(toldTo(1_001)).toEqual(['old', 'old', CHANNEL_QUEUE_PUSHES_MAX + 3, CHANNEL_QUEUE_PUSHES_MAX + 4]);
    expect(members.place(SMALL)?.members.has(1_003)).toBe(true);
  });

  it('makes a member ask who came just after a change', () => {
    push(SMALL, 2);
    pushes.route(1_010, create(PushSchema, { what: { case: 'channelRoute', value: { channel: BigInt(SMALL), present: true, version: 2n } } }).what.value as never);
    expect(toldTo(1_010)).toEqual(['old']);
    pushes.tellAllMissed(SMALL);
    allTurns();
    expect(toldTo(1_010)).toEqual(['old', 'old']);
  });
});
