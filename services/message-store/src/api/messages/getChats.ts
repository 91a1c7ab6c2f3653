import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { groupBox } from '@heliograph/box/box-id';
import { REQUEST_CHATS_MAX } from '../../limits';

/** Basic groups that the caller is or was in (docs: core.telegram.org/method/messages.getChats). Throws CHAT_ID_INVALID for any other. */
export const getChats: Method<Deps, 'messages.getChats'> = async (deps, caller, request) => {
  if (request.id.length > REQUEST_CHATS_MAX) throw badRequest('LIMIT_INVALID');
  const reader = await deps.engine.read(caller.userId);
  const ids = [...new Set(request.id)];
  if (ids.some((id) => reader.dialog(groupBox(id))?.view === undefined)) throw badRequest('CHAT_ID_INVALID');
  return { _: 'messages.chats', chats: ids.map((id) => ({ _: 'chatEmpty', id })) };
};
