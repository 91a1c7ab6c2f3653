import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { CommandSchema, MessageRecordSchema } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { boxLog, LOG_MESSAGE } from '@heliograph/message-store/tables/box-log';
import { boxProgress } from '@heliograph/message-store/tables/box-progress';
import { boxState, STATE_HEAD } from '@heliograph/message-store/tables/box-state';
import { boxWord } from '@heliograph/message-store/tables/box-word';
import type { AppendRecord } from '@heliograph/event-log/event-log';
import type { WriteOperation } from '@heliograph/storage/storage';

/**
 * Watches what engines write, whoever they are and however often: one version means one content, everywhere and for ever
 * (a replay and a zombie write the same bytes), no command is derived by one that the log does not hold, and no head says that a command is done before its rows
 * are durable.
 */
export class Oracle {
  readonly violations: string[] = [];
  private readonly written = new Map<string, string>();
  private readonly derived = new Map<string, string>();
  /** Entries that a crash may undo, with the version used again for something else; by the request that made them. */
  private readonly unconfirmed = new Map<object, { seen: Map<string, string>; keys: string[] }>();
  private readonly durableRows = new Set<string>();
  /** Versions by box whose rows were written by somebody and are durable by nobody's word. */
  private readonly pendingRows = new Map<string, Set<bigint>>();

  rows(operations: readonly WriteOperation[]): void {
    const made: string[] = [];
    this.unconfirmed.set(operations, { seen: this.written, keys: made });
    for (const operation of operations) {
      if (operation.kind !== 'put') continue;
      const { table, row, version } = operation;
      if (table === boxState) this.checkHead(operation);
      else this.await(operation);
      if (table === boxWord || table === boxProgress || mixesVersions(operation)) continue;
      const key = [table.name, ...Object.keys(table.partition), ...Object.keys(table.clustering)].map((column, i) => (i === 0 ? column : String(row[column]))).join('/');
      const value = Object.keys(table.columns).filter((column) => column in row).map((column) => text(column === 'v' ? ownPart(operation) : row[column])).join('|');
      this.once(this.written, `${key}@${version}`, value, 'rows of one version differ', made);
    }
  }

  private await({ table, row, version }: WriteOperation & { kind: 'put' }): void {
    if (table === boxWord || table === boxProgress || row.box === undefined || version === undefined || this.durableRows.has(`${String(row.box)}@${version}`)) return;
    const box = String(row.box);
    const pending = this.pendingRows.get(box);
    if (pending === undefined) this.pendingRows.set(box, new Set([version]));
    else pending.add(version);
  }

  private checkHead({ row, version = 0n }: WriteOperation & { kind: 'put' }): void {
    if (row.kind !== STATE_HEAD) return;
    for (const pending of this.pendingRows.get(String(row.box)) ?? []) {
      if (pending <= version) this.report(`the head of ${String(row.box)} was written at ${version} before the rows of ${pending} were durable`);
    }
  }

  /** A request of `rows` or `append` was answered. */
  confirm(request: object): void {
    this.unconfirmed.delete(request);
  }

  /** The process and its stores died together: what was not confirmed may not have been. */
  crash(): void {
    for (const { seen, keys } of this.unconfirmed.values()) for (const key of keys) seen.delete(key);
    this.unconfirmed.clear();
    this.pendingRows.clear();
  }

  rowsDurable(operations: readonly WriteOperation[]): void {
    this.confirm(operations);
    for (const operation of operations) {
      if (operation.kind !== 'put' || operation.table === boxState) continue;
      const box = String(operation.row.box);
      this.durableRows.add(`${box}@${operation.version}`);
      if (operation.version !== undefined) this.pendingRows.get(box)?.delete(operation.version);
    }
  }

  /** @param holds whether the log, which has an order of its own, holds the command of that box with that version; undefined: it shares the tables' */
  append(records: readonly AppendRecord[], holds: ((box: number, version: bigint) => boolean) | undefined): void {
    const made: string[] = [];
    this.unconfirmed.set(records, { seen: this.derived, keys: made });
    for (const { value } of records) {
      const { origin } = fromBinary(CommandSchema, value);
      if (origin === undefined) continue;
      const { box, version, index } = origin;
      this.once(this.derived, `${box}@${version}#${index}`, text(value), 'derived commands of one origin differ', made);
      if (holds?.(Number(box), version) === false) this.report(`a command was derived by ${box}@${version}, which the log does not hold`);
    }
  }

  private once(seen: Map<string, string>, key: string, value: string, what: string, made: string[]): void {
    const before = seen.get(key);
    if (before === undefined) {
      seen.set(key, value);
      made.push(key);
    } else if (before !== value) this.report(`${what}: ${key}`);
  }

  private report(what: string): void {
    if (this.violations.length < 20) this.violations.push(what);
  }
}

/**
 * Reading contents, reacting, voting and answering rewrite the row as it is, which on a repetition may hold the content of a later edit; then it loses to
 * that.
 */
function mixesVersions(operation: WriteOperation & { kind: 'put' }): boolean {
  if (operation.table !== boxLog || operation.row.kind !== LOG_MESSAGE) return false;
  const { contentsReadVersion, reactionsVersion, pollVersion, repliesVersion } = fromBinary(MessageRecordSchema, operation.row.v as Uint8Array);
  return [contentsReadVersion, reactionsVersion, pollVersion, repliesVersion].includes(operation.version ?? 0n);
}

/** Of a message what commands other than reactions, votes and answers make of it: those may be of later ones. */
function ownPart({ table, row }: WriteOperation & { kind: 'put' }): unknown {
  if (table !== boxLog || row.kind !== LOG_MESSAGE) return row.v;
  const record = fromBinary(MessageRecordSchema, row.v as Uint8Array);
  return toBinary(MessageRecordSchema, { ...record, reactions: [], reactionTally: undefined, reactionsVersion: 0n, pollVotes: [], pollVersion: 0n, replyCount: 0, lastRepliers: [], lastReplyId: 0, repliesVersion: 0n });
}

function text(value: unknown): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value);
}
