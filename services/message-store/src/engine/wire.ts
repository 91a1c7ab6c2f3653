import { create, toBinary, type DescMessage, type MessageInitShape, type MessageShape } from '@bufbuild/protobuf';
import {
  BoxSettingsSchema, BoxUpdateSchema, ChannelMembershipSchema, ChannelRecordSchema, CommandSchema, DialogRecordSchema, GroupRecordSchema, GroupViewSchema, MemberRecordSchema, MessageRecordSchema, NotifySettingsSchema, PollTallySchema, PollTermsSchema, PollVoteSchema, ReactionSchema, ReactionTallySchema, ScheduledEntrySchema, SealedReactionSchema, ThreadReadSchema, UnreadReactionSchema,
  type BoxUpdate, type Command, type Content, type DialogRecord, type GroupCaller, type MessageRecord,
} from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { DerivedBody } from './change';

/**
 * Encoders of the messages that every private message needs, by hand: the same bytes as `toBinary` for what they cover (a test holds
 * them to it), at a sixth of its time. What they don't cover goes the general way. Decoding is quick enough as it is.
 */

let bytes = Buffer.allocUnsafe(128 * 1024);
let view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
let at = 0;

function reserve(count: number): void {
  if (at + count <= bytes.length) return;
  const grown = Buffer.allocUnsafe(Math.max(bytes.length * 2, at + count));
  bytes.copy(grown, 0, 0, at);
  bytes = grown;
  view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function take(from: number): Uint8Array {
  const out = Buffer.allocUnsafe(at - from);
  bytes.copy(out, 0, from, at);
  return out;
}

function varint(value: number): void {
  reserve(10);
  let rest = value;
  while (rest >= 0x80) {
    bytes[at++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  bytes[at++] = rest;
}

function bigVarint(value: bigint): void {
  if (value >= 0n && value <= 0x1fffffffffffffn) return varint(Number(value));
  reserve(10);
  let rest = BigInt.asUintN(64, value);
  while (rest >= 0x80n) {
    bytes[at++] = Number(rest & 0x7fn) | 0x80;
    rest >>= 7n;
  }
  bytes[at++] = Number(rest);
}

function int(field: number, value: number): void {
  if (value === 0) return;
  varint(field << 3);
  if (value < 0) bigVarint(BigInt(value));
  else varint(value);
}
function long(field: number, value: bigint): void {
  if (value === 0n) return;
  varint(field << 3);
  bigVarint(value);
}
function bool(field: number, value: boolean): void {
  if (!value) return;
  varint(field << 3);
  bytes[at++] = 1;
}
function fixed(field: number, value: bigint): void {
  if (value === 0n) return;
  varint((field << 3) | 1);
  reserve(8);
  view.setBigInt64(at, BigInt.asIntN(64, value), true);
  at += 8;
}
function raw(field: number, value: Uint8Array): void {
  varint((field << 3) | 2);
  varint(value.length);
  reserve(value.length);
  bytes.set(value, at);
  at += value.length;
}
function blob(field: number, value: Uint8Array): void {
  if (value.length > 0) raw(field, value);
}
function text(field: number, value: string): void {
  if (value.length > 0) raw(field, Buffer.from(value));
}

/** Begins a nested message of unknown length; `end` closes it. */
function begin(field: number): number {
  varint((field << 3) | 2);
  reserve(1);
  at += 1;
  return at;
}
function end(start: number): void {
  const length = at - start;
  let size = 1;
  for (let rest = length; rest >= 0x80; rest = Math.floor(rest / 0x80)) size += 1;
  if (size > 1) {
    reserve(size - 1);
    bytes.copyWithin(start + size - 1, start, at);
  }
  at = start - 1;
  varint(length);
  at += length;
}

function uid(field: number, value: { box: bigint; id: number } | undefined): void {
  if (value === undefined) return;
  const start = begin(field);
  long(1, value.box);
  int(2, value.id);
  end(start);
}

function content(field: number, value: Content | undefined): void {
  if (value === undefined) return;
  const start = begin(field);
  blob(1, value.sealed);
  blob(2, value.tokens);
  int(3, value.mediaClass);
  bool(4, value.service);
  long(5, value.savedPeer);
  nested(60, PollTermsSchema, value.poll);
  end(start);
}

const isKnown = (message: { $unknown?: unknown[] } | undefined): boolean => message?.$unknown === undefined || message.$unknown.length === 0;

export function encodeMessage(record: MessageRecord): Uint8Array {
  if (!isKnown(record) || !isKnown(record.content)) return toBinary(MessageRecordSchema, record);
  at = 0;
  int(1, record.id);
  long(2, record.peer);
  long(3, record.from);
  bool(4, record.out);
  int(5, record.date);
  int(6, record.editDate);
  bool(7, record.editHide);
  uid(8, record.uid);
  content(9, record.content);
  bool(10, record.silent);
  int(11, record.replyToId);
  fixed(12, record.randomId);
  int(13, record.pts);
  bool(14, record.mediaUnread);
  bool(15, record.mentioned);
  int(16, record.ttlPeriod);
  bool(17, record.noforwards);
  long(18, record.createdVersion);
  long(19, record.editedVersion);
  long(20, record.deletedVersion);
  int(21, record.editPts);
  long(22, record.contentsReadVersion);
  for (const reaction of record.reactions) nested(30, ReactionSchema, reaction);
  long(31, record.reactionsVersion);
  bool(40, record.fromScheduled);
  long(50, record.author);
  int(51, record.threadId);
  int(52, record.replyCount);
  packedLong(53, record.lastRepliers);
  int(54, record.lastReplyId);
  packedLong(55, record.mentions);
  long(56, record.repliesVersion);
  long(57, record.discussion);
  nested(60, PollTermsSchema, record.poll);
  for (const vote of record.pollVotes) nested(61, PollVoteSchema, vote);
  long(62, record.pollClosedVersion);
  long(63, record.pollVersion);
  nested(64, PollTallySchema, record.pollTally);
  bool(65, record.signed);
  long(66, record.savedPeer);
  nested(70, ReactionTallySchema, record.reactionTally);
  return take(0);
}

export function encodeDialog(dialog: DialogRecord): Uint8Array {
  if (!isKnown(dialog)) return toBinary(DialogRecordSchema, dialog);
  at = 0;
  long(1, dialog.peer);
  int(2, dialog.topId);
  int(3, dialog.topDate);
  int(4, dialog.unreadCount);
  int(5, dialog.readInboxMaxId);
  int(6, dialog.readOutboxMaxId);
  bool(7, dialog.unreadMark);
  int(8, dialog.pinnedOrder);
  blob(9, dialog.draftSealed);
  int(10, dialog.draftDate);
  packed(11, dialog.pinnedIds);
  int(12, dialog.lastIncomingId);
  int(13, dialog.lastIncomingOriginId);
  long(14, dialog.originVersion);
  int(15, dialog.originIndex);
  int(16, dialog.unreadMentionsCount);
  int(17, dialog.messageCount);
  long(18, dialog.version);
  int(19, dialog.clearedMaxId);
  int(20, dialog.rowCount);
  packed(21, dialog.bucketStarts);
  nested(22, GroupViewSchema, dialog.view);
  nested(23, GroupRecordSchema, dialog.group);
  nested(24, MemberRecordSchema, dialog.member);
  int(30, dialog.folderId);
  nested(31, NotifySettingsSchema, dialog.notify);
  nested(32, BoxSettingsSchema, dialog.settings);
  for (const unread of dialog.unreadReactions) nested(40, UnreadReactionSchema, unread);
  for (const recent of dialog.recentReactions) nested(41, SealedReactionSchema, recent);
  for (const entry of dialog.scheduled) nested(45, ScheduledEntrySchema, entry);
  int(46, dialog.lastScheduledId);
  int(47, dialog.ttlPeriod);
  int(48, dialog.ttlStamp);
  long(49, dialog.ttlBy);
  int(50, dialog.defaultTtlPeriod);
  nested(60, ChannelMembershipSchema, dialog.membership);
  nested(61, ChannelRecordSchema, dialog.channel);
  for (const unread of dialog.unreadVotes) nested(65, UnreadReactionSchema, unread);
  for (const thread of dialog.threads) nested(66, ThreadReadSchema, thread);
  int(70, dialog.readInboxDate);
  int(71, dialog.archivedMaxId);
  int(72, dialog.archivedUntil);
  bool(75, dialog.inParts);
  return take(0);
}

function nested<S extends DescMessage>(field: number, schema: S, value: MessageShape<S> | undefined): void {
  if (value !== undefined) raw(field, toBinary(schema, value));
}

function packedLong(field: number, values: readonly bigint[]): void {
  if (values.length === 0) return;
  const start = begin(field);
  for (const value of values) bigVarint(value);
  end(start);
}

function packed(field: number, values: readonly number[]): void {
  if (values.length === 0) return;
  const start = begin(field);
  for (const value of values) varint(value);
  end(start);
}

/**
 * A BoxEvent.
 * @param message the record that the command wrote, with its bytes, which are not encoded again
 * @param answered the caller was here and got the updates with its answer
 */
export function encodeEvent(
  command: Command,
  version: bigint,
  updates: readonly BoxUpdate[],
  message: MessageRecord | undefined,
  encoded: Uint8Array | undefined,
  answered: boolean,
): Uint8Array {
  at = 0;
  long(1, command.box);
  long(2, version);
  int(3, command.date);
  fixed(4, command.callerAuthKeyId);
  fixed(5, command.callerSessionId);
  text(6, command.traceparent);
  for (const update of updates) {
    const { change } = update;
    if (encoded !== undefined && (change.case === 'message' || change.case === 'edited') && change.value === message) {
      const start = begin(7);
      int(1, update.pts);
      int(2, update.ptsCount);
      raw(change.case === 'message' ? 8 : 9, encoded);
      bool(42, update.messagePinned);
      end(start);
    } else {
      raw(7, toBinary(BoxUpdateSchema, update));
    }
  }
  bool(8, answered);
  return take(0);
}

/** A command that `origin` derives for another box: with its effect version, its date, its trace, and who is answered by it there. */
export function encodeDerived(origin: Command, version: bigint, index: number, box: number, body: DerivedBody, caller?: GroupCaller): Uint8Array {
  if (body.case !== 'deliver' || !isKnown(body.value.content) || body.value.view !== undefined || body.value.setTtl !== undefined || body.value.fromScheduled) {
    return toBinary(CommandSchema, create(CommandSchema, {
      effect: origin.effect,
      box: BigInt(box),
      origin: { box: origin.box, version, index },
      date: origin.date,
      traceparent: origin.traceparent,
      callerAuthKeyId: caller?.authKeyId,
      callerSessionId: caller?.sessionId,
      callId: caller?.callId,
      body,
    }));
  }
  at = 0;
  int(1, origin.effect);
  long(2, BigInt(box));
  const mark = begin(3);
  long(1, origin.box);
  long(2, version);
  int(3, index);
  end(mark);
  int(4, origin.date);
  fixed(5, caller?.authKeyId ?? 0n);
  fixed(6, caller?.sessionId ?? 0n);
  text(7, origin.traceparent);
  fixed(8, caller?.callId ?? 0n);
  const start = begin(17);
  const deliver = body.value;
  long(1, deliver.peer);
  long(2, deliver.from);
  uid(3, deliver.uid);
  fixed(4, deliver.randomId);
  content(5, deliver.content);
  bool(6, deliver.silent);
  uid(7, deliver.replyTo);
  int(8, deliver.ttlPeriod);
  bool(9, deliver.noforwards);
  bool(10, deliver.out);
  bool(11, deliver.mentioned);
  end(start);
  return take(0);
}

/** A caller's command. */
export function encodeCommand(init: MessageInitShape<typeof CommandSchema>, box: number, effect: number, callId: bigint): Uint8Array {
  const { body } = init;
  if (body?.case !== 'send' || init.origin !== undefined || body.value.setTtl !== undefined || body.value.content?.poll !== undefined) {
    return toBinary(CommandSchema, create(CommandSchema, { ...init, box: BigInt(box), effect, callId }));
  }
  at = 0;
  int(1, effect);
  long(2, BigInt(box));
  int(4, init.date ?? 0);
  fixed(5, init.callerAuthKeyId ?? 0n);
  fixed(6, init.callerSessionId ?? 0n);
  text(7, init.traceparent ?? '');
  fixed(8, callId);
  const start = begin(16);
  const send = body.value;
  long(1, send.peer ?? 0n);
  fixed(2, send.randomId ?? 0n);
  const sealed = send.content;
  if (sealed !== undefined) {
    const nested = begin(3);
    blob(1, sealed.sealed ?? EMPTY);
    blob(2, sealed.tokens ?? EMPTY);
    int(3, sealed.mediaClass ?? 0);
    bool(4, sealed.service ?? false);
    long(5, sealed.savedPeer ?? 0n);
    end(nested);
  }
  bool(4, send.silent ?? false);
  if (send.replyTo !== undefined) uid(5, { box: send.replyTo.box ?? 0n, id: send.replyTo.id ?? 0 });
  int(6, send.replyToLocalId ?? 0);
  bool(7, send.clearDraft ?? false);
  bool(8, send.noDeliver ?? false);
  bool(10, send.noforwards ?? false);
  end(start);
  return take(0);
}

const EMPTY = new Uint8Array(0);
