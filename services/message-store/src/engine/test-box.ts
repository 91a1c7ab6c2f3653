import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { CommandSchema, type Command, type Head } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { openMemoryStorage } from '@heliograph/storage/memory';
import type { Storage, WriteOperation } from '@heliograph/storage/storage';
import type { Change } from './change';
import type { Dialogs } from './dialogs';
import { effectOf } from './effect';
import { ENGINE_TABLES } from './engine';
import { versionOf } from './ids';
import { SnapshotReader } from './reader';
import { answerRead, loadState } from './row-reader';
import { addRowOperations } from './rows';
import { SentMemory } from './sent-memory';

export type Body = NonNullable<MessageInitShape<typeof CommandSchema>['body']>;

/** For tests: one box, its effects applied to memory and rows step by step, with nothing asynchronous in between. */
export class TestBox {
  head!: Head;
  dialogs!: Dialogs;
  sent: SentMemory | undefined;
  private offset = 0n;

  private constructor(readonly box: number, readonly storage: Storage) {}

  static async open(box: number, storage: Storage = openMemoryStorage({ clock: { now: () => 0, sleep: () => new Promise(() => {}), every: () => ({ stop() {} }) } })): Promise<TestBox> {
    await storage.ensureTables(ENGINE_TABLES);
    const test = new TestBox(box, storage);
    await test.load();
    return test;
  }

  /** As a restart does: memory from the stored state. */
  async load(): Promise<void> {
    const { head, dialogs } = await loadState(this.storage, this.box);
    this.head = head;
    this.dialogs = dialogs;
    this.sent = undefined;
  }

  get version(): bigint {
    return versionOf(1, this.offset);
  }

  command(body: Body, other: Partial<MessageInitShape<typeof CommandSchema>> = {}): Command {
    return create(CommandSchema, { effect: 1, box: BigInt(this.box), date: 1_800_000_000, ...other, body } as MessageInitShape<typeof CommandSchema>);
  }

  /** What the command would do; nothing is changed. */
  async effect(command: Command, version: bigint): Promise<Change> {
    const { change, effect } = effectOf(this, command, version);
    let step = effect.next();
    while (step.done !== true) {
      const answer = await answerRead(this.storage, { box: this.box, topId: this.head.topId, version }, step.value);
      if (answer instanceof SentMemory) this.sent = answer;
      step = effect.next(answer);
    }
    return change;
  }

  /** Takes a change into memory, and its rows (or those that `which` names) into storage. */
  async take(change: Change, which: (index: number) => boolean = () => true): Promise<void> {
    const { version } = change;
    if (change.error === undefined && !change.isEmpty) {
      const operations: WriteOperation[] = [];
      for (const row of change.rows) addRowOperations(operations, this.box, version, row, change.date);
      const kept = operations.filter((_, index) => which(index));
      if (kept.length > 0) await this.storage.batch(kept);
      for (const dialog of change.dialogs.values()) this.dialogs.set(dialog);
      if (change.remembered !== undefined) this.sent?.add(change.remembered.randomId, change.remembered);
      this.head = { ...this.head, pts: change.pts, topId: change.topId, applied: version, date: change.date, dialogCount: change.dialogCount };
    }
  }

  /** The next command of this box's log. */
  async apply(body: Body, other: Partial<MessageInitShape<typeof CommandSchema>> = {}): Promise<Change> {
    this.offset += 1n;
    const change = await this.effect(this.command(body, other), this.version);
    await this.take(change);
    return change;
  }

  reader(): SnapshotReader {
    return new SnapshotReader(this.storage, { box: this.box, head: this.head, dialogs: this.dialogs.snapshot(), indexed: 0 });
  }
}

/** A message of `length` distinct bytes. */
export function content(text: string): { sealed: Uint8Array; tokens: Uint8Array } {
  return { sealed: Buffer.from(text), tokens: Buffer.from(text.padEnd(8).slice(0, 8)) };
}

let randomIds = 1n;
export function send(peer: number, text: string, other: Record<string, unknown> = {}): Body {
  return { case: 'send', value: { peer: BigInt(peer), randomId: (randomIds += 1n), content: content(text), ...other } };
}

/** What another box derived: the body, and what marks it as derived. */
export function delivery(from: number, id: number, text: string, other: Record<string, unknown> = {}): [Body, { origin: { box: bigint; version: bigint; index: number } }] {
  return [
    { case: 'deliver', value: { peer: BigInt(from), from: BigInt(from), uid: { box: BigInt(from), id }, content: content(text), ...other } },
    { origin: { box: BigInt(from), version: BigInt(id) * 10n, index: 0 } },
  ];
}
