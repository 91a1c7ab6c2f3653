import type { ChannelMember, Command, Head } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { BoxState, Read, ReadAnswer } from './change';
import type { Dialogs } from './dialogs';
import { MemberCache } from './member-cache';
import type { SupersededRow } from './member-garbage';
import { LATEST_VERSION, type Moment } from './row-reader';
import { SentMemory } from './sent-memory';

/** A box as a reader holds it: its state at one moment at which all rows up to that moment were durable. */
export interface Snapshot {
  readonly box: number;
  readonly head: Head;
  readonly dialogs: Dialogs;
  /** pts up to which the box is indexed for search. */
  readonly indexed: number;
  /** Of a channel: what is in memory of its members, as of now. */
  readonly members?: MemberCache;
}

/** A snapshot, and what a reader of it waits for before it answers. */
export interface LiveSnapshot extends Snapshot {
  /**
   * Resolves when all rows of the box that could be seen before the call are durable. Rejects with CommandUnknown when that will never
   * be known.
   */
  rowsDurable(): Promise<void>;
}

/** A command taken from the log. */
export interface CommandWork {
  readonly command: Command;
  readonly version: bigint;
  readonly offset: bigint;
}

/** Somebody who wants the state after all that came before in the queue, with its rows durable. */
export interface ReaderWork {
  readonly command?: undefined;
  resolve(snapshot: LiveSnapshot): void;
  reject(error: Error): void;
  /** The box is to be read from storage anew after it. */
  reload?: boolean;
}

/** A box in the memory of its owner. */
export class Box implements BoxState {
  /** Set when loaded. */
  head!: Head;
  dialogs!: Dialogs;
  sent: SentMemory | undefined;
  /** pts up to which the box is indexed for search; no part of the state that commands see. */
  indexed = 0;
  indexing = false;
  /** The same of a public broadcast's posts for searches everywhere. */
  postsIndexed = 0;
  indexingPosts = false;
  /** pts of the stored head. */
  storedPts = 0;
  loaded = false;
  members = new MemberCache();
  /** Rows of members and votes that no command above the next stored head needs. */
  superseded: SupersededRow[] = [];
  /** Records that the engine counts as held by this box. */
  counted = 0;
  /** Something asynchronous (a load, an effect's reads) is under way; the queue waits for it. */
  stepping = false;
  /** The queue waits until no rows are in flight. */
  waitsForRows = false;
  readonly queue: (CommandWork | ReaderWork)[] = [];
  /** Commands applied here whose rows are not yet known to be durable. */
  inFlight = 0;
  /** Dialogs changed since the last snapshot that went to storage. */
  readonly changedDialogs = new Set<number>();
  /** Offset of the first applied command that no snapshot covers, and when it was applied (milliseconds of the clock). */
  firstUnflushed: bigint | undefined;
  changedAt = 0;
  /** Offset of the first command that the snapshot being written covers. */
  flushingFrom: bigint | undefined;
  /** The last group of rows that has some of this box. */
  lastGroup = 0;
  /** Touched since the cache was last swept. */
  used = true;

  constructor(readonly box: number) {}

  /** Whether memory holds nothing that storage lacks, and nobody waits. */
  get idle(): boolean {
    return this.queue.length === 0 && !this.stepping && this.inFlight === 0 && !this.indexing && !this.indexingPosts && this.firstUnflushed === undefined && this.flushingFrom === undefined;
  }

  /** The first offset of this box that a replay must begin at, if any. */
  get oldestNeeded(): bigint | undefined {
    let oldest = this.firstUnflushed;
    if (this.flushingFrom !== undefined && (oldest === undefined || this.flushingFrom < oldest)) oldest = this.flushingFrom;
    for (const work of this.queue) {
      if (work.command === undefined) continue;
      if (oldest === undefined || work.offset < oldest) oldest = work.offset;
      break;
    }
    return oldest;
  }

  /** Records in memory: dialogs, and members of a channel. */
  get size(): number {
    return this.loaded ? this.dialogs.size + this.members.size : 0;
  }

  /** Answers what needs no row; undefined: it does. */
  answerFromMemory(read: Read): ReadAnswer | undefined {
    return read.kind === 'members' ? this.members.findAll(read.users) : undefined;
  }

  /** Takes in what storage answered, so that it need not be asked again. */
  learn(read: Read, answer: ReadAnswer): void {
    if (answer instanceof SentMemory) this.sent = answer;
    else if (read.kind === 'members') read.users.forEach((user, index) => this.members.set(user, (answer as (ChannelMember | undefined)[])[index]));
  }

  snapshot(rowsDurable: () => Promise<void>): LiveSnapshot {
    return { box: this.box, head: this.head, dialogs: this.dialogs.snapshot(), indexed: this.indexed, members: this.members, rowsDurable };
  }

  /** As an effect of that version must see the rows. */
  moment(version: bigint): Moment {
    return { box: this.box, topId: this.head.topId, version };
  }
}

/** Rows as of a snapshot: later messages hidden, later edits and deletions visible. */
export function momentOf(snapshot: Snapshot): Moment {
  return { box: snapshot.box, topId: snapshot.head.topId, version: LATEST_VERSION };
}
