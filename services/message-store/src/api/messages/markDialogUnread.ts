import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { dialogPeer, refuseParent } from '../../messages/peer';
import { submit } from '../../messages/submit';

/** Sets or clears a dialog's mark "unread", which no message count shows (docs: core.telegram.org/method/messages.markDialogUnread). */
export const markDialogUnread: Method<Deps, 'messages.markDialogUnread'> = async (deps, caller, request) => {
  refuseParent(request.parent_peer);
  const peer = await dialogPeer(deps, caller, request.peer);
  await submit(deps, caller, { case: 'markDialogUnread', value: { peer: BigInt(peer), unread: request.unread ?? false } });
  return true;
};
