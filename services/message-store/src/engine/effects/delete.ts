import type { Delete, MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { readMessages, type Change, type Effect } from '../change';
import { DELETE_IDS_MAX } from '../limits';
import { removeMessages } from './removed';
import { deriveDeletion } from './revoke';

/** Deletes messages by id, here and (revoke) in the peers' boxes. Ids that are not there or were deleted count nothing. */
export function* deleteMessages(change: Change, body: Delete): Effect {
  if (body.ids.length > DELETE_IDS_MAX) return change.refuse('LIMIT_INVALID');
  const ids = [...new Set(body.ids)].sort((a, b) => a - b);
  const alive = (yield* readMessages(ids)).filter((record): record is MessageRecord => record !== undefined && record.deletedVersion === 0n);
  yield* removeMessages(change, alive);
  if (body.revoke) deriveDeletion(change, alive);
}
