import { encode } from '@heliograph/protos/codec';
import { AdminEventSchema, BoxUpdateSchema, ChannelMemberSchema, DialogRecordSchema, HeadSchema, MessageRecordSchema, PollVoteSchema, ReactionSchema, ScheduledMessageSchema, type DialogRecord, type Head } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { deleteOperation, putOperation, type WriteOperation } from '@heliograph/storage/storage';
import { boxAdminLog, spanOf } from '../tables/box-admin-log';
import { boxDue } from '../tables/box-due';
import { boxLog, LOG_CHANGE, LOG_MESSAGE } from '../tables/box-log';
import { boxMember, slotOf } from '../tables/box-member';
import { boxOrigin } from '../tables/box-origin';
import { boxParked } from '../tables/box-parked';
import { boxPeer } from '../tables/box-peer';
import { boxScheduled } from '../tables/box-scheduled';
import { boxSent } from '../tables/box-sent';
import { boxState, STATE_DIALOG, STATE_HEAD } from '../tables/box-state';
import { boxReaction, boxReactor, reactionSlotOf } from '../tables/box-reaction';
import { boxVote, boxVoter, voteSlotOf } from '../tables/box-vote';
import type { RowChange } from './change';
import { listSlotsOf } from './member-rows';
import { BOX_BUCKET_IDS, SENT_BUCKET_IDS } from './limits';
import { encodePeerRow } from './peer-row';
import { partitionOfBox } from './topics';
import { reactorLists } from './reaction-rows';
import { listsOf } from './vote-rows';

export const bucketOf = (id: number): number => Math.floor(id / BOX_BUCKET_IDS);
export const sentBucketOf = (id: number): number => Math.floor(id / SENT_BUCKET_IDS);

/** The hour that a unix time in seconds is in. */
export const hourOf = (seconds: number): number => Math.floor(seconds / 3_600);

/**
 * Adds the writes of one row of a command's effect.
 * @param now unix seconds: what comes due is never written into an hour that may be closed
 */
export function addRowOperations(operations: WriteOperation[], box: number, version: bigint, row: RowChange, now: number): void {
  switch (row.kind) {
    case 'message': {
      operations.push(putOperation(boxLog, { box, bucket: bucketOf(row.record.id), kind: LOG_MESSAGE, id: row.record.id, v: encode(MessageRecordSchema, row.record) }, { version }));
      return;
    }
    case 'change':
      operations.push(putOperation(boxLog, { box, bucket: bucketOf(row.pts), kind: LOG_CHANGE, id: row.pts, v: encode(BoxUpdateSchema, row.update) }, { version }));
      return;
    case 'peer':
      operations.push(putOperation(boxPeer, { box, peer: row.peer, bucket: row.bucket, id: row.row.id, v: encodePeerRow(row.row) }, { version }));
      return;
    case 'origin':
      operations.push(putOperation(boxOrigin, { box, origin_box: Number(row.uid.box), bucket: bucketOf(row.uid.id), origin_id: row.uid.id, id: row.id }, { version }));
      return;
    case 'parked':
      operations.push(putOperation(boxParked, { box, version, v: row.command }, { version }));
      return;
    case 'member': {
      const { record, before } = row;
      const user = Number(record.user);
      const v = encode(ChannelMemberSchema, record);
      // A list is told also of who leaves it.
      const slots = new Set([slotOf(user), ...listSlotsOf(record), ...listSlotsOf(before)]);
      for (const slot of slots) operations.push(putOperation(boxMember, { box, slot, user, version, v }, { version }));
      return;
    }
    case 'vote': {
      const { id, vote, before, listed } = row;
      const user = Number(vote.user);
      const v = encode(PollVoteSchema, vote);
      operations.push(putOperation(boxVote, { box, id, slot: voteSlotOf(user), user, version, v }, { version }));
      if (!listed) return;
      for (const list of listsOf(before)) operations.push(deleteOperation(boxVoter, { box, id, list, version: before?.version ?? 0n }, { version }));
      for (const list of listsOf(vote)) operations.push(putOperation(boxVoter, { box, id, list, version, v }, { version }));
      return;
    }
    case 'reaction': {
      const { id, reaction, before, listed } = row;
      const user = Number(reaction.user);
      const v = encode(ReactionSchema, reaction);
      operations.push(putOperation(boxReaction, { box, id, slot: reactionSlotOf(user), user, version, v }, { version }));
      if (!listed) return;
      for (const list of reactorLists(before)) operations.push(deleteOperation(boxReactor, { box, id, list, version: before?.version ?? 0n }, { version }));
      for (const list of reactorLists(reaction)) operations.push(putOperation(boxReactor, { box, id, list, version, v }, { version }));
      return;
    }
    case 'logged':
      operations.push(putOperation(boxAdminLog, { box, span: spanOf(row.event.date), id: row.event.id, v: encode(AdminEventSchema, row.event) }, { version: row.repeated ? version - 1n : version }));
      return;
    case 'scheduled':
      operations.push(putOperation(boxScheduled, { box, peer: Number(row.record.peer), id: row.record.id, v: encode(ScheduledMessageSchema, row.record) }, { version }));
      return;
    case 'scheduledGone':
      operations.push(deleteOperation(boxScheduled, { box, peer: row.peer, id: row.id }, { version }));
      return;
    case 'due': {
      const { at, due: kind, peer, id } = row;
      operations.push(putOperation(boxDue, { slice: partitionOfBox(box), hour: hourOf(Math.max(at, now)), at, box, kind, peer, id, version }, { version }));
      return;
    }
    case 'dueDone': {
      const { hour, at, kind, peer, id } = row.due;
      operations.push(deleteOperation(boxDue, { slice: partitionOfBox(box), hour, at, box, kind, peer: Number(peer), id }, { version }));
      return;
    }
    case 'sent':
      operations.push(putOperation(boxSent, { box, bucket: sentBucketOf(row.id), id: row.id, random_id: row.randomId, date: row.date }, { version }));
      return;
  }
}

/** The one atomic batch by which a box's memory becomes its stored state. Each dialog bears the version that last changed it. */
export function stateOperations(box: number, head: Head, dialogs: readonly DialogRecord[]): WriteOperation[] {
  const operations = dialogs.map((dialog) => putOperation(
    boxState,
    { box, kind: STATE_DIALOG, id: Number(dialog.peer), v: encode(DialogRecordSchema, dialog) },
    { version: dialog.version },
  ));
  operations.push(putOperation(boxState, { box, kind: STATE_HEAD, id: 0, v: encode(HeadSchema, head) }, { version: head.applied }));
  return operations;
}

/** The row that says how far (pts) a box is indexed for search. */
export function encodeIndexed(pts: number): Uint8Array {
  const v = new Uint8Array(4);
  new DataView(v.buffer).setInt32(0, pts);
  return v;
}
export function decodeIndexed(v: Uint8Array): number {
  return new DataView(v.buffer, v.byteOffset, v.byteLength).getInt32(0);
}
