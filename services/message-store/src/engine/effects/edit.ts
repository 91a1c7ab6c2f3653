import type { Edit } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { readMessages, type Change, type Effect } from '../change';
import { isGroupBox } from '@heliograph/box/box-id';
import { hasBox } from '../ids';
import { applyEdit } from './edited';

/** Edits an own message, here and in the peer's box. Refuses MESSAGE_ID_INVALID, MESSAGE_AUTHOR_REQUIRED. */
export function* edit(change: Change, body: Edit): Effect {
  const [record] = yield* readMessages([body.id]);
  if (record === undefined || record.deletedVersion !== 0n) return change.refuse('MESSAGE_ID_INVALID');
  if (!record.out) return change.refuse('MESSAGE_AUTHOR_REQUIRED');
  const peer = Number(record.peer);
  // Of a group's messages the group decides (groupCall).
  if (isGroupBox(peer)) return change.refuse('PEER_ID_INVALID');
  applyEdit(change, record, body.content, body.hide);
  if (peer === change.box || !hasBox(peer) || record.uid === undefined) return;
  change.derived.push({ box: peer, body: { case: 'editCopy', value: { $typeName: 'heliograph.box.v1.EditCopy', uid: record.uid, content: body.content, hide: body.hide } } });
}
