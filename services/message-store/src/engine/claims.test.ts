import type { EventLog } from '@heliograph/event-log/event-log';
import { openMemoryEventLog } from '@heliograph/event-log/memory';
import type { Clock, Logger } from '@heliograph/service-kit/kit';
import { MemoryDisk, openMemoryStorage } from '@heliograph/storage/memory';
import type { Storage } from '@heliograph/storage/storage';
import { fakeClock, type FakeClock } from '@heliograph/testing/fake-clock';
import { Claims } from './claims';
import { BoxElsewhere, CommandUnknown, type BoxEngine, type Outcome } from './contract';
import { createBoxEngine } from './engine';
import { BOX_PARTITIONS, CLAIMS_LEAVE_NOTICE_MS, CLAIMS_LOOK_MS, CLAIMS_SILENT_LOOKS_MAX, CLAIMS_TRUST_MS } from './limits';
import { content } from './test-box';
import { partitionOfBox } from './topics';

const log: Logger = { debug() {}, info() {}, warn() {}, error() {} };
/** Boxes of several partitions, of both parities. */
const BOXES = Array.from({ length: 24 }, (_, n) => (2 ** 20 + n) * 32 + 2);

/** A port whose calls can be held up, as those of a paused process are. */
function freezable<T extends object>(port: T, gate: Gate): T {
  return new Proxy(port, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      if (name === 'append') {
        return (...args: unknown[]) => {
          const appended = gate.pass().then(() => Reflect.apply(value, target, args) as { firstOffset: Promise<bigint>; durable: Promise<void> });
          return { firstOffset: appended.then((result) => result.firstOffset).then((offset) => gate.pass().then(() => offset)), durable: appended.then((result) => result.durable).then(() => gate.pass()) };
        };
      }
      if (name === 'subscribe') {
        return (...args: [unknown, number, bigint, (batch: unknown) => Promise<void>]) => {
          const [topic, partition, from, handler] = args;
          return Reflect.apply(value, target, [topic, partition, from, async (batch: unknown) => gate.pass().then(() => handler(batch))]);
        };
      }
      return async (...args: unknown[]) => {
        await gate.pass();
        const result: unknown = await Reflect.apply(value, target, args);
        await gate.pass();
        return result;
      };
    },
  });
}

class Gate {
  private closed: Promise<void> | undefined;
  private open = (): void => {};

  pass(): Promise<void> {
    return this.closed ?? Promise.resolve();
  }

  shut(): void {
    this.closed = new Promise((resolve) => { this.open = resolve; });
  }

  unshut(): void {
    this.closed = undefined;
    this.open();
  }
}

class Replica {
  readonly gate = new Gate();
  engine!: BoxEngine;
  claims!: Claims;
  fit = true;
  /** A killed or paused one's timers stand still. */
  private running = true;
  /** What its timers wait for while it stands still. */
  private readonly clock: FakeClock = fakeClock();
  /** What `now` runs ahead by, after a pause. */
  private missedMs = 0;

  constructor(readonly cluster: Cluster, readonly index: number, readonly count: number) {}

  async start(): Promise<this> {
    const clock: Clock = { now: () => this.clock.now() + this.missedMs, sleep: (ms, signal) => this.clock.sleep(ms, signal), every: (ms, task) => this.clock.every(ms, task) };
    const storage = freezable(this.cluster.storage, this.gate);
    const life = `life ${this.cluster.lives += 1}`;
    this.engine = await createBoxEngine({
      storage, eventLog: freezable(this.cluster.eventLog, this.gate), clock, log, random: (bytes) => new Uint8Array(bytes).fill(this.cluster.lives), dc: 2, relayDcs: [1], partitions: [], carriedDcs: [],
      relay: () => Promise.reject(new Error('no relay')), ownerOf: (number) => this.claims.ownerOf({ kind: 'boxes', number }), trusted: () => this.claims.trusted,
    });
    this.claims = new Claims({
      storage, clock, log, fit: () => this.fit, replica: this.index, replicas: this.count, life, work: Claims.workOf(BOX_PARTITIONS, [1]),
      begin: ({ kind, number }) => (kind === 'boxes' ? this.engine.take(number) : this.engine.carryTo(number)),
      end: ({ kind, number }, atOnce) => (kind === 'boxes' ? this.engine.give(number, atOnce) : this.engine.stopCarrying(number)),
    });
    await this.claims.start();
    return this;
  }

  async advance(ms: number): Promise<void> {
    if (this.running) await this.clock.advance(ms);
    else this.missedMs += ms;
  }

  /** SIGSTOP, or for good kill −9. */
  pause(): void {
    this.running = false;
    this.gate.shut();
  }

  wake(): void {
    this.running = true;
    this.gate.unshut();
  }

  owned(): number[] {
    return this.claims.view().filter((work) => work.kind === 'boxes' && work.running).map((work) => work.number);
  }
}

class Cluster {
  readonly replicas: Replica[] = [];
  lives = 0;
  readonly storage: Storage;
  readonly eventLog: EventLog;

  constructor() {
    const disk = new MemoryDisk();
    const clock = fakeClock();
    this.storage = openMemoryStorage({ disk, clock });
    this.eventLog = openMemoryEventLog({ disk, clock });
  }

  async add(index: number, count: number): Promise<Replica> {
    const replica = new Replica(this, index, count);
    this.replicas.push(replica);
    return replica.start();
  }

  async advance(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 50) for (const replica of this.replicas) await replica.advance(50);
  }

  /** Every partition has one owner by the claims, and whoever runs it is that one. */
  check(): void {
    const owners = new Map<number, number[]>();
    for (const replica of this.replicas) for (const number of replica.owned()) owners.set(number, [...owners.get(number) ?? [], replica.index]);
    expect([...owners.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: BOX_PARTITIONS }, (_, number) => number));
    for (const [, running] of owners) expect(running).toHaveLength(1);
  }

  send(replica: Replica, from: number, to: number, randomId: bigint): Promise<Outcome> {
    return replica.engine.submit({ box: BigInt(from), date: 1_800_000_000, body: { case: 'send', value: { peer: BigInt(to), randomId, content: content(`m${randomId}`) } } });
  }

  /** Where callers go: to any, and on to whom that one names. */
  async owner(box: number): Promise<Replica> {
    for (const replica of this.replicas) if (replica.engine.owns(box)) return replica;
    throw new Error('nobody owns the box now');
  }

  async texts(replica: Replica, box: number, peer: number): Promise<string[]> {
    const reader = await replica.engine.read(box);
    return (await reader.history({ peer, maxId: 0, minId: 0, limit: 100 })).map((record) => Buffer.from(record.content?.sealed ?? []).toString()).reverse();
  }
}

const TAKEN_OVER_MS = (CLAIMS_SILENT_LOOKS_MAX + 3) * CLAIMS_LOOK_MS;

describe('claims', () => {
  let cluster: Cluster;
  beforeEach(() => {
    cluster = new Cluster();
  });

  test('one alone takes all; a second gets its own from it, and names are told', async () => {
    const first = await cluster.add(0, 2);
    await cluster.advance(200);
    expect(first.owned()).toHaveLength(BOX_PARTITIONS);
    expect(first.claims.unreadyReason()).toBeUndefined();
    const second = await cluster.add(1, 2);
    await cluster.advance(3 * CLAIMS_LOOK_MS);
    cluster.check();
    expect(second.owned()).toEqual([1, 3, 5, 7, 9, 11, 13, 15]);
    expect(second.claims.view().filter((work) => work.kind === 'relay')).toMatchObject([{ number: 1, running: true }]);
    const box = BOXES.find((candidate) => partitionOfBox(candidate) % 2 === 1) as number;
    expect(await cluster.send(first, box, box, 1n).catch((error: unknown) => error)).toMatchObject({ name: 'BoxElsewhere', owner: 1 });
    expect(await cluster.send(second, box, box, 1n)).toMatchObject({ duplicate: false });
  });

  test('of two that start at once, one gets each piece', async () => {
    await Promise.all([cluster.add(0, 2), cluster.add(1, 2)]);
    await cluster.advance(200);
    cluster.check();
    await cluster.advance(4 * CLAIMS_LOOK_MS);
    cluster.check();
    expect(cluster.replicas.map((replica) => replica.owned().length)).toEqual([8, 8]);
  });

  test('a partition that is given away answers those who wait there, and sends others on', async () => {
    const replica = await cluster.add(0, 1);
    await cluster.advance(200);
    const box = BOXES[0] as number;
    const waiting = [1n, 2n, 3n].map((id) => cluster.send(replica, box, box, id));
    const giving = replica.engine.give(partitionOfBox(box));
    await expect(cluster.send(replica, box, box, 4n)).rejects.toBeInstanceOf(BoxElsewhere);
    // A reader that was let in reads on; one that comes later is sent away too.
    const reading = cluster.texts(replica, box, box).catch((error: unknown) => error);
    for (const outcome of waiting) expect(await outcome).toMatchObject({ duplicate: false });
    await cluster.advance(200);
    await giving;
    expect(await reading).toBeInstanceOf(BoxElsewhere);
    expect(replica.engine.owns(box)).toBe(false);
  });

  test('who leaves hands over in order: what it was asked is answered, and the next one goes on', async () => {
    const first = await cluster.add(0, 2);
    await cluster.advance(200);
    const second = await cluster.add(1, 2);
    await cluster.advance(3 * CLAIMS_LOOK_MS);
    const answered = new Map<bigint, Promise<Outcome>>();
    let id = 0n;
    for (const box of BOXES) answered.set(id += 1n, cluster.send(await cluster.owner(box), box, BOXES[0] as number, id));
    const leaving = first.claims.leave();
    await cluster.advance(CLAIMS_LEAVE_NOTICE_MS + 2 * CLAIMS_LOOK_MS);
    await leaving;
    await first.engine.close();
    for (const outcome of answered.values()) expect((await outcome).error).toBeUndefined();
    cluster.replicas.shift();
    await cluster.advance(2 * CLAIMS_LOOK_MS);
    cluster.check();
    expect(second.owned()).toHaveLength(BOX_PARTITIONS);
    id = 0n;
    for (const box of BOXES) expect(await cluster.send(second, box, BOXES[0] as number, id += 1n)).toMatchObject({ duplicate: true });
  });

  test('a dead one’s work is taken after a bounded time, and given back when it returns', async () => {
    const first = await cluster.add(0, 2);
    await cluster.advance(200);
    const second = await cluster.add(1, 2);
    await cluster.advance(3 * CLAIMS_LOOK_MS);
    second.pause();
    cluster.replicas.pop();
    await cluster.advance((CLAIMS_SILENT_LOOKS_MAX - 1) * CLAIMS_LOOK_MS);
    expect(first.owned()).toHaveLength(BOX_PARTITIONS / 2);
    await cluster.advance(4 * CLAIMS_LOOK_MS);
    expect(first.owned()).toHaveLength(BOX_PARTITIONS);
    const again = await cluster.add(1, 2);
    await cluster.advance(4 * CLAIMS_LOOK_MS);
    cluster.check();
    expect(again.owned()).toHaveLength(BOX_PARTITIONS / 2);
  });

  test('one that dies and starts anew has its own back at once', async () => {
    const first = await cluster.add(0, 2);
    await cluster.advance(200);
    const second = await cluster.add(1, 2);
    await cluster.advance(3 * CLAIMS_LOOK_MS);
    first.pause();
    cluster.replicas.shift();
    const again = await cluster.add(0, 2);
    await cluster.advance(CLAIMS_LOOK_MS);
    expect(again.owned()).toHaveLength(BOX_PARTITIONS / 2);
    expect(second.owned()).toHaveLength(BOX_PARTITIONS / 2);
  });

  test('a paused one that wakes after its work was taken over answers nobody, and is right about all that it had begun', async () => {
    const zombie = await cluster.add(0, 2);
    await cluster.advance(200);
    const heir = await cluster.add(1, 2);
    await cluster.advance(3 * CLAIMS_LOOK_MS);
    const box = BOXES.find((candidate) => partitionOfBox(candidate) % 2 === 0) as number;
    const peer = BOXES.find((candidate) => partitionOfBox(candidate) % 2 === 1) as number;
    for (let id = 1n; id <= 5n; id += 1n) await cluster.send(zombie, box, peer, id);
    // Caught in the middle of things: one command is on its way to the log, a reader waits.
    zombie.pause();
    const begun = cluster.send(zombie, box, peer, 6n).catch((error: unknown) => error);
    const reading = cluster.texts(zombie, box, peer).catch((error: unknown) => error);
    await cluster.advance(TAKEN_OVER_MS);
    expect(heir.engine.owns(box)).toBe(true);
    for (let id = 7n; id <= 12n; id += 1n) await cluster.send(heir, box, peer, id);
    await cluster.advance(4_000);

    zombie.wake();
    // Before it has looked at anything: it knows by its clock that it may have been replaced.
    expect(zombie.engine.owns(box)).toBe(false);
    await expect(cluster.send(zombie, box, peer, 99n)).rejects.toBeInstanceOf(BoxElsewhere);
    await expect(zombie.engine.read(box)).rejects.toBeInstanceOf(BoxElsewhere);
    await cluster.advance(3 * CLAIMS_LOOK_MS);
    // What it had begun has the right answer, or none.
    const outcome = await begun;
    if (outcome instanceof Error) expect(outcome).toBeInstanceOf(CommandUnknown);
    else expect(outcome).toMatchObject({ duplicate: false });
    const read = await reading;
    if (read instanceof Error) expect(read).toBeInstanceOf(CommandUnknown);
    else expect((read as string[]).slice(0, 5)).toEqual(['m1', 'm2', 'm3', 'm4', 'm5']);
    await cluster.advance(4 * CLAIMS_LOOK_MS);
    cluster.check();

    // Its own again, given back in order. The retry finds the earlier message, both sides tell one story.
    const owner = await cluster.owner(box);
    expect(owner).toBe(zombie);
    await cluster.send(owner, box, peer, 6n);
    await cluster.advance(CLAIMS_LOOK_MS);
    const own = await cluster.texts(owner, box, peer);
    expect([...own].sort()).toEqual(Array.from({ length: 12 }, (_, n) => `m${n + 1}`).sort());
    expect(await cluster.texts(await cluster.owner(peer), peer, box)).toEqual(own);
    expect((await owner.engine.read(box)).head().pts).toBe(13);
  });

  test('one that cannot reach the storage stops answering before it is replaced', async () => {
    const cut = await cluster.add(0, 2);
    await cluster.advance(200);
    const heir = await cluster.add(1, 2);
    await cluster.advance(3 * CLAIMS_LOOK_MS);
    const box = BOXES.find((candidate) => partitionOfBox(candidate) % 2 === 0) as number;
    cut.gate.shut();
    for (let passed = 0; passed < TAKEN_OVER_MS; passed += 250) {
      await cluster.advance(250);
      expect(cut.engine.owns(box) && heir.engine.owns(box)).toBe(false);
      if (passed > CLAIMS_TRUST_MS + CLAIMS_LOOK_MS) expect(cut.claims.unreadyReason()).toBeDefined();
    }
    expect(heir.engine.owns(box)).toBe(true);
    cut.gate.unshut();
    await cluster.advance(5 * CLAIMS_LOOK_MS);
    cluster.check();
  });

  test('a replica that is added changes slices, and so does one that goes for good', async () => {
    const replicas = [await cluster.add(0, 2)];
    await cluster.advance(200);
    replicas.push(await cluster.add(1, 2));
    await cluster.advance(3 * CLAIMS_LOOK_MS);
    const third = await cluster.add(2, 3);
    await cluster.advance(5 * CLAIMS_LOOK_MS);
    cluster.check();
    expect([...replicas, third].map((replica) => replica.owned().length)).toEqual([6, 5, 5]);
    const leaving = third.claims.leave();
    await cluster.advance(CLAIMS_LEAVE_NOTICE_MS + 3 * CLAIMS_LOOK_MS);
    await leaving;
    cluster.replicas.pop();
    await cluster.advance(3 * CLAIMS_LOOK_MS);
    cluster.check();
    expect(replicas.map((replica) => replica.owned().length)).toEqual([8, 8]);
  });

  test('one that had better not work gives its work to another, and keeps it while it is alone', async () => {
    const first = await cluster.add(0, 2);
    first.fit = false;
    await cluster.advance(2 * CLAIMS_LOOK_MS);
    expect(first.owned()).toHaveLength(BOX_PARTITIONS);
    const second = await cluster.add(1, 2);
    await cluster.advance(5 * CLAIMS_LOOK_MS);
    cluster.check();
    expect(second.owned()).toHaveLength(BOX_PARTITIONS);
    first.fit = true;
    await cluster.advance(5 * CLAIMS_LOOK_MS);
    cluster.check();
    expect(first.owned()).toHaveLength(BOX_PARTITIONS / 2);
  });

  test('two started as one number: one works, the other says so', async () => {
    const first = await cluster.add(0, 1);
    await cluster.advance(200);
    const twin = await cluster.add(0, 1);
    await cluster.advance(5 * CLAIMS_LOOK_MS);
    cluster.check();
    const idle = [first, twin].filter((replica) => replica.owned().length === 0);
    expect(idle).toHaveLength(1);
    expect(idle[0]?.claims.unreadyReason()).toContain('not taken');
  });
});
