import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { channelBox } from '@heliograph/box/box-id';
import { BANNED } from '@heliograph/box/group-rights';
import { openMemoryEventLog } from '@heliograph/event-log/memory';
import type { EventLog } from '@heliograph/event-log/event-log';
import { BoxEventSchema, CommandSchema, type BoxEvent } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Logger } from '@heliograph/service-kit/kit';
import { MemoryDisk, openMemoryStorage } from '@heliograph/storage/memory';
import type { Storage } from '@heliograph/storage/storage';
import { eventually } from '@heliograph/testing/eventually';
import { fakeClock, type FakeClock } from '@heliograph/testing/fake-clock';
import { boxMember, slotOf } from '../tables/box-member';
import { boxProgress } from '../tables/box-progress';
import { BoxBusy, CommandUnknown, type BoxEngine, type BoxEngineDeps } from './contract';
import { createBoxEngine } from './engine';
import { BOX_WAITING_COMMANDS_MAX, COMMAND_BYTES_MAX, COMMAND_TIMEOUT_MS, HEAD_FLUSH_AGE_MS, MEMBER_ROWS_KEPT_MS, TICK_INTERVAL_MS } from './limits';
import { content } from './test-box';
import { BOX_COMMANDS, BOX_RELAY, BOX_UPDATES, partitionOfBox } from './topics';

const A = 1_048_577 * 32 + 2;
const B = 1_048_580 * 32 + 2;
const FAR = 1_048_580 * 32 + 1;

/** One data center in memory; `restart` is kill −9 and a new process. */
class Fixture {
  readonly clock: FakeClock = fakeClock();
  readonly errors: string[] = [];
  storage!: Storage;
  eventLog!: EventLog;
  engine!: BoxEngine;
  private other: Partial<BoxEngineDeps> = {};
  private lives = 0;

  constructor(readonly disk = new MemoryDisk()) {}

  /** On a disk that makes nothing durable by itself: does so, once a turn, until `task` is through. */
  async flushing<T>(task: () => Promise<T>): Promise<T> {
    let over = false;
    const turn = (): void => {
      if (over) return;
      this.disk.flush();
      setImmediate(turn);
    };
    turn();
    try {
      return await task();
    } finally {
      over = true;
    }
  }

  async start(other: Partial<BoxEngineDeps> = {}): Promise<this> {
    this.other = other;
    const { clock, disk } = this;
    this.storage = openMemoryStorage({ disk, clock });
    this.eventLog = openMemoryEventLog({ disk, clock });
    const log: Logger = { debug() {}, info() {}, warn() {}, error: (_, message) => this.errors.push(message) };
    this.engine = await createBoxEngine({
      storage: this.storage, eventLog: this.eventLog, clock, log, random: (bytes) => new Uint8Array(bytes).fill(this.lives += 1), dc: 2, relayDcs: [], relay: () => Promise.reject(new Error('no relay')), ...other,
    });
    return this;
  }

  async restart(): Promise<void> {
    this.disk.crash();
    await this.start(this.other);
  }

  submit(box: number, body: NonNullable<Parameters<BoxEngine['submit']>[0]['body']>) {
    return this.engine.submit({ box: BigInt(box), date: 1_800_000_000, callerAuthKeyId: 5n, callerSessionId: 6n, body });
  }

  send(from: number, to: number, text: string, randomId = BigInt(text.length * 7919 + text.charCodeAt(0))) {
    return this.submit(from, { case: 'send', value: { peer: BigInt(to), randomId, content: content(text) } });
  }

  async texts(box: number, peer: number): Promise<string[]> {
    const reader = await this.engine.read(box);
    return (await reader.history({ peer, maxId: 0, minId: 0, limit: 100 })).map((record) => Buffer.from(record.content?.sealed ?? []).toString()).reverse();
  }
}

describe('the engine', () => {
  test('a message goes from box to box, and both read it', async () => {
    const dc = await new Fixture().start();
    const outcome = await dc.send(A, B, 'hello');
    expect(outcome).toMatchObject({ duplicate: false, pts: 2, ptsCount: 1, message: { id: 2 } });
    expect(await dc.texts(A, B)).toEqual(['hello']);
    await eventually(async () => (await dc.texts(B, A)).length === 1);
    expect((await dc.engine.read(B)).dialog(A)).toMatchObject({ unreadCount: 1 });
    await dc.engine.close();
  });

  test('tells what changed, and whose answer carried it', async () => {
    const dc = await new Fixture().start();
    const events: BoxEvent[] = [];
    for (let partition = 0; partition < BOX_UPDATES.partitions; partition += 1) {
      await dc.eventLog.subscribe(BOX_UPDATES, partition, 0n, async (batch) => { for (const record of batch.records) events.push(fromBinary(BoxEventSchema, record.value)); });
    }
    await dc.send(A, B, 'hello');
    await eventually(() => events.length === 2);
    expect(events.map((event) => [Number(event.box), event.silent, event.callerSessionId, event.updates.map((update) => update.pts)])).toEqual([[A, true, 6n, [2]], [B, false, 0n, [2]]]);
    await dc.engine.close();
  });

  test('knows who is in a channel after a crash, and forgets what was before once a head is above it', async () => {
    const dc = await new Fixture().start();
    const box = channelBox(1_000_000_002);
    const act = (actor: number, value: object) => dc.submit(box, { case: 'channelAct', value: { actor: BigInt(actor), act: value as never } });
    const post = { case: 'post', value: { content: content('x') } };
    const rows = () => dc.storage.range(boxMember, { box, slot: slotOf(B) }, { from: { user: B }, to: { user: B }, limit: 10 });
    await act(A, { case: 'create', value: {} });
    await act(A, { case: 'invite', value: { users: [BigInt(B)] } });
    expect((await act(B, post)).error).toBeUndefined();
    await act(A, { case: 'setBanned', value: { participant: BigInt(B), banned: BANNED.send_messages } });
    await dc.restart();
    expect((await act(B, post)).error).toBe('USER_BANNED_IN_CHANNEL');
    expect(await rows()).toHaveLength(2);
    await act(A, { case: 'setBanned', value: { participant: BigInt(B), banned: 0 } });
    expect((await act(B, post)).error).toBeUndefined();
    // A head, then the time that rows stay.
    for (let i = 0; i < (HEAD_FLUSH_AGE_MS + MEMBER_ROWS_KEPT_MS) / TICK_INTERVAL_MS + 20; i += 1) await dc.clock.advance(TICK_INTERVAL_MS);
    await eventually(async () => (await rows()).length === 1 || (await dc.clock.advance(TICK_INTERVAL_MS), false));
    expect((await (await dc.engine.read(box)).channelMembers([B, FAR])).map((member) => member?.present)).toEqual([true, undefined]);
    await dc.engine.close();
  });

  test('the event of an answer in a channel tells of the answer, not of the message beside it that it changed', async () => {
    const dc = await new Fixture().start();
    const events: BoxEvent[] = [];
    const box = channelBox(1_000_000_002);
    await dc.eventLog.subscribe(BOX_UPDATES, partitionOfBox(box), 0n, async (batch) => { for (const record of batch.records) events.push(fromBinary(BoxEventSchema, record.value)); });
    await dc.submit(box, { case: 'channelAct', value: { actor: BigInt(A), act: { case: 'create', value: {} } } });
    const posted = async (replyToId: number): Promise<number> => {
      const { message } = await dc.submit(box, { case: 'channelAct', value: { actor: BigInt(A), act: { case: 'post', value: { randomId: BigInt(replyToId + 1), replyToId, content: content('x') } } } });
      return message?.id ?? 0;
    };
    const first = await posted(0);
    const answer = await posted(first);
    await eventually(() => events.some(({ updates }) => updates.some(({ pts }) => pts === answer)));
    const told = events.flatMap(({ updates }) => updates.flatMap(({ change }) => (change.case === 'message' ? [change.value.id] : [])));
    expect(told.slice(-2)).toEqual([first, answer]);
    await dc.engine.close();
  });

  test('what was answered survives a crash, and a retry finds it', async () => {
    const dc = await new Fixture().start();
    for (let i = 0; i < 20; i += 1) await dc.send(A, B, `m${i}`, BigInt(i + 1));
    await dc.restart();
    const again = await dc.send(A, B, 'm7', 8n);
    expect(again).toMatchObject({ duplicate: true, message: { id: 9 } });
    expect(await dc.texts(A, B)).toHaveLength(20);
    await eventually(async () => (await dc.texts(B, A)).length === 20);
    expect((await dc.engine.read(B)).dialog(A)?.unreadCount).toBe(20);
    await dc.engine.close();
  });

  test('heads are written behind, and a restart begins after them', async () => {
    const dc = await new Fixture().start();
    await dc.send(A, B, 'hello');
    const mark = async (): Promise<bigint | null | undefined> => (await dc.storage.get(boxProgress, { topic: BOX_COMMANDS.name, epoch: 1, partition: partitionOfBox(A) }))?.next;
    await dc.clock.advance(HEAD_FLUSH_AGE_MS / 2);
    expect(await mark()).toBeUndefined();
    await dc.clock.advance(HEAD_FLUSH_AGE_MS / 2 + 2 * TICK_INTERVAL_MS);
    expect(await mark()).toBe((await dc.eventLog.bounds(BOX_COMMANDS, partitionOfBox(A))).next);
    await dc.restart();
    expect(await dc.texts(A, B)).toEqual(['hello']);
    await dc.engine.close();
  });

  test('closing writes everything', async () => {
    const dc = await new Fixture().start();
    await Promise.all(Array.from({ length: 30 }, (_, i) => dc.send(A, B, `m${i}`, BigInt(i + 1))));
    await dc.engine.close();
    const { next } = await dc.eventLog.bounds(BOX_COMMANDS, partitionOfBox(A));
    expect((await dc.storage.get(boxProgress, { topic: BOX_COMMANDS.name, epoch: 1, partition: partitionOfBox(A) }))?.next).toBe(next);
    await expect(dc.send(A, B, 'late')).rejects.toBeInstanceOf(CommandUnknown);
    await dc.start();
    expect(await dc.texts(B, A)).toHaveLength(30);
    await dc.engine.close();
  });

  test('refuses to start on a log of another age', async () => {
    const dc = await new Fixture().start();
    await dc.send(A, B, 'hello');
    await dc.engine.close();
    await dc.storage.put(boxProgress, { topic: BOX_COMMANDS.name, epoch: 1, partition: partitionOfBox(A), next: 1_000n }, { version: 1n << 60n });
    await expect(dc.start()).rejects.toThrow(/not of one age/);
  });

  test('a refusal changes nothing', async () => {
    const dc = await new Fixture().start();
    expect(await dc.submit(A, { case: 'edit', value: { id: 9, content: content('x') } })).toMatchObject({ error: 'MESSAGE_ID_INVALID', pts: 1, ptsCount: 0 });
    expect((await dc.engine.read(A)).head().pts).toBe(1);
    await dc.engine.close();
  });
});

describe('a reader', () => {
  test('tells nothing that a crash could take back', async () => {
    const dc = new Fixture(new MemoryDisk({ flush: 'by-hand' }));
    await dc.flushing(() => dc.start());
    await dc.flushing(() => dc.send(A, B, 'first'));
    const reader = await dc.flushing(() => dc.engine.read(A));
    const edited = dc.submit(A, { case: 'edit', value: { id: 2, content: content('second') } });
    // The row of the edit can be seen by now.
    await eventually(() => dc.disk.waiting > 0);
    let told = false;
    const changes = reader.changes(1, 10).finally(() => { told = true; });
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => { setImmediate(resolve); });
    expect(told).toBe(false);
    await dc.flushing(async () => {
      expect((await changes).updates.map((update) => update.pts)).toEqual([2]);
      await edited;
      await dc.engine.close();
    });
  });
});

describe('limits', () => {
  test('a box takes so many waiting commands, and others go on', async () => {
    const dc = new Fixture(new MemoryDisk({ flush: 'by-hand' }));
    await dc.flushing(() => dc.start());
    const waiting = Array.from({ length: BOX_WAITING_COMMANDS_MAX }, (_, i) => dc.send(A, B, `m${i}`, BigInt(i + 1)));
    await expect(dc.send(A, B, 'one more')).rejects.toBeInstanceOf(BoxBusy);
    const other = dc.send(B, A, 'other');
    await dc.flushing(async () => {
      expect(await Promise.all([...waiting, other])).toHaveLength(BOX_WAITING_COMMANDS_MAX + 1);
      await dc.engine.close();
    });
  });

  test('a command that is too large is refused before it is appended', async () => {
    const dc = await new Fixture().start();
    await expect(dc.submit(A, { case: 'saveDraft', value: { peer: BigInt(B), sealed: new Uint8Array(COMMAND_BYTES_MAX) } })).rejects.toBeInstanceOf(RangeError);
    expect((await dc.eventLog.bounds(BOX_COMMANDS, partitionOfBox(A))).next).toBe(0n);
    await dc.engine.close();
  });

  test('a caller that waits too long learns that the fate is unknown; what was not answered may still happen', async () => {
    const dc = new Fixture(new MemoryDisk({ flush: 'by-hand' }));
    await dc.flushing(() => dc.start());
    const sent = dc.send(A, B, 'slow', 9n);
    const unknown = expect(sent).rejects.toBeInstanceOf(CommandUnknown);
    await dc.clock.advance(COMMAND_TIMEOUT_MS + 2_000);
    await unknown;
    await dc.flushing(async () => {
      expect(await dc.send(A, B, 'slow', 9n)).toMatchObject({ duplicate: true });
      await dc.engine.close();
    });
  });

  test('a log that takes nothing', async () => {
    const dc = await new Fixture().start();
    dc.disk.fail('full');
    await expect(dc.send(A, B, 'hello')).rejects.toBeInstanceOf(CommandUnknown);
  });
});

describe('what can not be applied', () => {
  test('stops the partition, says so, and harms no other', async () => {
    const dc = await new Fixture().start();
    await dc.send(A, B, 'before');
    const value = toBinary(CommandSchema, create(CommandSchema, { effect: 99, box: BigInt(A), body: { case: 'unpinAll', value: { peer: BigInt(B) } } }));
    dc.eventLog.append(BOX_COMMANDS, partitionOfBox(A), [{ key: String(A), value }]);
    await eventually(() => dc.engine.unreadyReason() !== undefined);
    expect(dc.engine.unreadyReason()).toContain(`partition ${partitionOfBox(A)}`);
    expect(dc.errors).toContain('a partition of boxes stopped; it begins again from its mark');
    await expect(dc.send(A, B, 'after')).rejects.toBeInstanceOf(CommandUnknown);
    expect(partitionOfBox(B)).not.toBe(partitionOfBox(A));
    expect(await dc.send(B, B, 'note')).toMatchObject({ duplicate: false });
  });
});

describe('the relay', () => {
  test('carries to the other data center in order, again until it is taken, and twice does no harm', async () => {
    const far = await new Fixture().start({ dc: 1 });
    let down = true;
    const calls: number[] = [];
    const near = await new Fixture().start({
      relayDcs: [1, 2],
      relay: async (dc, commands) => {
        calls.push(commands.length);
        if (down) throw new Error('cut');
        expect(dc).toBe(1);
        await far.engine.appendRelayed(commands);
        await far.engine.appendRelayed(commands);
      },
    });
    for (let i = 0; i < 5; i += 1) await near.send(A, FAR, `m${i}`, BigInt(i + 1));
    await eventually(() => calls.length > 0);
    expect(await far.texts(FAR, A)).toEqual([]);
    down = false;
    await near.clock.advance(20_000);
    await eventually(async () => (await far.texts(FAR, A)).length === 5);
    expect(await far.texts(FAR, A)).toEqual(['m0', 'm1', 'm2', 'm3', 'm4']);
    expect((await far.engine.read(FAR)).dialog(A)?.unreadCount).toBe(5);
    expect(await near.eventLog.findPosition('box-relay', BOX_RELAY, 1)).toBe(5n);
    await near.engine.close();
    await far.engine.close();
  });

  test('takes no box of another data center', async () => {
    const dc = await new Fixture().start();
    const value = toBinary(CommandSchema, create(CommandSchema, { effect: 1, box: BigInt(FAR), body: { case: 'unpinAll', value: {} } }));
    await expect(dc.engine.appendRelayed([value])).rejects.toThrow(/relayed to 2/);
    await dc.engine.close();
  });
});
