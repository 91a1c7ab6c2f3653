import type { EditCopy } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { readLocals, readMessages, type Change, type Effect } from '../change';
import { applyEdit } from './edited';

/** An edit of a message that came from another box. Nothing happens where it never came, or was deleted. */
export function* editCopy(change: Change, body: EditCopy): Effect {
  if (body.uid === undefined) return;
  const [local] = yield* readLocals([body.uid]);
  if (local === undefined) return;
  const [record] = yield* readMessages([local]);
  if (record === undefined || record.deletedVersion !== 0n) return;
  applyEdit(change, record, body.content, body.hide);
}
