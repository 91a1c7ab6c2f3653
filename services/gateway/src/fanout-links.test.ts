import { channelBox } from '@heliograph/box/box-id';
import { type AttachRequest, type Push, PushSchema } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';
import { create } from '@bufbuild/protobuf';
import { eventually } from '@heliograph/testing/eventually';
import { FanoutLinks } from './fanout-links';

const HERE = channelBox(1_000_000_002);
const THERE = channelBox(1_000_000_001);
const NOWHERE = channelBox(1_000_000_007);
const ANN = 66;

/** The fanout of a data center, as a gateway meets it. */
class Fanout {
  readonly announced = new Set<number>();
  attaches = 0;
  broadcasts = true;
  broken = false;
  private queue: Push[] = [];
  private wake: (() => void) | undefined;

  push(push: Push): void {
    this.queue.push(push);
    this.wake?.();
  }

  break(): void {
    this.broken = true;
    this.wake?.();
  }

  async *attach(requests: AsyncIterable<Partial<AttachRequest>>): AsyncGenerator<object> {
    this.attaches += 1;
    this.broken = false;
    void (async () => {
      for await (const { usersAdded = [], usersRemoved = [], broadcasts } of requests) {
        if (broadcasts !== undefined) this.broadcasts = broadcasts;
        for (const key of usersAdded) this.announced.add(Number(key));
        for (const key of usersRemoved) this.announced.delete(Number(key));
      }
    })();
    yield { pushes: [], slices: [], sliced: false };
    while (!this.broken) {
      if (this.queue.length > 0) yield { pushes: this.queue.splice(0), slices: [], sliced: false };
      else await new Promise<void>((resolve) => { this.wake = resolve; });
    }
    this.announced.clear();
  }
}

describe('links to fanouts', () => {
  let fanouts: Map<number, Fanout>;
  let channels: Set<number>;
  let pushes: Push[];
  let lost: number[];
  let links: FanoutLinks;
  let running: Promise<void>;
  let now: number;
  beforeEach(() => {
    fanouts = new Map([[1, new Fanout()], [2, new Fanout()]]);
    channels = new Set();
    pushes = [];
    lost = [];
    now = 0;
    links = new FanoutLinks({
      gatewayId: 'ab00', dc: 2, dcs: [1, 2], fanouts: (dc) => {
        if (!fanouts.has(dc)) throw new Error('no such place');
        return [fanouts.get(dc)] as never;
      },
      clock: { now: () => now, sleep: () => new Promise((resolve) => setTimeout(resolve, 2)), every: () => ({ stop() {} }) },
      users: () => [ANN], channels: () => channels, soleSession: () => undefined,
      onPush: (push) => pushes.push(push), onLost: (dc) => lost.push(dc), onBroadcastsLost() {},
      log: { debug() {}, info() {}, warn() {}, error() {} },
    });
    running = links.run();
  });
  afterEach(async () => {
    links.stop();
    for (const fanout of fanouts.values()) fanout.break();
    await running;
  });
  const fanout = (dc: number): Fanout => fanouts.get(dc) as Fanout;
  const add = (channel: number): void => {
    channels.add(channel);
    links.channelAdded(channel);
  };

  it('announce channels where they live, and reach another data center when the first of its channels is there', async () => {
    await eventually(() => fanout(2).announced.has(ANN));
    add(HERE);
    add(NOWHERE);
    await eventually(() => fanout(2).announced.has(HERE));
    expect([fanout(1).attaches, fanout(2).broadcasts]).toEqual([0, true]);
    add(THERE);
    await eventually(() => fanout(1).announced.has(THERE));
    expect([[...fanout(1).announced], fanout(1).broadcasts, fanout(2).announced.has(THERE)]).toEqual([[THERE], false, false]);
    channels.delete(THERE);
    links.channelRemoved(THERE);
    await eventually(() => !fanout(1).announced.has(THERE));
  });

  it('go on without a data center that nobody can find', async () => {
    fanouts.delete(1);
    add(THERE);
    add(HERE);
    await eventually(() => fanout(2).announced.has(HERE));
  });

  it('take of another data center what is of its channels alone, and tell what may be lost', async () => {
    add(THERE);
    await eventually(() => fanout(1).announced.has(THERE));
    fanout(1).push(create(PushSchema, { what: { case: 'authKeyRevoked', value: 5n } }));
    fanout(1).push(create(PushSchema, { userIds: [BigInt(ANN)], what: { case: 'updates', value: Uint8Array.of(1) } }));
    fanout(1).push(create(PushSchema, { what: { case: 'channel', value: { channel: BigInt(THERE) } } }));
    await eventually(() => pushes.length > 0);
    expect(pushes).toMatchObject([{ what: { case: 'channel' } }]);
    now = 60_000;
    fanout(1).break();
    await eventually(() => lost.includes(1) && fanout(1).announced.has(THERE));
    expect(lost).not.toContain(2);
  });
});
