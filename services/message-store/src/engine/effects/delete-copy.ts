import type { DeleteCopy, MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { readLocals, readMessages, type Change, type Effect } from '../change';
import { removeMessages } from './removed';

/** The deletion of messages by identity, derived from another box's. */
export function* deleteCopy(change: Change, body: DeleteCopy): Effect {
  const locals = (yield* readLocals(body.uids)).filter((id): id is number => id !== undefined);
  const ids = [...new Set(locals)].sort((a, b) => a - b);
  const alive = (yield* readMessages(ids)).filter((record): record is MessageRecord => record !== undefined && record.deletedVersion === 0n);
  yield* removeMessages(change, alive);
}
