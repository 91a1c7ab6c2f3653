import type { UnpinAll, UnpinAllCopy } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Change, Effect } from '../change';
import { isSharedBox } from '@heliograph/box/box-id';
import { hasBox } from '../ids';
import { unpinEvery } from './pinned';

/** Unpins every message of a dialog, here and in the peer's box. */
export function* unpinAll(change: Change, body: UnpinAll): Effect {
  const peer = Number(body.peer);
  if (isSharedBox(peer)) return change.refuse('PEER_ID_INVALID');
  unpinEvery(change, peer);
  if (peer === change.box || !hasBox(peer) || change.dialog(peer) === undefined) return;
  change.derived.push({ box: peer, body: { case: 'unpinAllCopy', value: { $typeName: 'heliograph.box.v1.UnpinAllCopy', peer: BigInt(change.box) } } });
}

/** The peer unpinned every message of the dialog. */
export function* unpinAllCopy(change: Change, body: UnpinAllCopy): Effect {
  unpinEvery(change, Number(body.peer));
}
