import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { messagesPage, noMessages } from '../../messages/answer';
import { pageLimit, readDialogPage } from '../../messages/page';
import { namedPeer, refuseParent } from '../../messages/peer';
import { savedDialog } from '../../messages/saved-dialogs';
import { messageViews } from '../../messages/views';

/** A page of a part of Saved Messages (docs: core.telegram.org/method/messages.getSavedHistory). `hash` is ignored. Throws PARENT_PEER_INVALID, and as `namedPeer`. */
export const getSavedHistory: Method<Deps, 'messages.getSavedHistory'> = async (deps, caller, request) => {
  refuseParent(request.parent_peer);
  const peer = await namedPeer(deps, caller, request.peer);
  const reader = await deps.engine.read(caller.userId);
  const part = savedDialog(reader, caller.userId, peer);
  if (part === undefined) return noMessages();
  const records = await readDialogPage(reader, Number(part.peer), request);
  const whole = records.length >= part.messageCount && pageLimit(request.limit) > 0;
  return messagesPage(await messageViews(deps, reader, caller.userId, records), part.messageCount, whole);
};
