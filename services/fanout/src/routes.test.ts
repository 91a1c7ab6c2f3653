import { channelBox } from '@heliograph/box/box-id';
import { fakeClock } from '@heliograph/testing/fake-clock';
import { GatewayStream, type PushInit } from './gateway-stream';
import { GATEWAY_QUEUE_PUSHES_MAX, FRAME_PUSHES_MAX, LEFT_CHANNELS_MAX, LEFT_USERS_PER_CHANNEL_MAX, LEFT_WINDOW_MS, MISSED_WINDOW_MS } from './limits';
import { RecentLeavers } from './recent-leavers';
import { Routes, UPDATES_TOO_LONG } from './routes';

const typing = (...users: number[]): PushInit => ({ userIds: users.map(BigInt), what: { case: 'updates', value: Uint8Array.of(1, 2, 3, 4) } });

/** What waits for a stream, as user ids per push; ends the stream. */
async function drained(stream: GatewayStream): Promise<number[][]> {
  stream.end();
  const found: number[][] = [];
  for await (const frame of stream.frames(() => {})) for (const push of frame.pushes ?? []) found.push((push.userIds ?? []).map(Number));
  return found;
}

describe('Routes', () => {
  const clock = fakeClock();
  let routes: Routes;
  let one: GatewayStream;
  let two: GatewayStream;
  beforeEach(() => {
    routes = new Routes(clock);
    one = new GatewayStream('one');
    two = new GatewayStream('two');
    for (const stream of [one, two]) routes.attach(stream);
    routes.announce(one, [1, 2], []);
    routes.announce(two, [2, 3], []);
  });

  it('hands each gateway its own users', async () => {
    routes.deliver(typing(1, 2, 3, 4));
    routes.deliver(typing(2));
    routes.deliver(typing(4));
    expect(await drained(one)).toEqual([[1, 2], [2]]);
    expect(await drained(two)).toEqual([[2, 3], [2]]);
  });

  it('hands what names no user to every gateway', async () => {
    routes.deliver({ userIds: [], what: { case: 'userChanged', value: 9n } });
    expect(await drained(one)).toEqual([[]]);
    expect(await drained(two)).toEqual([[]]);
  });

  it('forgets users that left, and gateways that went', async () => {
    routes.announce(one, [], [2]);
    routes.detach(two);
    routes.deliver(typing(2));
    expect(routes.of(2).size).toBe(0);
    expect(await drained(one)).toEqual([]);
  });

  it('lets a gateway that comes again replace its old stream', async () => {
    const again = new GatewayStream('one');
    routes.attach(again);
    routes.announce(one, [7], []);
    routes.announce(again, [1], []);
    routes.deliver(typing(1));
    routes.deliver(typing(7));
    expect(await drained(one)).toEqual([]);
    expect(await drained(again)).toEqual([[1]]);
    expect(routes.gateways).toBe(2);
  });

  it('knows who has one session only, and makes those ask who came while its own changes were kept from it', async () => {
    const session = { authKeyId: 5n, sessionId: 6n };
    routes.changeSole(one, 1, session);
    expect([routes.hasOnly(1, session), routes.hasOnly(1, { ...session, sessionId: 7n }), routes.hasOnly(1, { ...session, authKeyId: 7n })]).toEqual([true, false, false]);
    // At two gateways, both must say so.
    routes.changeSole(one, 2, session);
    expect(routes.hasOnly(2, session)).toBe(false);
    routes.changeSole(one, 1, session);
    routes.leftUntold(1);
    routes.leftUntold(2);
    routes.changeSole(one, 1, session);
    routes.changeSole(one, 1, undefined);
    routes.changeSole(one, 2, { ...session, sessionId: 8n });
    // Not here.
    routes.changeSole(one, 3, session);
    expect(routes.hasOnly(1, session)).toBe(false);
    expect(await drained(one)).toEqual([[1], [2]]);
    expect(await drained(two)).toEqual([]);
  });

  it('makes a user that is announced just after an update ask for it, at each gateway that comes too late', async () => {
    routes.wentBy(5);
    routes.wentBy(6);
    routes.announce(one, [5], []);
    routes.announce(two, [5], []);
    await clock.advance(MISSED_WINDOW_MS + 1);
    routes.announce(one, [6], []);
    expect(await drained(one)).toEqual([[5]]);
    expect(await drained(two)).toEqual([[5]]);
  });
});

describe('RecentLeavers', () => {
  const NEWS = channelBox(1_000_000_002);

  it('knows who left lately and did not come back', async () => {
    const clock = fakeClock();
    const leavers = new RecentLeavers(clock);
    leavers.note(NEWS, { joined: [], left: [1n, 2n] }, 5n);
    await clock.advance(LEFT_WINDOW_MS / 2);
    leavers.note(NEWS, { joined: [2n], left: [3n] }, 6n);
    expect(leavers.of(NEWS)).toEqual({ left: [1n, 3n], version: 6n });
    await clock.advance(LEFT_WINDOW_MS / 2 + 1);
    expect(leavers.of(NEWS)).toEqual({ left: [3n], version: 6n });
    await clock.advance(LEFT_WINDOW_MS);
    expect(leavers.of(NEWS)).toBeUndefined();
  });

  it('forgets those who left first at its limits', () => {
    const leavers = new RecentLeavers(fakeClock());
    const all = Array.from({ length: LEFT_USERS_PER_CHANNEL_MAX + 1 }, (_, index) => BigInt(index));
    leavers.note(NEWS, { joined: [], left: all }, 5n);
    expect(leavers.of(NEWS)?.left).toEqual(all.slice(1));
    for (let index = 1; index <= LEFT_CHANNELS_MAX; index += 1) leavers.note(NEWS - index, { joined: [], left: [1n] }, 5n);
    expect([leavers.of(NEWS), leavers.of(NEWS - 1)?.left]).toEqual([undefined, [1n]]);
  });
});

describe('GatewayStream', () => {
  it('gathers what waits into frames, in order', async () => {
    const stream = new GatewayStream('one');
    for (let user = 0; user < FRAME_PUSHES_MAX + 10; user += 1) stream.push(typing(user));
    stream.end();
    const sizes: number[] = [];
    const users: number[] = [];
    for await (const frame of stream.frames((size) => sizes.push(size))) for (const push of frame.pushes ?? []) users.push(Number(push.userIds?.[0]));
    expect(sizes).toEqual([FRAME_PUSHES_MAX, 10]);
    expect(users).toEqual(Array.from({ length: FRAME_PUSHES_MAX + 10 }, (_, i) => i));
  });

  it('says at once that it is there', async () => {
    const frames = new GatewayStream('one').frames(() => {}, [3]);
    expect(await frames.next()).toEqual({ done: false, value: { pushes: [], sliced: true, slices: [3] } });
  });

  it('drops its queue and ends when its gateway takes too little', async () => {
    const stream = new GatewayStream('one');
    for (let i = 0; i <= GATEWAY_QUEUE_PUSHES_MAX; i += 1) stream.push(typing(1));
    expect(stream.overflowed).toBe(true);
    expect(await drained(stream)).toEqual([]);
  });

  it('bounds the bytes that wait as well', () => {
    const stream = new GatewayStream('one');
    const large: PushInit = { userIds: [1n], what: { case: 'updates', value: new Uint8Array(1 << 20) } };
    for (let i = 0; i < 63; i += 1) stream.push(large);
    expect(stream.overflowed).toBe(false);
    stream.push(large);
    expect(stream.overflowed).toBe(true);
  });
});

test('updatesTooLong is written as in the schema', async () => {
  const { writeObject } = await import('@heliograph/tl/writer');
  expect(Buffer.from(writeObject({ _: 'updatesTooLong' }, 'newest'))).toEqual(Buffer.from(UPDATES_TOO_LONG));
});
