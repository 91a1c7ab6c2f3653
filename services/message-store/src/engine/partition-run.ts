import { decode } from '@heliograph/protos/codec';
import { CommandSchema, type Command, type Head, type MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { AppendRecord, EventLog, RecordBatch, Subscription, Topic } from '@heliograph/event-log/event-log';
import type { Clock, Logger } from '@heliograph/service-kit/kit';
import type { Storage, WriteOperation } from '@heliograph/storage/storage';
import { slotOf } from '../tables/box-member';
import { reactionSlotOf } from '../tables/box-reaction';
import { voteSlotOf } from '../tables/box-vote';
import { boxProgress } from '../tables/box-progress';
import { Box, type CommandWork, type LiveSnapshot, type ReaderWork } from './box';
import type { Change, Effect, Read, ReadAnswer, RowChange } from './change';
import { CommandUnknown, type Outcome } from './contract';
import type { effectOf } from './effect';
import { homeDcOf, isGroupBox } from '@heliograph/box/box-id';
import { versionOf } from './ids';
import { HEAD_FLUSH_AGE_MS, HEAD_FLUSHES_MAX, INDEX_STRETCH_PTS, MARK_AGE_MS, MARK_STEP_COMMANDS, PARTITION_QUEUED_COMMANDS_MAX, POSTS_BACKLOG_PTS, POSTS_STEP_PTS, RETRY_FIRST_MS, RETRY_LONGEST_MS } from './limits';
import { MemberGarbage } from './member-garbage';
import { MemberCache } from './member-cache';
import { listSlotsOf } from './member-rows';
import { answerRead, loadState } from './row-reader';
import { RowsGone } from './rows-as-of';
import { indexPosts, isSearchedEverywhere } from './post-index';
import { addRowOperations, stateOperations } from './rows';
import { indexStretch } from './search-index';
import { SentMemory } from './sent-memory';
import { BOX_COMMANDS, BOX_RELAY, BOX_UPDATES, partitionOfBox } from './topics';
import { encodeDerived, encodeEvent } from './wire';

/** What a run needs of the engine around it. */
export interface RunHost {
  readonly storage: Storage;
  readonly eventLog: EventLog;
  readonly clock: Clock;
  readonly log: Logger;
  readonly dc: number;
  readonly effect: typeof effectOf;
  /** Boxes and dialogs that a run may keep in memory. */
  boxesMax(): number;
  dialogsMax(): number;
  /** As BoxEngineDeps says. */
  postTokens?(box: number, posts: readonly MessageRecord[]): Promise<bigint[][]>;
  /** How long earlier rows of members stay. */
  readonly memberRowsKeptMs: number;
  /** Answers the caller of a command, if it waits here; whether it did. */
  answer(callId: bigint, outcome: Outcome | CommandUnknown): boolean;
  /** The caller of a command waits on for another box's answer: the own box is done with it. */
  defer(callId: bigint): void;
  /** A row was made that comes due then, unix seconds. */
  due(at: number): void;
  /** The run can't go on; it has ended. */
  failed(reason: string, error?: unknown): void;
}

/** Rows and derived commands of several commands, written together. */
interface Group {
  readonly sequence: number;
  readonly operations: WriteOperation[];
  readonly applied: { box: Box; command: Command; version: bigint; change: Change }[];
  readonly derived: { topic: Topic; partition: number; record: AppendRecord }[];
  /** When its commands are durable in the log. */
  readonly commandsDurable: Promise<void>;
  /** When its rows and its commands are durable. Set when the group is closed. */
  rowsDurable: Promise<void>;
}

/**
 * One uninterrupted life of a partition's owner: takes commands from the low-water mark on, applies them in memory, writes their
 * effects. Several boxes proceed concurrently, one box in order. When anything happens that it can't explain, it ends, and the next
 * run begins from the mark; whatever an ended run still has under way is harmless, because rows bear versions and derived commands origins.
 *
 * Per command, in this order (ADR 0002): command durable → caller answered, event published; rows and derived commands durable, beside each
 * other → head and dialogs in one atomic batch, behind → low-water mark. Who reads a box waits for its rows.
 */
export class PartitionRun {
  ended = false;
  /** It ended in order. */
  private finished = false;
  /** Offset of the next command. */
  next = 0n;
  private readonly boxes = new Map<number, Box>();
  /** Boxes whose memory is ahead of storage or whose queue holds something. */
  private readonly active = new Set<Box>();
  private dialogsInMemory = 0;
  private subscription: Subscription | undefined;
  private group: Group | undefined;
  private groupSequence = 0;
  private inBatch = false;
  private commandsDurable: Promise<void> = Promise.resolve();
  private answersChain: Promise<void> = Promise.resolve();
  private rowsChain: Promise<void> = Promise.resolve();
  private settledChain: Promise<void> = Promise.resolve();
  private readonly derivedQueue: Group[] = [];
  private derivedRunning = false;
  /** All groups up to this one have rows and derived commands durable. */
  private settled = 0;
  private settledWaiters: { sequence: number; resolve(): void }[] = [];
  /** Commands taken from the log whose rows are not durable yet. */
  private queued = 0;
  private roomWaiter: (() => void) | undefined;
  private reachedWaiters: { offset: bigint; resolve(): void; reject(error: Error): void }[] = [];
  private flushes = 0;
  private storedMark: bigint | undefined;
  /** Milliseconds of the clock. */
  private markStoredAt = 0;
  private markRunning = false;

  private readonly garbage: MemberGarbage;

  constructor(private readonly host: RunHost, readonly partition: number, private readonly epoch: number) {
    this.garbage = new MemberGarbage(host.storage, host.memberRowsKeptMs);
  }

  /** Begins at `from`, the low-water mark. */
  async start(from: bigint): Promise<void> {
    this.next = from;
    this.storedMark = from;
    this.subscription = await this.host.eventLog.subscribe(BOX_COMMANDS, this.partition, from, (batch) => this.take(batch), { epoch: this.epoch, handed: true });
    void this.subscription.ended.then((error) => { if (error !== undefined) this.fail('the log can not be read on', error); });
    if (this.ended) await this.subscription.close();
  }

  /** Stops at once. Nothing that is under way is waited for. */
  end(): void {
    if (this.ended) return;
    this.ended = true;
    void this.subscription?.close();
    const gone = new CommandUnknown('the partition stopped');
    for (const waiter of this.reachedWaiters.splice(0)) waiter.reject(gone);
    for (const box of this.boxes.values()) {
      for (const work of box.queue.splice(0)) if (work.command === undefined) work.reject(gone);
    }
    for (const waiter of this.settledWaiters.splice(0)) waiter.resolve();
    this.roomWaiter?.();
  }

  private fail(reason: string, error?: unknown): void {
    if (this.ended) return;
    this.end();
    this.host.failed(reason, error);
  }

  // ── taking ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

  private async take(batch: RecordBatch): Promise<void> {
    if (this.ended) return;
    this.commandsDurable = batch.durable;
    this.inBatch = true;
    try {
      for (const record of batch.records) {
        if (record.offset < this.next) continue;
        // Offsets are the versions of effects: one that is missing would give the later ones another meaning.
        if (record.offset > this.next) return this.fail(`offset ${this.next} is missing, the log goes on at ${record.offset}`);
        const command = decode(CommandSchema, record.value);
        const box = this.touch(Number(command.box));
        box.queue.push({ command, version: versionOf(this.epoch, record.offset), offset: record.offset });
        this.active.add(box);
        this.queued += 1;
        this.next = record.offset + 1n;
        this.pump(box);
        if (this.ended) return;
      }
    } catch (error) {
      return this.fail('a command can not be applied', error);
    } finally {
      this.inBatch = false;
      this.closeGroup();
    }
    if (this.reachedWaiters.length > 0) {
      const reached = this.reachedWaiters.filter((waiter) => waiter.offset <= this.next);
      this.reachedWaiters = this.reachedWaiters.filter((waiter) => waiter.offset > this.next);
      for (const waiter of reached) waiter.resolve();
    }
    if (this.queued > PARTITION_QUEUED_COMMANDS_MAX) await new Promise<void>((resolve) => { this.roomWaiter = resolve; });
  }

  /** Resolves when every command below `offset` was taken. */
  reached(offset: bigint): Promise<void> {
    if (this.ended) return Promise.reject(new CommandUnknown('the partition stopped'));
    if (this.next >= offset) return Promise.resolve();
    return new Promise((resolve, reject) => this.reachedWaiters.push({ offset, resolve, reject }));
  }

  /** The box's state after all commands taken so far, once their rows are durable. */
  snapshot(boxId: number, reload = false): Promise<LiveSnapshot> {
    if (this.ended) return Promise.reject(new CommandUnknown('the partition stopped'));
    return new Promise((resolve, reject) => {
      const box = this.touch(boxId);
      const work: ReaderWork = { resolve, reject, reload };
      box.queue.push(work);
      this.active.add(box);
      this.pump(box);
    });
  }

  /** Where writes are seen before they are durable, a reader that saw some must not tell: a crash could take them back. */
  private async rowsDurable(box: Box): Promise<void> {
    if (box.inFlight > 0) await this.rowsChain;
    // A run that ended in order has left nothing that is not durable.
    if (this.ended && !this.finished) throw new CommandUnknown('the partition stopped');
  }

  /**
   * Makes the box live here, with the rows of another DC that storage holds already. What this engine held of it (where it lived, what is
   * parked) ends; commands that were taken before count as done. Does nothing when it came already. Resolves when its next command would find it.
   */
  async adopt(boxId: number, arrived: Head): Promise<void> {
    const upTo = versionOf(this.epoch, this.next) - 1n;
    const { head: before } = await this.snapshot(boxId);
    if (before.movedTo === 0 && before.versionBase >= arrived.versionBase) return;
    const base = arrived.versionBase > before.applied ? arrived.versionBase : before.applied;
    const head = { ...arrived, movedTo: 0, parking: before.parking, released: before.released, marker: before.marker, versionBase: base, applied: base + upTo };
    await this.host.storage.atomicBatch(stateOperations(boxId, head, []));
    await this.snapshot(boxId, true);
    await this.snapshot(boxId);
    const box = this.boxes.get(boxId);
    // Its postings stayed behind.
    if (box?.loaded === true && !box.indexing) void this.index(box);
  }

  /** Forgets what is in memory of a box none of whose rows are in flight; it is read anew. */
  private unload(box: Box): void {
    box.loaded = false;
    box.sent = undefined;
    box.members = new MemberCache();
    box.changedDialogs.clear();
    box.firstUnflushed = undefined;
    this.count(box);
  }

  /** Keeps the number of records in memory right. */
  private count(box: Box): void {
    const { size } = box;
    this.dialogsInMemory += size - box.counted;
    box.counted = size;
  }

  private touch(boxId: number): Box {
    let box = this.boxes.get(boxId);
    if (box === undefined) {
      if (this.boxes.size >= this.host.boxesMax() || this.dialogsInMemory > this.host.dialogsMax()) this.evict();
      box = new Box(boxId);
      this.boxes.set(boxId, box);
    }
    box.used = true;
    return box;
  }

  /** Drops some boxes that are as stored and were not used since the last time; oldest first. */
  private evict(): void {
    let looked = 0;
    for (const [boxId, box] of this.boxes) {
      if ((looked += 1) > 64) return;
      this.boxes.delete(boxId);
      if (box.used || !box.idle) {
        box.used = false;
        this.boxes.set(boxId, box);
      } else {
        this.dialogsInMemory -= box.counted;
      }
    }
  }

  // ── applying ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

  private pump(box: Box): void {
    try {
      this.step(box);
    } catch (error) {
      this.fail('a command can not be applied', error);
    }
  }

  private step(box: Box): void {
    while (!box.stepping && !this.ended) {
      const work = box.queue[0];
      if (work === undefined) {
        if (box.idle) this.active.delete(box);
        return;
      }
      if (!box.loaded) {
        box.stepping = true;
        void this.load(box);
        return;
      }
      if (work.command === undefined) {
        if (box.inFlight > 0) {
          box.waitsForRows = true;
          return;
        }
        box.queue.shift();
        work.resolve(box.snapshot(() => this.rowsDurable(box)));
        if (work.reload === true) this.unload(box);
        continue;
      }
      const version = box.head.versionBase + work.version;
      if (box.head.applied >= version) {
        // Done, by this engine or another: its rows, derived commands and head are there.
        box.queue.shift();
        this.release(1);
        this.host.answer(work.command.callId, new CommandUnknown('another engine applied it'));
        continue;
      }
      const { change, effect } = this.host.effect(box, work.command, version);
      let step = effect.next();
      while (step.done !== true) {
        const known: ReadAnswer | undefined = box.answerFromMemory(step.value);
        if (known === undefined) break;
        step = effect.next(known);
      }
      if (step.done !== true) {
        // Rows are read from storage alone, so those in flight must arrive first. The effect begins anew then.
        if (box.inFlight > 0) {
          box.waitsForRows = true;
          return;
        }
        box.stepping = true;
        void this.drive(box, work, change, effect, step.value);
        return;
      }
      box.queue.shift();
      this.complete(box, work, change);
    }
  }

  private async load(box: Box): Promise<void> {
    const state = await this.untilDone('a box is read', () => loadState(this.host.storage, box.box));
    if (state === undefined) return;
    box.head = state.head;
    box.dialogs = state.dialogs;
    box.indexed = state.indexed;
    box.postsIndexed = state.postsIndexed;
    box.storedPts = state.head.pts;
    // Nothing was sent from a box without messages: no need to look.
    if (state.head.topId === 0) box.sent = new SentMemory();
    box.loaded = true;
    this.count(box);
    void this.indexAllPosts(box);
    this.resume(box);
  }

  private async drive(box: Box, work: CommandWork, change: Change, effect: Effect, first: Read): Promise<void> {
    const moment = box.moment(change.version);
    let read = first;
    for (;;) {
      const answer = box.answerFromMemory(read) ?? await this.untilDone('rows are read', () => answerRead(this.host.storage, moment, read));
      if (answer === undefined) return;
      box.learn(read, answer);
      let step: IteratorResult<Read, void>;
      try {
        step = effect.next(answer);
      } catch (error) {
        return this.fail('a command can not be applied', error);
      }
      if (step.done === true) break;
      read = step.value;
    }
    box.queue.shift();
    try {
      this.complete(box, work, change);
    } catch (error) {
      return this.fail('a command can not be applied', error);
    }
    this.resume(box);
  }

  private resume(box: Box): void {
    box.stepping = false;
    this.pump(box);
  }

  /** Takes a complete change into memory and into the open group. */
  private complete(box: Box, work: CommandWork, change: Change): void {
    const group = this.openGroup();
    const { command } = work;
    const { version } = change;
    if (change.error === undefined && !change.isEmpty) {
      const now = Math.floor(this.host.clock.now() / 1_000);
      for (const row of change.rows) {
        addRowOperations(group.operations, box.box, version, row, now);
        if (row.kind === 'due') this.host.due(row.at);
        else if (row.kind === 'member') this.takeMember(box, row);
        else if ((row.kind === 'vote' || row.kind === 'reaction') && row.before !== undefined) {
          const user = Number(row.before.user);
          box.superseded.push({ of: row.kind, id: row.id, user, version: row.before.version, slots: [row.kind === 'vote' ? voteSlotOf(user) : reactionSlotOf(user)] });
        }
      }
      change.derived.forEach((derived, index) => {
        const target = derived.box;
        const dc = 'body' in derived ? homeDcOf(target) : derived.dc || this.host.dc;
        const local = dc === this.host.dc;
        group.derived.push({
          topic: local ? BOX_COMMANDS : BOX_RELAY,
          partition: local ? partitionOfBox(target) : dc,
          record: { key: String(target), value: 'body' in derived ? encodeDerived(command, version, index, target, derived.body, derived.caller) : derived.command },
        });
      });
      for (const [peer, dialog] of change.dialogs) {
        box.dialogs.set(dialog);
        box.changedDialogs.add(peer);
      }
      if (change.remembered !== undefined) box.sent?.add(change.remembered.randomId, change.remembered);
      box.head = { ...box.head, ...change.move, pts: change.pts, topId: change.topId, applied: version, date: command.date, dialogCount: change.dialogCount };
      this.count(box);
      if (box.firstUnflushed === undefined) {
        box.firstUnflushed = work.offset;
        box.changedAt = this.host.clock.now();
      }
    }
    box.inFlight += 1;
    box.lastGroup = group.sequence;
    group.applied.push({ box, command, version, change });
  }

  private takeMember(box: Box, { record, before }: Extract<RowChange, { kind: 'member' }>): void {
    const user = Number(record.user);
    box.members.set(user, record);
    if (before !== undefined) box.superseded.push({ of: 'member', id: 0, user, version: before.version, slots: [slotOf(user), ...listSlotsOf(before)] });
  }

  // ── writing ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

  private openGroup(): Group {
    if (this.group === undefined) {
      this.groupSequence += 1;
      this.group = { sequence: this.groupSequence, operations: [], applied: [], derived: [], commandsDurable: this.commandsDurable, rowsDurable: this.rowsChain };
      if (!this.inBatch) queueMicrotask(() => this.closeGroup());
    }
    return this.group;
  }

  private closeGroup(): void {
    const { group } = this;
    if (group === undefined) return;
    this.group = undefined;
    const written = group.operations.length === 0 ? undefined : this.untilDone('rows are written', () => this.host.storage.batch(group.operations));
    this.answersChain = this.answerInOrder(group, this.answersChain);
    this.rowsChain = this.finishRows(group, this.answersChain, this.rowsChain, written);
    group.rowsDurable = this.rowsChain;
    this.derivedQueue.push(group);
    if (!this.derivedRunning) void this.appendDerived();
  }

  /** What a durable command does is decided, whoever writes its rows. In order, so that events of a box leave in order of pts. */
  private async answerInOrder(group: Group, before: Promise<void>): Promise<void> {
    try {
      await group.commandsDurable;
    } catch (error) {
      return this.fail('commands that were taken did not become durable', error);
    }
    await before;
    if (!this.ended) this.answerGroup(group);
  }

  private async finishRows(group: Group, answered: Promise<void>, before: Promise<void>, written: Promise<unknown> | undefined): Promise<void> {
    await answered;
    await written;
    await before;
    if (this.ended) return;
    const resumed: Box[] = [];
    for (const { box } of group.applied) {
      box.inFlight -= 1;
      if (box.inFlight > 0 || !box.waitsForRows) continue;
      box.waitsForRows = false;
      resumed.push(box);
    }
    this.release(group.applied.length);
    for (const box of resumed) this.pump(box);
  }

  private answerGroup(group: Group): void {
    const events: AppendRecord[] = [];
    for (const { box, command, version, change } of group.applied) {
      if (change.deferred) this.host.defer(command.callId);
      const answered = !change.deferred && this.host.answer(command.callId, {
        error: change.error,
        duplicate: change.duplicate,
        pts: change.pts,
        ptsCount: change.ptsCount,
        updates: change.updates,
        message: change.message,
        more: change.more,
        next: change.next,
        usersRefused: change.usersRefused,
        requested: change.requested,
        version,
      });
      if (change.updates.length > 0) events.push({ key: String(box.box), value: encodeEvent(command, version, change.updates, answered) });
    }
    if (events.length > 0) {
      const { firstOffset, durable } = this.host.eventLog.append(BOX_UPDATES, this.partition, events);
      const lost = (error: unknown): void => this.host.log.debug({ partition: this.partition, error: String(error) }, 'events were lost; clients repair the gap');
      firstOffset.catch(() => {});
      durable.catch(lost);
    }
  }

  private release(commands: number): void {
    this.queued -= commands;
    if (this.roomWaiter !== undefined && this.queued <= PARTITION_QUEUED_COMMANDS_MAX / 2) {
      const resolve = this.roomWaiter;
      this.roomWaiter = undefined;
      resolve();
    }
  }

  /**
   * Appends derived commands; the next groups' only when the former have their place in the log, so that those of one box reach their target in
   * order, whatever is repeated. Nothing waits for rows: a log that hands out commands before they are durable has one commit order with what is
   * appended and written because of them, and any other hands out what is durable, of which nothing can become of but this.
   */
  private async appendDerived(): Promise<void> {
    this.derivedRunning = true;
    while (this.derivedQueue.length > 0 && !this.ended) {
      const groups = this.derivedQueue.splice(0);
      const byTarget = new Map<string, { topic: Topic; partition: number; records: AppendRecord[] }>();
      for (const group of groups) {
        for (const { topic, partition, record } of group.derived) {
          const key = `${topic.name}/${partition}`;
          const target = byTarget.get(key);
          if (target === undefined) byTarget.set(key, { topic, partition, records: [record] });
          else target.records.push(record);
        }
      }
      const durable: Promise<void>[] = [];
      await Promise.all([...byTarget.values()].map(({ topic, partition, records }) => this.untilDone('derived commands are appended', async () => {
        const appended = this.host.eventLog.append(topic, partition, records);
        appended.durable.catch(() => {});
        await appended.firstOffset;
        durable.push(appended.durable);
      })));
      if (this.ended) break;
      this.settledChain = this.settle(groups, durable, this.settledChain);
    }
    this.derivedRunning = false;
  }

  private async settle(groups: readonly Group[], derivedDurable: readonly Promise<void>[], before: Promise<void>): Promise<void> {
    const last = groups[groups.length - 1] as Group;
    try {
      await Promise.all(derivedDurable);
    } catch (error) {
      return this.fail('derived commands did not become durable', error);
    }
    await last.rowsDurable;
    await before;
    if (this.ended) return;
    this.settled = last.sequence;
    this.settledWaiters = this.settledWaiters.filter((waiter) => {
      if (waiter.sequence > this.settled) return true;
      waiter.resolve();
      return false;
    });
  }

  /** Repeats `task` until it succeeds: an error means that its outcome is unknown, and what we write may be written twice. */
  private async untilDone<T>(what: string, task: () => Promise<T>): Promise<T | undefined> {
    for (let pause = RETRY_FIRST_MS; ; pause = Math.min(pause * 2, RETRY_LONGEST_MS)) {
      try {
        const value = await task();
        return this.ended ? undefined : value;
      } catch (error) {
        if (this.ended) return undefined;
        if (error instanceof RowsGone || (error instanceof Error && error.name === 'StorageRefused')) {
          this.fail(`${what}: refused`, error);
          return undefined;
        }
        this.host.log.warn({ partition: this.partition, what, error: String(error) }, 'repeating what failed');
        await this.host.clock.sleep(pause);
        if (this.ended) return undefined;
      }
    }
  }

  // ── heads and marks ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Writes heads that are old enough (all: every one), then moves the mark. Called once a tick. */
  tick(now: number): void {
    if (this.ended) return;
    for (const box of this.active) {
      if (this.flushes >= HEAD_FLUSHES_MAX) break;
      if (box.firstUnflushed !== undefined && box.flushingFrom === undefined && now - box.changedAt >= HEAD_FLUSH_AGE_MS) void this.flush(box);
    }
    const mark = this.lowWaterMark();
    if (now - this.markStoredAt >= MARK_AGE_MS || mark - (this.storedMark ?? 0n) >= MARK_STEP_COMMANDS) void this.moveMark(mark);
    void this.garbage.tick(now);
  }

  /** Ends in order: waits for everything taken, writes all heads and the mark. Nothing new may be submitted. */
  async finish(): Promise<void> {
    await this.subscription?.close();
    while (!this.ended && this.active.size > 0) {
      await this.settledTo(this.groupSequence);
      const flushing: Promise<void>[] = [];
      for (const box of this.active) {
        if (box.firstUnflushed !== undefined && box.flushingFrom === undefined) flushing.push(this.flush(box));
        else if (box.idle) this.active.delete(box);
      }
      await Promise.all(flushing);
      if (flushing.length === 0 && this.active.size > 0) await this.host.clock.sleep(5);
    }
    if (this.ended) return;
    await this.moveMark(this.lowWaterMark());
    this.finished = !this.ended;
    this.end();
  }

  /**
   * Writes the box's memory as it is now, once every command in it has its rows and derived commands durable. The snapshot is taken
   * first and later commands don't enter it, so a box that never rests is written too.
   */
  private async flush(box: Box): Promise<void> {
    const peers = [...box.changedDialogs];
    const operations = stateOperations(box.box, box.head, peers.map((peer) => box.dialogs.get(peer)).filter((dialog) => dialog !== undefined));
    const first = box.firstUnflushed;
    const { pts } = box.head;
    const superseded = box.superseded.splice(0);
    box.changedDialogs.clear();
    box.flushingFrom = first;
    box.firstUnflushed = undefined;
    this.flushes += 1;
    await this.settledTo(box.lastGroup);
    await this.indexNewPosts(box, pts);
    await this.untilDone('a head is written', () => this.host.storage.atomicBatch(operations));
    this.flushes -= 1;
    if (this.ended) return;
    box.flushingFrom = undefined;
    box.storedPts = pts;
    this.garbage.add(box.box, superseded, this.host.clock.now());
    // What left is not indexed here any more, and in a group's own box nobody searches.
    if (!isGroupBox(box.box) && box.head.movedTo === 0 && box.storedPts - box.indexed >= INDEX_STRETCH_PTS && !box.indexing) await this.index(box);
    // Not waited for: an end must not wait for a key that is out of reach.
    void this.indexAllPosts(box);
    if (box.idle) this.active.delete(box);
  }

  /** Brings the search index up to the stored head, stretch by stretch. */
  private async index(box: Box): Promise<void> {
    box.indexing = true;
    while (!this.ended && box.head.movedTo === 0 && box.storedPts - box.indexed >= INDEX_STRETCH_PTS) {
      const indexed = await this.untilDone('a stretch is indexed', () => indexStretch(this.host.storage, box.box, box.indexed, box.head.versionBase));
      if (indexed === undefined) break;
      box.indexed = indexed;
    }
    box.indexing = false;
  }

  /**
   * Before a head is written: so that a replay, which begins above the stored head, comes by whatever is not indexed. Tried once: what can't be done now is done behind the head, or
   * when the box is read again.
   */
  private async indexNewPosts(box: Box, pts: number): Promise<void> {
    if (this.ended || box.indexingPosts || !this.isSearched(box) || pts - box.postsIndexed > POSTS_STEP_PTS) return;
    box.indexingPosts = true;
    try {
      await this.indexPostsTo(box, pts);
    } catch (error) {
      this.host.log.warn({ partition: this.partition, error: String(error) }, 'posts are indexed later');
    }
    box.indexingPosts = false;
  }

  /** Brings the index of a public broadcast's posts up to the stored head. */
  private async indexAllPosts(box: Box): Promise<void> {
    while (!this.ended && !box.indexingPosts && this.isSearched(box) && box.postsIndexed < box.storedPts) {
      box.postsIndexed = Math.max(box.postsIndexed, box.storedPts - POSTS_BACKLOG_PTS);
      box.indexingPosts = true;
      const done = await this.untilDone('posts are indexed', () => this.indexPostsTo(box, Math.min(box.storedPts, box.postsIndexed + POSTS_STEP_PTS)));
      box.indexingPosts = false;
      if (done === undefined) return;
    }
  }

  private isSearched(box: Box): boolean {
    return this.host.postTokens !== undefined && box.loaded && isSearchedEverywhere(box.dialogs.get(box.box)?.channel);
  }

  private async indexPostsTo(box: Box, upTo: number): Promise<true> {
    const tokens = (posts: readonly MessageRecord[]): Promise<bigint[][]> => this.host.postTokens?.(box.box, posts) ?? Promise.resolve([]);
    await indexPosts(this.host.storage, box.box, box.postsIndexed, upTo, tokens, { versionBase: box.head.versionBase, now: Math.floor(this.host.clock.now() / 1_000) });
    box.postsIndexed = Math.max(box.postsIndexed, upTo);
    return true;
  }

  /** Resolves when the rows of all commands applied so far are durable. */
  rowsWritten(): Promise<void> {
    return this.settledTo(this.groupSequence);
  }

  private settledTo(sequence: number): Promise<void> {
    if (this.ended || this.settled >= sequence) return Promise.resolve();
    return new Promise((resolve) => this.settledWaiters.push({ sequence, resolve }));
  }

  /** Everything below is in rows, derived and in a stored head. */
  private lowWaterMark(): bigint {
    let mark = this.next;
    for (const box of this.active) {
      const needed = box.oldestNeeded;
      if (needed !== undefined && needed < mark) mark = needed;
    }
    return mark;
  }

  private async moveMark(mark: bigint): Promise<void> {
    if (this.markRunning || mark === this.storedMark) return;
    this.markRunning = true;
    try {
      const { storage, eventLog } = this.host;
      await storage.put(boxProgress, { topic: BOX_COMMANDS.name, epoch: this.epoch, partition: this.partition, next: mark }, { version: versionOf(this.epoch, mark) });
      await eventLog.storePosition(BOX_COMMANDS.name, BOX_COMMANDS, this.partition, mark);
      this.storedMark = mark;
      this.markStoredAt = this.host.clock.now();
    } catch (error) {
      this.host.log.warn({ partition: this.partition, error: String(error) }, 'the mark of a partition was not stored; the next tick tries again');
    } finally {
      this.markRunning = false;
    }
  }
}
