import type { HideBar } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Change, Effect } from '../change';

/** The owner wants no bar above the chat with somebody, be there messages in it or not. */
export function* hideBar(change: Change, body: HideBar): Effect {
  const peer = Number(body.peer);
  if (peer <= 0 || peer === change.box) return change.refuse('PEER_ID_INVALID');
  if (change.dialog(peer)?.barHidden === true) return;
  change.editDialog(peer).barHidden = true;
  change.announce({ case: 'barHidden', value: body });
}
