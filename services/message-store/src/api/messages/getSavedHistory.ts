import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { messagesPage, noMessages } from '../../messages/answer';
import { pageLimit, readDialogPage } from '../../messages/page';
import { refuseParent, userPeer } from '../../messages/peer';
import { messageViews } from '../../messages/views';

/** A page of a part of Saved Messages; only the caller's own has any (docs: core.telegram.org/method/messages.getSavedHistory). */
export const getSavedHistory: Method<Deps, 'messages.getSavedHistory'> = async (deps, caller, request) => {
  refuseParent(request.parent_peer);
  const part = userPeer(deps, caller, request.peer);
  if (part !== caller.userId) return noMessages();
  const reader = await deps.engine.read(caller.userId);
  const count = reader.dialog(caller.userId)?.messageCount ?? 0;
  const records = await readDialogPage(reader, caller.userId, request);
  const whole = records.length >= count && pageLimit(request.limit) > 0;
  return messagesPage(await messageViews(deps, reader, caller.userId, records), count, whole);
};
