import type { ChannelMember, Command, DialogRecord, Head, MessageRecord, BoxUpdate, PollVote, Reaction, ScheduledMessage } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { SealedContent } from '@heliograph/box/content';
import type { EventLog } from '@heliograph/event-log/event-log';
import type { Clock, Logger, Telemetry } from '@heliograph/service-kit/kit';
import type { Storage } from '@heliograph/storage/storage';
import type { Fate } from './due-sweeper';
import type { MemberKind } from './member-rows';
import type { CommandSchema } from '@heliograph/protos/heliograph/box/v1/box_pb';

/** What a command did, told to the caller that waits for it. */
export interface Outcome {
  /** TL-style error when the engine refused, e.g. MESSAGE_ID_INVALID; then nothing changed. */
  error?: string;
  /** The random_id was remembered: this is the earlier message's outcome. */
  duplicate: boolean;
  /** pts of the box after the command, and how many it took. */
  pts: number;
  ptsCount: number;
  /** The changes in pts order, as pushed to the other sessions. Empty for a duplicate (then `message` is set). */
  updates: BoxUpdate[];
  /** The message that a send made (or had made). */
  message?: MessageRecord;
  /** The version of the command in its box: rises with everything that happens to the box, in whichever DC. */
  version: bigint;
  /** deleteHistory, release: whether more is left. */
  more?: boolean;
  /** deleteParticipant: where the next page begins. */
  next?: number;
  /** An invitation: who could not be added. */
  usersRefused?: readonly number[];
  /** A join: the admins of the channel were asked to let the actor in. */
  requested?: boolean;
}

/** A page of a channel's members. */
export interface MembersPage {
  members: ChannelMember[];
  more: boolean;
}

/** A box as of now, read through the engine that owns it (read your writes). All lists are bounded by their limit. */
export interface BoxReader {
  head(): Head;
  dialog(peer: number): DialogRecord | undefined;
  /** Not pinned-first: plain order by top_date, top_id, peer, newest first. Of one folder, or of all. */
  dialogs(query: { offsetDate: number; offsetId: number; offsetPeer: number; limit: number; excludePinned: boolean; folder?: number }): DialogRecord[];
  /** Those pinned in that folder, by their place. */
  pinnedDialogs(folder: number): DialogRecord[];
  /** Of one folder, or of all. */
  dialogCount(folder?: number): number;
  /** Those in the archive that lists show, newest first. */
  archivedDialogs(): readonly DialogRecord[];
  /** Those with notification settings of their own, by peer; at most `limit`. */
  notifyExceptions(limit: number): DialogRecord[];
  /** Dialogs with a draft or a mark, in no order; those too that hold no message and are therefore in no list. At most `limit`. */
  annotatedDialogs(limit: number): DialogRecord[];
  /** In a group's box: everybody it knows of, by id. */
  members(): DialogRecord[];
  /** Rows of the channels that the owner of the box is in, by peer. */
  channels(): DialogRecord[];
  /** Rows of channels that the owner was in and is not any more. */
  leftChannels(): readonly DialogRecord[];
  /** In a channel's box: what it knows of these users (≤ MEMBERS_ASKED_MAX), in the order asked. */
  channelMembers(users: readonly number[]): Promise<(ChannelMember | undefined)[]>;
  /** In a channel's box: a page (≤ MEMBERS_ASKED_MAX) of those of a kind, in an order that stays; `after`: the last user of the page before, 0: from the start. */
  listChannelMembers(kind: MemberKind, after: number, limit: number): Promise<MembersPage>;
  /** In a channel's box: what somebody chose in polls that have a tally, in the order asked; undefined where nothing. */
  votesOf(user: number, ids: readonly number[]): Promise<(PollVote | undefined)[]>;
  /** In a channel's box: a page of those who voted in a poll that isn't anonymous (for an answer, or at all), newest first; `below`: their versions are, 0: from the newest. */
  listVotes(query: { id: number; answer: number | undefined; below: bigint; limit: number }): Promise<PollVote[]>;
  /** In a channel's box: how somebody reacted to messages that have a tally, in the order asked; undefined where not at all. */
  reactionsOf(user: number, ids: readonly number[]): Promise<(Reaction | undefined)[]>;
  /** In a supergroup's box: a page of those who reacted to a message (with one emoji, or at all), newest first; `below`: their versions are, 0: from the newest. */
  listReactions(query: { id: number; token: bigint | undefined; below: bigint; limit: number }): Promise<Reaction[]>;
  /** Alive messages only, in the order asked; undefined where there is none. */
  messages(ids: readonly number[]): Promise<(MessageRecord | undefined)[]>;
  /**
   * Alive messages of one dialog, newest first: ids < maxId (0: no bound) and > minId, at most `limit` (≤ 100), stepping over deleted ones.
   * `oldestFirst`: the ones just above minId, still answered newest first.
   */
  history(query: { peer: number; maxId: number; minId: number; limit: number; oldestFirst?: boolean }): Promise<MessageRecord[]>;
  /**
   * The id that a page by date starts below (offset_date): the lowest id of the dialog, alive or deleted, whose date is ≥ `date`;
   * 0 when all are older (then no bound). Exact while dates rise with ids, which callers in one DC see to; constant cost.
   */
  findIdAtDate(peer: number, date: number): Promise<number>;
  /** How many alive messages of the dialog have an id > `id` (exact up to 10,000, else an estimate by ids). */
  countAbove(peer: number, id: number): Promise<number>;
  /** Messages that wait to be sent in a chat, those with these ids or all; by id. */
  scheduled(peer: number, ids?: readonly number[]): Promise<ScheduledMessage[]>;
  /** Local ids of messages by identity, in the order asked; undefined for those that are unknown here. */
  findLocalIds(uids: readonly { box: number; id: number }[]): Promise<(number | undefined)[]>;
  /**
   * Changes with pts > `after`, in pts order, at most `limit`; each message as it is now. `complete` when the head is reached;
   * then `pts` equals the head's. A message that was since deleted appears in a later change's `deleted` only.
   */
  changes(after: number, limit: number): Promise<{ updates: BoxUpdate[]; pts: number; complete: boolean }>;
  /** Alive messages that carry every one of the tokens, newest first, ids < maxId (0: no bound) and > minId; at most `limit`. peer 0: any dialog. */
  searchToken(query: { peer: number; tokens: readonly Uint8Array[]; maxId: number; minId: number; limit: number }): Promise<MessageRecord[]>;
  /**
   * The same by id alone, newest first, without reading the messages: of those that are in the index, some were since deleted, or edited so that they
   * don't carry the tokens any more. At most `limit` (≤ POSTINGS_LISTED_MAX).
   */
  listPostings(query: { peer: number; tokens: readonly Uint8Array[]; maxId: number; minId: number; limit: number }): Promise<number[]>;
}

export interface BoxEngine {
  /**
   * Appends a command and resolves when it is durable and applied here. Rejects with CommandUnknown when its fate is unknown
   * (timeout, lost ownership): the client must retry with the same random_id. Rejects with BoxBusy at the queue's limit.
   */
  submit(command: MessageInitShape<typeof CommandSchema> & { box: number | bigint }): Promise<Outcome>;
  /** A consistent view of the box for one request; waits for commands in flight of this box. */
  read(box: number): Promise<BoxReader>;
  /**
   * Makes a box live here whose rows are in storage already, with that head; above the versions that it had elsewhere, and here before.
   * Repeating it is harmless.
   */
  adopt(box: number, head: Head): Promise<void>;
  /**
   * Commands that the relay of another DC brings (bytes of Command, all for boxes of this DC), in the order of the array.
   * Resolves when all are durable in this DC's log. Repetition and late repetition are harmless (origin marks).
   * This is the whole of MessageStoreService.AppendRelayed. Rejects with CommandUnknown; the relay then repeats.
   */
  appendRelayed(commands: readonly Uint8Array[]): Promise<void>;
  /** Why the engine can't take commands now (a partition that stopped), for readiness; undefined when all is well. */
  unreadyReason(): string | undefined;
  /** Begins to apply a partition from its stored mark; resolves when it is replayed to the log's end. Throws MarkOutOfRange. */
  take(partition: number): Promise<void>;
  /**
   * Lets a partition go. In order: callers who wait are answered first, heads and mark are written; new ones are told BoxElsewhere at once.
   * `atOnce`: another replica has it already, so nothing is waited for; what is under way is harmless there (ADR 0002).
   */
  give(partition: number, atOnce?: boolean): Promise<void>;
  /** Carries what is relayed to that DC; one replica does at a time, a second one is harmless. */
  carryTo(dc: number): Promise<void>;
  /** Stops to. */
  stopCarrying(dc: number): Promise<void>;
  /** Whether the box's partition is applied here. */
  owns(box: number): boolean;
  /** Ends in order: refuses new commands, waits for those in flight, writes heads and marks. */
  close(): Promise<void>;
}

/** What the engine is made of. `createBoxEngine(deps)` in ./engine.ts starts it; it resolves when every owned partition is replayed. */
export interface BoxEngineDeps {
  storage: Storage;
  eventLog: EventLog;
  clock: Clock;
  log: Logger;
  /** Cryptographically random bytes, for the call ids of this process. */
  random(bytes: number): Uint8Array;
  /** This data center: boxes whose id mod 32 is another go through the relay. */
  dc: number;
  /** The other data centers; each gets a forwarder. */
  relayDcs: readonly number[];
  /** Calls MessageStoreService.AppendRelayed of that DC; rejects when it isn't acknowledged, or given up by the signal. */
  relay(dc: number, commands: Uint8Array[], signal?: AbortSignal): Promise<void>;
  telemetry?: Telemetry;
  /** What becomes of a scheduled message of a user to another when it is due; rejects when that can't be told. Default: it is delivered. */
  fateOf?(box: number, peer: number): Promise<Fate>;
  /** What a supergroup says when an heir has taken it over from its creator, who left; rejects when it can't be sealed now. Default: nothing. */
  heirNotice?(box: number, creator: number, heir: number): Promise<SealedContent>;
  /** What each of these posts of a public broadcast (alive, of its box) is found by anywhere: keys of post_word. Rejects when it can't be told now. Default: such posts are not found. */
  postTokens?(box: number, posts: readonly MessageRecord[]): Promise<bigint[][]>;
  /** Partitions of box-commands that are taken, and DCs that are carried to, from the start; default all. Others by `take` and `carryTo`. */
  partitions?: readonly number[];
  carriedDcs?: readonly number[];
  /** Which replica owns a partition that is not taken here, for BoxElsewhere. */
  ownerOf?(partition: number): number | undefined;
  /** False: this process may have been replaced and not know it yet; callers are told BoxElsewhere. Default: never. */
  trusted?(): boolean;
}

/** Another replica applies this box's partition, or nobody does yet. Nothing was appended by this call. */
export class BoxElsewhere extends Error {
  constructor(readonly owner: number | undefined) {
    super(owner === undefined ? 'the box is between owners' : `replica ${owner} owns the box`);
    this.name = 'BoxElsewhere';
  }
}

/** The command's fate is unknown (timeout, lost ownership, the engine ends). Answer with an error that makes clients retry with the same random_id. */
export class CommandUnknown extends Error {
  constructor(reason: string) {
    super(`the fate of the command is unknown: ${reason}`);
    this.name = 'CommandUnknown';
  }
}

/** Too many commands wait for this box or its partition; nothing was appended. Answer FLOOD_WAIT. */
export class BoxBusy extends Error {
  constructor(what: string) {
    super(`too many commands wait for ${what}`);
    this.name = 'BoxBusy';
  }
}

export type { Command };
