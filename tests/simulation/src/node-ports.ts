import type { Appended, AppendRecord, EventLog, RecordBatch, Subscription, Topic } from '@heliograph/event-log/event-log';
import type { Clock } from '@heliograph/service-kit/kit';
import { StorageTimeout } from '@heliograph/storage/errors';
import type { RangeQuery, Storage, WriteOperation } from '@heliograph/storage/storage';
import type { Table } from '@heliograph/storage/table';
import { BOX_UPDATES } from '@heliograph/message-store/engine/topics';
import type { DataCenter } from './data-center';
import type { Oracle } from './oracle';
import type { Random } from './random';
import type { Scheduler } from './scheduler';

/** Labels of requests that are on their way and may arrive although the sender is dead. */
export const ON_THE_WAY = 'request';

/** What goes wrong between a process and its stores, each the share of requests. Only where they are separate. */
export interface Faults {
  /** Answered with an error, nothing done. */
  refused: number;
  /** Answered with an error, all or a part done (then or later). */
  unknown: number;
  /** Appended twice. */
  repeated: number;
}
export const NO_FAULTS: Faults = { refused: 0, unknown: 0, repeated: 0 };

/** The ports of one process. After `dead` nothing of it is answered any more. */
export class NodePorts {
  dead = false;
  faults: Faults;

  constructor(
    private readonly owner: object,
    private readonly dc: DataCenter,
    private readonly scheduler: Scheduler,
    private readonly random: Random,
    private readonly oracle: Oracle,
    faults: Faults,
  ) {
    this.faults = faults;
  }

  readonly clock: Clock = {
    now: () => this.scheduler.now,
    sleep: (ms) => new Promise((resolve) => { if (!this.dead) this.scheduler.after(ms, this.owner, resolve); }),
    every: (ms, task) => this.scheduler.every(ms, this.owner, () => { if (!this.dead) void task(); }),
  };

  // ── storage ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

  private read<T>(label: string, answer: () => T): Promise<T> {
    if (this.dc.kind === 'embedded' && this.random.chance(0.7)) return this.dead ? new Promise(() => {}) : Promise.resolve(answer());
    return this.ask(label, () => answer());
  }

  /** A request that is answered some time: does it, then answers, in one action. */
  private ask<T>(label: string, task: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.dead) return;
      this.scheduler.later(this.owner, label, () => {
        if (this.dead) return;
        if (this.dc.kind === 'separate' && this.random.chance(this.faults.refused)) reject(new StorageTimeout('no answer'));
        else resolve(task());
      });
    });
  }

  private write(operations: readonly WriteOperation[], atomic: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.dead) return;
      this.oracle.rows(operations);
      const { dc, scheduler, random } = this;
      const answer = (): void => {
        this.oracle.rowsDurable(operations);
        if (!this.dead) resolve();
      };
      if (dc.kind === 'embedded') {
        dc.commit({ apply: dc.applyAll(operations) }, answer);
        return;
      }
      // A batch that isn't atomic is done piece by piece, in any order.
      const pieces = atomic ? [operations] : pieceUp(random, operations);
      const fate = random.next();
      const refused = fate < this.faults.refused;
      const unknown = !refused && fate < this.faults.refused + this.faults.unknown;
      let left = pieces.length;
      for (const piece of pieces) {
        // Refused: nothing of it. Unknown: any part of it, before or after the error.
        if (refused || (unknown && random.chance(0.3))) {
          left -= 1;
          continue;
        }
        scheduler.later(this.owner, ON_THE_WAY, () => {
          for (const operation of piece) dc.store.apply(operation);
          left -= 1;
          if (left === 0 && !refused && !unknown) scheduler.later(this.owner, 'written', answer);
        });
      }
      if (refused || unknown) scheduler.later(this.owner, 'write fails', () => { if (!this.dead) reject(new StorageTimeout('no answer')); });
    });
  }

  readonly storage = {
    get: (table: Table, key: Record<string, unknown>) => this.read('get', () => this.dc.store.get(table, key)),
    getMany: (table: Table, keys: readonly Record<string, unknown>[]) => this.read('get', () => keys.map((key) => this.dc.store.get(table, key))),
    range: (table: Table, partition: Record<string, unknown>, query: RangeQuery<Table>) => this.read('range', () => this.dc.store.range(table, partition, query as never)),
    put: (table: Table, row: Record<string, unknown>, options: { version?: bigint } = {}) => this.write([{ kind: 'put', table, row, version: options.version }], true),
    batch: (operations: readonly WriteOperation[]) => this.write(operations, false),
    atomicBatch: (operations: readonly WriteOperation[]) => this.write(operations, true),
    ensureTables: () => Promise.resolve(),
    close: () => Promise.resolve(),
  } as unknown as Storage;

  // ── log ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────

  private append(topic: Topic, index: number, records: readonly AppendRecord[]): Appended {
    if (this.dead) return { firstOffset: new Promise(() => {}), durable: new Promise(() => {}) };
    const { dc, scheduler, random } = this;
    if (topic.name === BOX_UPDATES.name) {
      const offset = dc.append(topic, index, records);
      return { firstOffset: Promise.resolve(offset), durable: Promise.resolve() };
    }
    this.oracle.append(records, dc.kind === 'separate');
    if (dc.kind === 'embedded') {
      const offset = dc.append(topic, index, records);
      const partition = dc.partition(topic, index);
      const length = partition.records.length;
      return {
        firstOffset: Promise.resolve(offset),
        durable: new Promise((resolve) => { dc.commit({ apply: () => {}, log: { partition, length } }, () => {
          this.oracle.confirm(records);
          resolve();
        }); }),
      };
    }
    const offset = new Promise<bigint>((resolve, reject) => {
      const fate = random.next();
      const { refused, unknown, repeated } = this.faults;
      if (fate < refused) {
        scheduler.later(this.owner, 'append fails', () => reject(new Error('the log gave no answer')));
        return;
      }
      scheduler.later(this.owner, ON_THE_WAY, () => {
        const first = dc.append(topic, index, records);
        if (fate > 1 - repeated) scheduler.later(this.owner, ON_THE_WAY, () => { dc.append(topic, index, records); });
        if (fate >= refused + unknown) scheduler.later(this.owner, 'appended', () => { if (!this.dead) resolve(first); });
      });
      if (fate < refused + unknown) scheduler.later(this.owner, 'append fails', () => { if (!this.dead) reject(new Error('the log gave no answer')); });
    });
    return { firstOffset: offset, durable: offset.then(() => undefined) };
  }

  private subscribe(topic: Topic, index: number, from: bigint, handler: (batch: RecordBatch) => Promise<void>): Subscription {
    const { dc, scheduler } = this;
    let position = from;
    let running = false;
    let closed = false;
    let ended: (() => void) | undefined;
    const wake = (): void => {
      if (running || closed || this.dead || BigInt(dc.partition(topic, index).records.length) <= position) return;
      running = true;
      scheduler.later(this.owner, `deliver ${topic.name}/${index}`, () => {
        const { records } = dc.batchFrom(topic, index, position, this.random.between(1, 8));
        if (closed || this.dead || records.length === 0) {
          running = false;
          ended?.();
          return;
        }
        const durable = dc.kind === 'separate' ? Promise.resolve() : new Promise<void>((resolve) => { dc.whenDurable(resolve); });
        const next = position + BigInt(records.length);
        handler({ records, durable }).then(() => {
          position = next;
          running = false;
          ended?.();
          wake();
        }, () => {
          running = false;
          ended?.();
        });
      });
    };
    dc.listeners.push((where, partition) => { if (where.name === topic.name && partition === index) wake(); });
    wake();
    return {
      ended: new Promise(() => {}),
      close: () => {
        closed = true;
        return running ? new Promise((resolve) => { ended = resolve; }) : Promise.resolve();
      },
    };
  }

  readonly eventLog = {
    ensureTopics: () => Promise.resolve(),
    epoch: () => Promise.resolve(this.dc.epoch),
    append: (topic: Topic, index: number, records: readonly AppendRecord[]) => this.append(topic, index, records),
    read: (topic: Topic, index: number, from: bigint, limit: number) => Promise.resolve(this.dc.batchFrom(topic, index, from, limit).records),
    subscribe: (topic: Topic, index: number, from: bigint, handler: (batch: RecordBatch) => Promise<void>) => Promise.resolve(this.subscribe(topic, index, from, handler)),
    bounds: (topic: Topic, index: number) => {
      const answer = (): { earliest: bigint; next: bigint } => ({ earliest: 0n, next: BigInt(this.dc.partition(topic, index).records.length) });
      return this.dc.kind === 'embedded' ? Promise.resolve(answer()) : this.ask('bounds', answer);
    },
    findPosition: (group: string, topic: Topic, index: number) => Promise.resolve(this.dc.positions.get(`${group}/${topic.name}/${index}`)),
    storePosition: (group: string, topic: Topic, index: number, next: bigint) => new Promise<void>((resolve) => {
      if (!this.dead) this.dc.storePosition(`${group}/${topic.name}/${index}`, next, resolve);
    }),
    close: () => Promise.resolve(),
  } as unknown as EventLog;
}

function pieceUp(random: Random, operations: readonly WriteOperation[]): WriteOperation[][] {
  const shuffled = random.shuffle(operations);
  const pieces: WriteOperation[][] = [];
  while (shuffled.length > 0) pieces.push(shuffled.splice(0, random.between(1, 4)));
  return pieces;
}
