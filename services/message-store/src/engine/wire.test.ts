import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import {
  BoxEventSchema, BoxUpdateSchema, CommandSchema, DeliverSchema, GroupCallerSchema, DialogRecordSchema, MessageRecordSchema, type MessageRecord,
} from '@heliograph/protos/heliograph/box/v1/box_pb';
import { boxUpdate, emptyDeliver, emptyDialog, emptyMessage } from './records';
import { encodeCommand, encodeDerived, encodeDialog, encodeEvent, encodeMessage } from './wire';

const int32 = fc.oneof(fc.constant(0), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.integer({ min: 0, max: 300 }));
const id = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const int64 = fc.oneof(fc.constant(0n), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.bigInt({ min: 0n, max: 2n ** 40n }));
const uint64 = fc.oneof(fc.constant(0n), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.bigInt({ min: 2n ** 44n, max: 2n ** 46n }));
const bytes = fc.uint8Array({ maxLength: 400 });
const uid = fc.option(fc.record({ box: int64, id: int32 }), { nil: undefined });
const poll = fc.option(fc.record({ answers: fc.nat(12), multiple: fc.boolean(), final: fc.boolean(), public: fc.boolean(), closed: fc.boolean(), closeDate: int32, closePeriod: int32 }), { nil: undefined });
const content = fc.option(fc.record({ sealed: bytes, tokens: bytes, mediaClass: fc.nat(), service: fc.boolean(), savedPeer: int64, poll }), { nil: undefined });
const message = fc.record({
  id, peer: int64, from: int64, out: fc.boolean(), date: int32, editDate: int32, editHide: fc.boolean(), uid, content, silent: fc.boolean(),
  replyToId: int32, randomId: int64, pts: id, mediaUnread: fc.boolean(), mentioned: fc.boolean(), ttlPeriod: int32, noforwards: fc.boolean(),
  createdVersion: uint64, editedVersion: uint64, deletedVersion: uint64, editPts: id, contentsReadVersion: uint64, fromScheduled: fc.boolean(),
  reactions: fc.array(fc.record({ user: int64, date: int32, sealed: bytes, token: uint64, big: fc.boolean(), unread: fc.boolean(), version: uint64, previous: uint64 }), { maxLength: 3 }), reactionsVersion: uint64,
  reactionTally: fc.option(fc.record({ people: fc.nat(), counts: fc.array(fc.record({ token: uint64, sealed: bytes, count: fc.nat() }), { maxLength: 3 }) }), { nil: undefined }),
  poll, pollVotes: fc.array(fc.record({ user: int64, options: fc.nat(4_095), date: int32, version: uint64, unread: fc.boolean() }), { maxLength: 3 }), pollClosedVersion: uint64, pollVersion: uint64,
  author: int64, threadId: int32, replyCount: int32, lastRepliers: fc.array(int64, { maxLength: 3 }), lastReplyId: int32, mentions: fc.array(int64, { maxLength: 3 }), repliesVersion: uint64, discussion: int64, savedPeer: int64,
});
const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex');

describe('the hand-written encoders', () => {
  test('a literal is what create makes', () => {
    expect(emptyMessage()).toEqual(create(MessageRecordSchema));
    expect(emptyDialog(5)).toEqual(create(DialogRecordSchema, { peer: 5n }));
    expect(emptyDeliver()).toEqual(create(DeliverSchema));
    expect(boxUpdate(0, 0, { case: undefined })).toEqual(create(BoxUpdateSchema));
  });

  test('a message has the bytes of the general encoder', () => {
    fc.assert(fc.property(message, (init) => {
      const record = create(MessageRecordSchema, init);
      expect(hex(encodeMessage(record))).toBe(hex(toBinary(MessageRecordSchema, record)));
    }));
  });

  test('fields of a newer release survive', () => {
    const record = fromBinary(MessageRecordSchema, Uint8Array.from([0x08, 0x05, 0xf8, 0x7f, 0x07]));
    expect(hex(encodeMessage(record))).toBe('0805f87f07');
  });

  test('a dialog has the bytes of the general encoder', () => {
    const dialog = fc.record({
      peer: int64, topId: id, topDate: int32, unreadCount: id, readInboxMaxId: id, readOutboxMaxId: id, unreadMark: fc.boolean(), pinnedOrder: id,
      draftSealed: bytes, draftDate: int32, pinnedIds: fc.array(id, { maxLength: 100 }), lastIncomingId: id, lastIncomingOriginId: id, originVersion: uint64,
      originIndex: fc.nat(), unreadMentionsCount: id, messageCount: id, version: uint64, clearedMaxId: id, rowCount: id, bucketStarts: fc.array(id, { maxLength: 50 }),
      view: fc.option(fc.record({ titleSealed: bytes, memberCount: id, version: id, creator: int64, defaultBanned: id, left: fc.boolean() }), { nil: undefined }),
      group: fc.option(fc.record({ creator: int64, version: id, invites: fc.array(fc.record({ nonce: id, usage: id }), { maxLength: 3 }) }), { nil: undefined }),
      member: fc.option(fc.record({ inviter: int64, date: int32, admin: fc.boolean(), sinceId: id }), { nil: undefined }),
      unreadReactions: fc.array(fc.record({ id, user: int64 }), { maxLength: 3 }), recentReactions: fc.array(fc.record({ sealed: bytes, token: uint64 }), { maxLength: 3 }),
      scheduled: fc.array(fc.record({ id, at: int32, randomId: int64, version: uint64 }), { maxLength: 5 }), lastScheduledId: id, ttlPeriod: int32, ttlStamp: int32, ttlBy: int64, defaultTtlPeriod: int32, unreadVotes: fc.array(fc.record({ id, user: int64 }), { maxLength: 3 }),
      threads: fc.array(fc.record({ id, maxId: id, broadcast: int64, post: id }), { maxLength: 3 }), inParts: fc.boolean(),
      folderId: id, notify: fc.option(fc.record({ muteUntil: fc.option(int32, { nil: undefined }), sealed: bytes }), { nil: undefined }),
      settings: fc.option(fc.record({ notifyDefaults: fc.array(fc.record({ kind: fc.integer({ min: 0, max: 3 }) }), { maxLength: 3 }), filters: fc.array(fc.record({ id, sealed: bytes }), { maxLength: 3 }), filterTags: fc.boolean() }), { nil: undefined }),
    });
    fc.assert(fc.property(dialog, (init) => {
      const record = create(DialogRecordSchema, init);
      expect(hex(encodeDialog(record))).toBe(hex(toBinary(DialogRecordSchema, record)));
    }));
  });

  test('an event has the bytes of the general encoder', () => {
    fc.assert(fc.property(message, int64, uint64, fc.string(), fc.boolean(), fc.constantFrom('message' as const, 'edited' as const), fc.boolean(), (init, box, version, traceparent, answered, kind, messagePinned) => {
      const record: MessageRecord = create(MessageRecordSchema, init);
      const command = create(CommandSchema, { box, date: 5, callerAuthKeyId: version, callerSessionId: 7n, traceparent });
      const updates = [{ ...boxUpdate(9, 1, { case: kind, value: record }), messagePinned }, create(BoxUpdateSchema, { change: { case: 'draft', value: { peer: 4n, date: 3 } } })];
      const general = toBinary(BoxEventSchema, create(BoxEventSchema, { box, version, date: 5, callerAuthKeyId: version, callerSessionId: 7n, traceparent, updates, silent: answered }));
      expect(hex(encodeEvent(command, version, updates, record, encodeMessage(record), answered))).toBe(hex(general));
    }));
  });

  test('a derived command and a caller\'s are read as they were meant', () => {
    const deliver = fc.record({ peer: int64, from: int64, uid, randomId: int64, content, silent: fc.boolean(), replyTo: uid, ttlPeriod: int32, noforwards: fc.boolean(), out: fc.boolean(), mentioned: fc.boolean(), fromScheduled: fc.boolean() });
    fc.assert(fc.property(deliver, int64, uint64, fc.nat(), fc.string(), uint64, (init, box, version, index, traceparent, callId) => {
      const origin = create(CommandSchema, { effect: 1, box, date: 77, traceparent });
      const caller = callId === 0n ? undefined : create(GroupCallerSchema, { callId, authKeyId: version, sessionId: 7n });
      const encoded = encodeDerived(origin, version, index, 123, { case: 'deliver', value: create(DeliverSchema, init) }, caller);
      expect(fromBinary(CommandSchema, encoded)).toEqual(create(CommandSchema, {
        effect: 1, box: 123n, date: 77, traceparent, origin: { box, version, index }, body: { case: 'deliver', value: init },
        callId: caller?.callId, callerAuthKeyId: caller?.authKeyId, callerSessionId: caller?.sessionId,
      }));
    }));
    const send = fc.record({
      peer: int64, randomId: int64, content, silent: fc.boolean(), replyTo: uid, replyToLocalId: int32, clearDraft: fc.boolean(), noDeliver: fc.boolean(),
      noforwards: fc.boolean(), setTtl: fc.option(fc.record({ period: int32, stamp: int32 }), { nil: undefined }),
    });
    fc.assert(fc.property(send, id, uint64, (value, box, callId) => {
      const init = { box: BigInt(box), date: 8, callerAuthKeyId: callId, body: { case: 'send' as const, value } };
      expect(fromBinary(CommandSchema, encodeCommand(init, box, 1, callId))).toEqual(create(CommandSchema, { ...init, effect: 1, callId }));
    }));
  });
});
