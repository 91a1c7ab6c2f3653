import type { Pin } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { readMessages, type Change, type Effect } from '../change';
import { isSharedBox } from '@heliograph/box/box-id';
import { hasBox } from '../ids';
import { setPinned } from './pinned';

/** Pins or unpins a message, here and (unless oneside) in the peer's box. Refuses MESSAGE_ID_INVALID. */
export function* pin(change: Change, body: Pin): Effect {
  if (isSharedBox(Number(body.peer))) return change.refuse('PEER_ID_INVALID');
  const [record] = yield* readMessages([body.id]);
  if (record === undefined || record.deletedVersion !== 0n || record.peer !== body.peer) return change.refuse('MESSAGE_ID_INVALID');
  const peer = Number(body.peer);
  if (!setPinned(change, peer, body.id, !body.unpin)) return;
  if (body.oneside || peer === change.box || !hasBox(peer)) return;
  change.derived.push({ box: peer, body: { case: 'pinCopy', value: { $typeName: 'heliograph.box.v1.PinCopy', peer: BigInt(change.box), uid: record.uid, unpin: body.unpin } } });
}
