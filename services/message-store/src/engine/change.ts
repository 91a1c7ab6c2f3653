import type { AdminEvent, BoxUpdate, ChannelMember, Command, DialogRecord, Due, GroupCaller, Head, MessageRecord, MessageUid, PollVote, Reaction, ScheduledMessage } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Dialogs } from './dialogs';
import { PEER_BUCKET_ROWS } from './limits';
import type { PeerRow } from './peer-row';
import { boxUpdate, emptyDialog } from './records';
import type { SentMemory } from './sent-memory';

/** A box as of just before a command: what is in memory of it. Effects only read it. */
export interface BoxState {
  readonly box: number;
  readonly head: Head;
  readonly dialogs: Dialogs;
  /** Absent until a command asked for it. */
  readonly sent?: SentMemory;
}

/** What an effect asks for because it is not in memory. Answered from rows, as of just before the command's version. */
export type Read =
  /** Messages by local id, in the order asked. */
  | { kind: 'messages'; ids: readonly number[] }
  /** Rows of one dialog's history with above < id < below, at most PEER_PAGE_ROWS; deleted ones too. */
  | { kind: 'slice'; dialog: DialogRecord; below: number; above: number; oldestFirst: boolean }
  /** Rows of one dialog's history by id, in the order asked. */
  | { kind: 'rows'; dialog: DialogRecord; ids: readonly number[] }
  /** Local ids by identity, in the order asked, undefined where unknown here. */
  | { kind: 'locals'; uids: readonly MessageUid[] }
  /** The memory of random_ids. */
  | { kind: 'sent' }
  /** In a channel's box: what it knows of users, in the order asked. */
  | { kind: 'members'; users: readonly number[] }
  /** In a channel's box: what somebody chose in a poll. */
  | { kind: 'vote'; id: number; user: number }
  /** In a channel's box: how somebody reacted to a message. */
  | { kind: 'reaction'; id: number; user: number }
  /** Parked commands above a version, oldest first. */
  | { kind: 'parked'; after: bigint; limit: number };

/** A command that waits to be sent on. */
export interface Parked {
  version: bigint;
  command: Uint8Array;
}

export type ReadAnswer = (MessageRecord | undefined)[] | PeerRow[] | (PeerRow | undefined)[] | (number | undefined)[] | Parked[] | (ChannelMember | undefined)[] | { vote: PollVote | undefined } | { reaction: Reaction | undefined } | SentMemory;

/** An effect in the making: yields what it must read, returns when the change is complete. */
export type Effect = Generator<Read, void, ReadAnswer>;

export function* readMessages(ids: readonly number[]): Generator<Read, (MessageRecord | undefined)[], ReadAnswer> {
  return ids.length === 0 ? [] : (yield { kind: 'messages', ids }) as (MessageRecord | undefined)[];
}
export function* readSlice(dialog: DialogRecord, range: { below: number; above: number; oldestFirst?: boolean }): Generator<Read, PeerRow[], ReadAnswer> {
  return (yield { kind: 'slice', dialog, below: range.below, above: range.above, oldestFirst: range.oldestFirst ?? false }) as PeerRow[];
}
export function* readRows(dialog: DialogRecord, ids: readonly number[]): Generator<Read, (PeerRow | undefined)[], ReadAnswer> {
  return ids.length === 0 ? [] : (yield { kind: 'rows', dialog, ids }) as (PeerRow | undefined)[];
}
export function* readLocals(uids: readonly MessageUid[]): Generator<Read, (number | undefined)[], ReadAnswer> {
  return uids.length === 0 ? [] : (yield { kind: 'locals', uids }) as (number | undefined)[];
}
export function* readSent(state: BoxState): Generator<Read, SentMemory, ReadAnswer> {
  return state.sent ?? (yield { kind: 'sent' }) as SentMemory;
}

export function* readMembers(users: readonly number[]): Generator<Read, (ChannelMember | undefined)[], ReadAnswer> {
  return users.length === 0 ? [] : (yield { kind: 'members', users }) as (ChannelMember | undefined)[];
}
/** What somebody chose in a poll of the channel, or took back. */
export function* readVote(id: number, user: number): Generator<Read, PollVote | undefined, ReadAnswer> {
  return ((yield { kind: 'vote', id, user }) as { vote: PollVote | undefined }).vote;
}
export function* readReaction(id: number, user: number): Generator<Read, Reaction | undefined, ReadAnswer> {
  return ((yield { kind: 'reaction', id, user }) as { reaction: Reaction | undefined }).reaction;
}
export function* readParked(after: bigint, limit: number): Generator<Read, Parked[], ReadAnswer> {
  return (yield { kind: 'parked', after, limit }) as Parked[];
}

/** A row that a command writes; its version is the command's. */
export type RowChange =
  | { kind: 'message'; record: MessageRecord }
  | { kind: 'change'; pts: number; update: BoxUpdate }
  | { kind: 'peer'; peer: number; bucket: number; row: PeerRow }
  | { kind: 'origin'; uid: MessageUid; id: number }
  | { kind: 'sent'; id: number; randomId: bigint; date: number }
  | { kind: 'parked'; command: Uint8Array }
  /** In a channel's box. `before`: the row that it takes the place of. */
  | { kind: 'member'; record: ChannelMember; before: ChannelMember | undefined }
  /** In a channel's box. `before`: the row that it takes the place of; `listed`: who voted is told. */
  | { kind: 'vote'; id: number; vote: PollVote; before: PollVote | undefined; listed: boolean }
  /** In a channel's box. `before`: the row that it takes the place of; `listed`: who reacted is told. */
  | { kind: 'reaction'; id: number; reaction: Reaction; before: Reaction | undefined; listed: boolean }
  /** In a channel's box: what its admin log tells. `repeated`: it lacks what was there when the command was first applied, and gives way to what that wrote. */
  | { kind: 'logged'; event: AdminEvent; repeated: boolean }
  | { kind: 'scheduled'; record: ScheduledMessage }
  | { kind: 'scheduledGone'; peer: number; id: number }
  /** Something comes due at that time, unix seconds. */
  | { kind: 'due'; at: number; due: number; peer: number; id: number }
  /** What that row said is done, or is due no more. */
  | { kind: 'dueDone'; due: Due };

/** A command for another box; the runtime gives it its origin (this box, this version, its index) and its date. */
export type DerivedBody = Extract<Command['body'], { case: 'deliver' | 'editCopy' | 'deleteCopy' | 'readOutbox' | 'pinCopy' | 'unpinAllCopy' | 'groupAct' | 'groupAnswer' | 'groupTold' | 'reactCopy' | 'pollCopy' | 'channelAct' | 'channelTold' | 'channelMention' | 'channelReaction' | 'discussPost' }>;
/** A command as it is, for this box in the DC that it lives in; 0: in this DC's log. It keeps its origin. */
export interface SentOn {
  box: number;
  dc: number;
  command: Uint8Array;
}
/** `caller`: who waits in the target box, and is answered by this command. */
export type Derived = { box: number; body: DerivedBody; caller?: GroupCaller } | SentOn;

/** The body of a BoxUpdate that takes pts, and of one that takes none. */
export type UpdateBody = BoxUpdate['change'];

/**
 * What one command does to one box, gathered by its effect. Nothing of it touches the state: whoever runs the effect applies it.
 * An instance serves one command.
 */
export class Change {
  readonly rows: RowChange[] = [];
  readonly derived: Derived[] = [];
  readonly updates: BoxUpdate[] = [];
  readonly dialogs = new Map<number, DialogRecord>();
  /** A random_id that is remembered from now on. */
  remembered: { randomId: bigint; id: number; date: number } | undefined;
  /** The refusal; then nothing else is set. */
  error: string | undefined;
  duplicate = false;
  /** Who waits is answered by a later command. */
  deferred = false;
  message: MessageRecord | undefined;
  more: boolean | undefined;
  next: number | undefined;
  usersRefused: readonly number[] | undefined;
  requested: boolean | undefined;
  /** What changes of the head's part that says where the box lives. */
  move: Partial<Pick<Head, 'movedTo' | 'parking' | 'released' | 'marker'>> | undefined;
  pts: number;
  ptsCount = 0;
  topId: number;
  dialogCount: number;

  constructor(readonly state: BoxState, readonly command: Command, readonly version: bigint) {
    this.pts = state.head.pts;
    this.topId = state.head.topId;
    this.dialogCount = state.head.dialogCount;
  }

  get box(): number {
    return this.state.box;
  }

  get date(): number {
    return this.command.date;
  }

  /** Whether it does nothing, so that a repetition does nothing either and need not be ruled out. */
  get isEmpty(): boolean {
    return this.dialogs.size === 0 && this.ptsCount === 0 && this.rows.length === 0 && this.derived.length === 0 && this.move === undefined;
  }

  dialog(peer: number): DialogRecord | undefined {
    return this.dialogs.get(peer) ?? this.state.dialogs.get(peer);
  }

  /** A dialog to change: a copy, made on first use (of an empty one, if there was none). */
  editDialog(peer: number): DialogRecord {
    let dialog = this.dialogs.get(peer);
    if (dialog === undefined) {
      const before = this.state.dialogs.get(peer);
      dialog = before === undefined ? emptyDialog(peer) : { ...before };
      if (before === undefined) this.dialogCount += 1;
      dialog.version = this.version;
      this.dialogs.set(peer, dialog);
    }
    return dialog;
  }

  /** A change inside the pts sequence that takes `count` of them. It is kept for differences. */
  update(change: UpdateBody, count: number): BoxUpdate {
    this.pts += count;
    this.ptsCount += count;
    const update = boxUpdate(this.pts, count, change);
    this.updates.push(update);
    return update;
  }

  /** A change outside the pts sequence. */
  announce(change: UpdateBody): void {
    this.updates.push(boxUpdate(0, 0, change));
  }

  /** Keeps the last update for differences, in the words of the row (`stored` instead of what sessions are told). */
  keep(update: BoxUpdate, stored: BoxUpdate = update): void {
    this.rows.push({ kind: 'change', pts: update.pts, update: stored });
  }

  refuse(error: string): void {
    this.error = error;
  }
}

/** The bucket of box_peer that holds (or would hold) the id, by the dialog's bucket_starts. */
export function bucketOfId(dialog: DialogRecord, id: number): number {
  const starts = dialog.bucketStarts;
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((starts[middle] as number) <= id) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

/** Places one more row in the dialog's history: its ordinal and bucket. `dialog` is an own copy. */
export function placeRow(dialog: DialogRecord, id: number): { ordinal: number; bucket: number } {
  const ordinal = dialog.rowCount;
  const bucket = Math.floor(ordinal / PEER_BUCKET_ROWS);
  if (bucket === dialog.bucketStarts.length) dialog.bucketStarts = [...dialog.bucketStarts, id];
  dialog.rowCount = ordinal + 1;
  return { ordinal, bucket };
}
