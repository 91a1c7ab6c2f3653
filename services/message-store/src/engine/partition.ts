import type { MessageInitShape } from '@bufbuild/protobuf';
import { isChannelBox } from '@heliograph/box/box-id';
import type { CommandSchema, Head } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { AppendRecord } from '@heliograph/event-log/event-log';
import { boxProgress } from '../tables/box-progress';
import type { LiveSnapshot } from './box';
import { BoxBusy, BoxElsewhere, CommandUnknown, type Outcome } from './contract';
import { DueSweeper, type DueHost } from './due-sweeper';
import { EFFECT_VERSION } from './effect';
import { BOX_WAITING_COMMANDS_MAX, CHANNEL_WAITING_COMMANDS_MAX, COMMAND_BYTES_MAX, COMMAND_TIMEOUT_MS, PARTITION_WAITING_COMMANDS_MAX, RETRY_FIRST_MS, RETRY_LONGEST_MS } from './limits';
import { PartitionRun, type RunHost } from './partition-run';
import { SnapshotReader } from './reader';
import { BOX_COMMANDS } from './topics';
import { encodeCommand } from './wire';

interface Waiter {
  box: number;
  /** Its own box has applied it; another box answers. */
  deferred: boolean;
  /** Milliseconds of the clock. */
  since: number;
  resolve(outcome: Outcome): void;
  reject(error: Error): void;
}

/** The log holds other records than the stored mark says. */
export class MarkOutOfRange extends Error {
  override readonly name = 'MarkOutOfRange';
}

/**
 * An owned partition of box-commands: appends its callers' commands and answers them when its run has applied them. Runs follow each
 * other: one that fails is followed by the next, from the mark.
 */
export class Partition {
  private run: PartitionRun | undefined;
  private readonly sweeper: DueSweeper;
  private epoch = 0;
  private closed = false;
  private given = false;
  /** Why there is no run now. */
  stopped: string | undefined = 'the partition has not begun';
  private readonly waiting = new Map<bigint, Waiter>();
  private readonly waitingByBox = new Map<number, number>();
  /** Commands to append at the end of this turn of the event loop. */
  private pending: { record: AppendRecord; callId: bigint }[] = [];
  private readonly answeredWaiters: (() => void)[] = [];
  /** The probe of the log's end that readers who came before it began may not use, and the one that they wait for. */
  private probe: Promise<bigint> | undefined;
  private nextProbe: Promise<bigint> | undefined;

  constructor(
    private readonly host: Omit<RunHost, 'answer' | 'defer' | 'due' | 'failed'> & Pick<DueHost, 'fateOf' | 'heirNotice'>,
    readonly partition: number,
    private readonly nextCallId: () => bigint,
  ) {
    this.sweeper = new DueSweeper({
      ...host,
      submit: (command) => this.submit(command),
      read: async (box) => new SnapshotReader(host.storage, await this.snapshot(box)),
      rowsWritten: async () => this.run?.rowsWritten(),
    }, partition);
  }

  /** It goes, or went, to another replica: callers are sent there. */
  get isGiven(): boolean {
    return this.given;
  }

  /** Begins at the stored mark. Throws MarkOutOfRange when the log doesn't hold what comes after it. */
  async begin(): Promise<void> {
    const { eventLog } = this.host;
    this.epoch = await eventLog.epoch(BOX_COMMANDS);
    if (this.epoch < 1) throw new MarkOutOfRange(`topic ${BOX_COMMANDS.name} has epoch ${this.epoch}; epochs begin at 1`);
    const { mark, next } = await this.findMark();
    await this.sweeper.open();
    const run = new PartitionRun({
      ...this.host,
      answer: (callId, outcome) => this.answer(callId, outcome),
      defer: (callId) => this.defer(callId),
      due: (at) => this.sweeper.written(at),
      failed: (reason, error) => this.restart(run, reason, error),
    }, this.partition, this.epoch);
    this.run = run;
    await run.start(mark);
    this.stopped = undefined;
    await run.reached(next);
  }

  /** The low-water mark, which the log must hold. */
  private async findMark(): Promise<{ mark: bigint; next: bigint }> {
    let before: bigint | undefined;
    for (;;) {
      // The mark before the log's ends: another engine may be moving both on.
      const row = await this.host.storage.get(boxProgress, { topic: BOX_COMMANDS.name, epoch: this.epoch, partition: this.partition });
      const mark = row?.next ?? 0n;
      const { earliest, next } = await this.host.eventLog.bounds(BOX_COMMANDS, this.partition);
      if (mark >= earliest && mark <= next) return { mark, next };
      if (mark === before) {
        throw new MarkOutOfRange(
          `partition ${this.partition} of ${BOX_COMMANDS.name} holds offsets ${earliest} to ${next}, but boxes are applied up to ${mark}: `
          + 'the topic and the database are not of one age. Restore both from one backup, or raise the topic\'s epoch if it was made anew.',
        );
      }
      before = mark;
    }
  }

  private restart(run: PartitionRun, reason: string, error: unknown): void {
    if (this.run !== run || this.closed) return;
    this.run = undefined;
    this.stopped = `partition ${this.partition}: ${reason}`;
    this.host.log.error({ partition: this.partition, reason, error: error === undefined ? undefined : String(error) }, 'a partition of boxes stopped; it begins again from its mark');
    this.rejectAll(new CommandUnknown(reason));
    void this.beginAgain();
  }

  private async beginAgain(): Promise<void> {
    for (let pause = RETRY_FIRST_MS; !this.closed; pause = Math.min(pause * 2, RETRY_LONGEST_MS)) {
      await this.host.clock.sleep(pause);
      if (this.closed || this.run !== undefined) return;
      try {
        await this.begin();
        return;
      } catch (error) {
        if (this.run !== undefined) return;
        this.stopped = `partition ${this.partition}: ${String(error)}`;
      }
    }
  }

  submit(init: MessageInitShape<typeof CommandSchema> & { box: number | bigint }): Promise<Outcome> {
    const box = Number(init.box);
    if (this.given) return Promise.reject(new BoxElsewhere(undefined));
    if (this.closed || this.run === undefined) return Promise.reject(new CommandUnknown(this.stopped ?? 'the engine ends'));
    const ofBox = this.waitingByBox.get(box) ?? 0;
    if (ofBox >= (isChannelBox(box) ? CHANNEL_WAITING_COMMANDS_MAX : BOX_WAITING_COMMANDS_MAX)) return Promise.reject(new BoxBusy('the box'));
    if (this.waiting.size >= PARTITION_WAITING_COMMANDS_MAX) return Promise.reject(new BoxBusy('its partition'));
    const callId = this.nextCallId();
    const value = encodeCommand(init, box, EFFECT_VERSION, callId);
    if (value.length > COMMAND_BYTES_MAX) return Promise.reject(new RangeError(`a command of ${value.length} bytes; at most ${COMMAND_BYTES_MAX}`));
    return new Promise((resolve, reject) => {
      this.waiting.set(callId, { box, deferred: false, since: this.host.clock.now(), resolve, reject });
      this.waitingByBox.set(box, ofBox + 1);
      this.pending.push({ record: { key: String(box), value }, callId });
      if (this.pending.length === 1) queueMicrotask(() => this.appendPending());
    });
  }

  private appendPending(): void {
    const { pending } = this;
    this.pending = [];
    const { firstOffset, durable } = this.host.eventLog.append(BOX_COMMANDS, this.partition, pending.map((entry) => entry.record));
    firstOffset.catch(() => {});
    durable.catch((error: unknown) => {
      for (const { callId } of pending) this.answer(callId, new CommandUnknown(String(error)));
    });
  }

  private answer(callId: bigint, outcome: Outcome | CommandUnknown): boolean {
    const waiter = callId === 0n ? undefined : this.waiting.get(callId);
    if (waiter === undefined) return false;
    this.waiting.delete(callId);
    if (!waiter.deferred) this.leave(waiter.box);
    if (outcome instanceof Error) waiter.reject(outcome);
    else waiter.resolve(outcome);
    this.resumeReaders();
    return !(outcome instanceof Error);
  }

  /** Readers of the box need not wait for what another box decides. */
  private defer(callId: bigint): void {
    const waiter = callId === 0n ? undefined : this.waiting.get(callId);
    if (waiter === undefined || waiter.deferred) return;
    waiter.deferred = true;
    this.leave(waiter.box);
    this.resumeReaders();
  }

  private leave(box: number): void {
    const left = (this.waitingByBox.get(box) ?? 1) - 1;
    if (left === 0) this.waitingByBox.delete(box);
    else this.waitingByBox.set(box, left);
  }

  private resumeReaders(): void {
    if (this.answeredWaiters.length > 0) for (const resume of this.answeredWaiters.splice(0)) resume();
  }

  private rejectAll(error: CommandUnknown): void {
    for (const callId of [...this.waiting.keys()]) this.answer(callId, error);
  }

  /** The box after everything that was appended before this call, here or elsewhere. Throws BoxElsewhere when the partition goes meanwhile. */
  async snapshot(box: number): Promise<LiveSnapshot> {
    try {
      // Commands of callers here may not have reached the log yet.
      while (!this.given && (this.waitingByBox.get(box) ?? 0) > 0) await new Promise<void>((resolve) => { this.answeredWaiters.push(resolve); });
      const { run } = this;
      if (this.closed || run === undefined) throw new CommandUnknown(this.stopped ?? 'the engine ends');
      await run.reached(await this.logEnd());
      return await run.snapshot(box);
    } catch (error) {
      // Nothing was read yet: the next owner is as good.
      if (this.given && error instanceof CommandUnknown) throw new BoxElsewhere(undefined);
      throw error;
    }
  }

  /** Makes a box live here whose rows came from another DC. */
  async adopt(box: number, head: Head): Promise<void> {
    const { run } = this;
    if (this.given) throw new BoxElsewhere(undefined);
    if (this.closed || run === undefined) throw new CommandUnknown(this.stopped ?? 'the engine ends');
    await run.reached(await this.logEnd());
    await run.adopt(box, head);
    // Its rows came past the run.
    this.sweeper.written(0);
  }

  /** The log's end, asked after this call began; readers that come while one asks share the next question. */
  private logEnd(): Promise<bigint> {
    if (this.nextProbe !== undefined) return this.nextProbe;
    const ask = async (): Promise<bigint> => (await this.host.eventLog.bounds(BOX_COMMANDS, this.partition)).next;
    const settle = (probe: Promise<bigint>): Promise<bigint> => {
      this.probe = probe;
      const done = (): void => { if (this.probe === probe) this.probe = undefined; };
      probe.then(done, done);
      return probe;
    };
    if (this.probe === undefined) return settle(ask());
    this.nextProbe = this.probe.then(() => undefined, () => undefined).then(() => {
      this.nextProbe = undefined;
      return settle(ask());
    });
    return this.nextProbe;
  }

  /** Gives up on callers that wait too long; writes heads and the mark. */
  tick(now: number): void {
    for (const [callId, waiter] of this.waiting) {
      if (now - waiter.since < COMMAND_TIMEOUT_MS) break;
      this.answer(callId, new CommandUnknown('no answer in time'));
    }
    this.run?.tick(now);
    if (!this.closed && this.run !== undefined && this.stopped === undefined) this.sweeper.tick();
  }

  /** As `close`; callers who come meanwhile are sent to the next owner. */
  give(): Promise<void> {
    this.given = true;
    return this.close();
  }

  /** Stops at once: another replica has the partition. Who waits here learns nothing; what is under way loses to that one's, or equals it. */
  drop(): void {
    this.given = true;
    this.closed = true;
    this.stopped = 'another replica has the partition';
    this.run?.end();
    this.rejectAll(new CommandUnknown('another replica has the partition'));
  }

  /** Takes no more commands, lets those under way end, writes heads and the mark. */
  async close(): Promise<void> {
    const { run } = this;
    // Refuses new ones from now on, while `run` still answers the old.
    this.closed = true;
    this.stopped = 'the engine ends';
    const until = this.host.clock.now() + COMMAND_TIMEOUT_MS;
    while (run !== undefined && !run.ended && this.waiting.size > 0 && this.host.clock.now() < until) {
      await Promise.race([new Promise<void>((resolve) => { this.answeredWaiters.push(resolve); }), this.host.clock.sleep(100)]);
    }
    this.rejectAll(new CommandUnknown('the engine ends'));
    if (run !== undefined && !run.ended) await run.finish();
  }
}
