import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { submitAct } from '../../messages/group-act';
import { getGroupView } from '../../messages/group-view';

/** Makes a member of a basic group an admin, or no longer; the creator alone may (docs: core.telegram.org/method/messages.editChatAdmin). */
export const editChatAdmin: Method<Deps, 'messages.editChatAdmin'> = async (deps, caller, request) => {
  const user = deps.peers.user(caller.userId, request.user_id);
  await getGroupView(deps, caller, request.chat_id);
  await submitAct(deps, caller, request.chat_id, { case: 'setAdmin', value: { user: BigInt(user), admin: request.is_admin } });
  return true;
};
