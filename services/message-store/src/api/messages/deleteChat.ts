import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { submitAct } from '../../messages/group-act';
import { getGroupView } from '../../messages/group-view';

/**
 * Ends a basic group for everybody, and what was written in it; its creator's to do (docs: core.telegram.org/method/messages.deleteChat). Those who were in it see a group that
 * is closed to them, and their messages of it go. Throws CHAT_ID_INVALID, CHAT_ADMIN_REQUIRED.
 */
export const deleteChat: Method<Deps, 'messages.deleteChat'> = async (deps, caller, request) => {
  const view = await getGroupView(deps, caller, request.chat_id);
  // Whoever asks again is told that it is done.
  if (view.deactivated && view.kicked && Number(view.creator) === caller.userId) return true;
  await submitAct(deps, caller, request.chat_id, { case: 'destroy', value: {} });
  return true;
};
