import type { MessageInitShape } from '@bufbuild/protobuf';
import type { AttachRequest, AttachResponseSchema, FanoutService, Push } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';
import type { Client } from '@heliograph/service-kit/kit';
import { USER_SLICES } from '@heliograph/service-kit/limits';
import { sliceOf } from '@heliograph/service-kit/slices';
import { eventually } from '@heliograph/testing/eventually';
import { PushStreams } from './push-streams';

type Frame = MessageInitShape<typeof AttachResponseSchema>;

const USERS = Array.from({ length: 200 }, (_, n) => (2 ** 20 + n) * 32 + 2);

/** A replica of fanout, as a gateway meets it. */
class Fanout {
  readonly users = new Set<number>();
  readonly slices = new Set<number>();
  readonly sole = new Map<number, bigint>();
  broadcasts = true;
  attached = false;
  up = true;
  /** An older one: it follows everything and knows no slices. */
  knowsSlices = true;
  /** Slices that it takes its time to follow. */
  readonly slow = new Set<number>();
  private outbox: Frame[] = [];
  private wake: (() => void) | undefined;

  readonly client = { attach: (requests: AsyncIterable<object>) => this.attach(requests as AsyncIterable<Partial<AttachRequest>>) } as unknown as Pick<Client<typeof FanoutService>, 'attach'>;

  push(userId: number): void {
    if (this.users.has(userId)) this.send({ pushes: [{ userIds: [BigInt(userId)], what: { case: 'updates', value: new Uint8Array(4) } }] });
  }

  broadcast(): void {
    if (this.attached && this.broadcasts) this.send({ pushes: [{ what: { case: 'userChanged', value: 1n } }] });
  }

  followed(slice: number): void {
    this.slow.delete(slice);
    this.send({ slices: [slice] });
  }

  kill(): void {
    this.up = false;
    this.wake?.();
  }

  private send(frame: Frame): void {
    this.outbox.push(frame);
    this.wake?.();
  }

  private async *attach(requests: AsyncIterable<Partial<AttachRequest>>): AsyncGenerator<Required<Pick<Frame, 'pushes' | 'slices' | 'sliced'>>> {
    if (!this.up) throw new Error('nobody there');
    this.outbox = [];
    this.attached = true;
    this.broadcasts = true;
    void (async () => {
      for await (const { usersAdded = [], usersRemoved = [], slicesAdded = [], slicesRemoved = [], broadcasts, soleSessions = [] } of requests) {
        if (broadcasts !== undefined) this.broadcasts = broadcasts;
        for (const slice of slicesAdded) {
          this.slices.add(slice);
          if (!this.slow.has(slice)) this.send({ slices: [slice] });
        }
        for (const user of usersAdded) this.users.add(Number(user));
        for (const user of usersRemoved) this.users.delete(Number(user));
        for (const { userId, sessionId = 0n } of soleSessions) this.sole.set(Number(userId), sessionId);
        for (const slice of slicesRemoved) this.slices.delete(slice);
      }
    })();
    try {
      yield { pushes: [], slices: [], sliced: this.knowsSlices };
      for (;;) {
        const frame = this.outbox.shift();
        if (!this.up) throw new Error('killed');
        if (frame === undefined) await new Promise<void>((resolve) => { this.wake = resolve; });
        else yield { pushes: frame.pushes ?? [], slices: frame.slices ?? [], sliced: false };
      }
    } finally {
      this.attached = false;
      this.users.clear();
      this.slices.clear();
    }
  }
}

describe('streams from fanout', () => {
  let fanouts: Fanout[];
  let online: Set<number>;
  let sole: Map<number, { authKeyId: bigint; sessionId: bigint }>;
  let pushed: number[];
  let broadcasts: number;
  let lost: Set<number>;
  let broadcastsLost: number;
  let now: number;
  let look: (() => void) | undefined;
  let streams: PushStreams;
  let running: Promise<void>;

  const start = (count: number): void => {
    fanouts = Array.from({ length: count }, () => new Fanout());
    streams = new PushStreams({
      gatewayId: 'ab00', fanouts: () => fanouts.map((fanout) => fanout.client),
      clock: {
        now: () => now, sleep: () => new Promise((resolve) => setTimeout(resolve, 2)),
        every: (_ms, task) => {
          look = () => void task();
          return { stop() {} };
        },
      },
      users: () => online,
      soleSession: (user) => sole.get(user),
      onPush: ({ userIds }: Push) => {
        if ((userIds ?? []).length === 0) broadcasts += 1;
        else pushed.push(...userIds.map(Number));
      },
      onLost: (slices) => {
        for (const slice of slices) lost.add(slice);
      },
      onBroadcastsLost: () => {
        broadcastsLost += 1;
      },
      log: { debug() {}, info() {}, warn() {}, error() {} },
    });
    running = streams.run();
  };
  beforeEach(() => {
    online = new Set(USERS);
    sole = new Map();
    pushed = [];
    broadcasts = 0;
    lost = new Set();
    broadcastsLost = 0;
    now = 0;
  });
  afterEach(async () => {
    streams.stop();
    for (const fanout of fanouts) fanout.kill();
    await running;
  });

  const fanout = (index: number): Fanout => fanouts[index] as Fanout;
  const announced = (): number[] => fanouts.flatMap(({ users }) => [...users]);
  /** Everybody is announced, each once. */
  const settled = async (users = USERS): Promise<void> => {
    await eventually(() => announced().length === users.length && new Set(announced()).size === users.length);
  };

  test('each user is announced at the home of their slice, and each push comes once', async () => {
    start(2);
    await settled();
    for (const user of fanout(0).users) expect(sliceOf(user) % 2).toBe(0);
    for (const user of USERS) for (const one of fanouts) one.push(user);
    for (const one of fanouts) one.broadcast();
    await eventually(() => pushed.length >= USERS.length && broadcasts > 0);
    expect([...pushed].sort((a, b) => a - b)).toEqual(USERS);
    expect(broadcasts).toBe(1);
    expect(lost.size + broadcastsLost).toBe(0);
  });

  test('who comes and goes is told to that replica', async () => {
    start(2);
    await settled();
    const user = (2 ** 20 + 500) * 32 + 2;
    streams.userAdded(user);
    await eventually(() => fanout(sliceOf(user) % 2).users.has(user));
    streams.userRemoved(user);
    await eventually(() => !fanout(sliceOf(user) % 2).users.has(user));
  });

  test('a replica is told whose only session is which, as it is when the frame leaves', async () => {
    const [one, two, three] = USERS as [number, number, number];
    sole.set(one, { authKeyId: 1n, sessionId: 11n });
    start(2);
    await settled();
    const of = (user: number): ReadonlyMap<number, bigint> => fanout(sliceOf(user) % 2).sole;
    expect([of(one).get(one), of(two).get(two)]).toEqual([11n, undefined]);
    sole.delete(one);
    streams.userChanged(one);
    streams.userChanged(two);
    sole.set(two, { authKeyId: 1n, sessionId: 12n });
    await eventually(() => of(one).get(one) === 0n && of(two).get(two) === 12n);
    // Who left is not spoken of.
    sole.set(three, { authKeyId: 1n, sessionId: 13n });
    streams.userChanged(three);
    streams.userRemoved(three);
    await eventually(() => !fanout(sliceOf(three) % 2).users.has(three));
    expect(of(three).has(three)).toBe(false);
    // Nor does fanout hear of one that goes when another of the same user comes; but of who is here.
    sole.set(one, { authKeyId: 1n, sessionId: 14n });
    streams.userRemoved(one);
    streams.userAdded(one);
    await eventually(() => of(one).get(one) === 14n);
    // Another replica is told with the user.
    for (const { sole } of fanouts) sole.clear();
    const [home, other] = [sliceOf(two) % 2, 1 - (sliceOf(two) % 2)];
    fanout(home).kill();
    await eventually(() => fanout(other).sole.get(two) === 12n);
  });

  test('a replica that goes leaves a gap for its own slices, told after they are followed elsewhere', async () => {
    start(2);
    await settled();
    await eventually(() => fanout(0).slices.size === USER_SLICES / 2);
    now = 60_000;
    fanout(0).slow.add(1);
    fanout(1).kill();
    await eventually(() => announced().length === USERS.filter((user) => sliceOf(user) !== 1).length);
    expect([...lost].sort((a, b) => a - b)).toEqual([3, 5, 7, 9, 11, 13, 15]);
    fanout(0).followed(1);
    await settled();
    expect(lost.has(1)).toBe(true);
    fanout(0).broadcast();
    await eventually(() => broadcasts === 1);
  });

  test('and gets its slices back without a gap', async () => {
    start(2);
    await settled();
    now = 60_000;
    fanout(1).kill();
    await eventually(() => fanout(0).users.size === USERS.length && lost.size === USER_SLICES / 2);
    lost.clear();
    for (let slice = 1; slice < USER_SLICES; slice += 2) fanout(1).slow.add(slice);
    fanout(1).up = true;
    await eventually(() => fanout(1).slices.size === USER_SLICES / 2);
    // Asked to follow, not following yet: the other one pushes.
    expect(fanout(0).users.size).toBe(USERS.length);
    for (let slice = 1; slice < USER_SLICES; slice += 2) fanout(1).followed(slice);
    await settled();
    await eventually(() => fanout(0).slices.size === USER_SLICES / 2);
    expect(fanout(1).users.size).toBe(USERS.filter((user) => sliceOf(user) % 2 === 1).length);
    expect(lost.size).toBe(0);
  });

  test('the loss of the one that broadcasts is told once another does', async () => {
    start(2);
    await settled();
    const broadcaster = fanouts.findIndex((one) => one.broadcasts);
    fanout(broadcaster).kill();
    await eventually(() => broadcastsLost === 1 && fanout(1 - broadcaster).broadcasts);
  });

  test('one of a version without slices is told users at once', async () => {
    start(0);
    fanouts.push(new Fanout(), new Fanout());
    for (const one of fanouts) one.knowsSlices = false;
    look?.();
    await settled();
    expect(fanouts.map((one) => one.slices.size)).toEqual([0, 0]);
  });

  test('a replica that is added gets its share', async () => {
    start(1);
    await settled();
    fanouts.push(new Fanout());
    look?.();
    await eventually(() => fanout(1).users.size > 0);
    await settled();
    expect(lost.size).toBe(0);
  });

  test('nobody there for a while: everybody is told to ask', async () => {
    start(1);
    fanout(0).up = false;
    now = 60_000;
    fanout(0).up = true;
    await settled();
    expect(lost.size).toBe(USER_SLICES);
  });
});
