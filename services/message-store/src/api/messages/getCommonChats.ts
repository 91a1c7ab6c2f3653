import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { COMMON_CHATS_DIALOGS_MAX, REQUEST_CHATS_MAX } from '../../limits';
import { walkDialogs } from '../../messages/dialogs';
import { isIn } from '../../messages/group-view';
import { findDcs } from '../../messages/homes';
import { pageLimit } from '../../messages/page';

/**
 * Basic groups that both the caller and a user are in, by falling id, those below max_id (0: all)
 * (docs: core.telegram.org/method/messages.getCommonChats). Of the caller's newest COMMON_CHATS_DIALOGS_MAX dialogs, REQUEST_CHATS_MAX groups are compared.
 */
export const getCommonChats: Method<Deps, 'messages.getCommonChats'> = async (deps, caller, request) => {
  const user = deps.peers.user(caller.userId, request.user_id);
  const reader = await deps.engine.read(caller.userId);
  const own = walkDialogs(reader, COMMON_CHATS_DIALOGS_MAX)
    .filter(({ view }) => view !== undefined && isIn(view))
    .map(({ peer }) => -Number(peer))
    .filter((chatId) => request.max_id <= 0 || chatId < request.max_id)
    .sort((a, b) => b - a)
    .slice(0, REQUEST_CHATS_MAX);
  if (user === caller.userId || own.length === 0) return { _: 'messages.chats', chats: [] };
  const [dc = deps.dc] = await findDcs(deps, [user]);
  const theirs = await deps.groups.listViews(user, dc, own);
  const common = theirs.filter(({ view }) => view !== undefined && isIn(view)).map(({ id }) => Number(id));
  return { _: 'messages.chats', chats: common.slice(0, pageLimit(request.limit)).map((id) => ({ _: 'chatEmpty', id })) };
};
