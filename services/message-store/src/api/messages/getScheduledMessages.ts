import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { REQUEST_IDS_MAX } from '../../limits';
import { namedPeer } from '../../messages/peer';
import { scheduledViews } from '../../messages/schedule';

/** Messages of a chat that wait to be sent, by id; messageEmpty where none does (docs: core.telegram.org/method/messages.getScheduledMessages). */
export const getScheduledMessages: Method<Deps, 'messages.getScheduledMessages'> = async (deps, caller, request) => {
  if (request.id.length > REQUEST_IDS_MAX) throw badRequest('LIMIT_INVALID');
  const peer = await namedPeer(deps, caller, request.peer);
  const waiting = await (await deps.engine.read(caller.userId)).scheduled(peer, request.id);
  const views = new Map((await scheduledViews(deps, caller.userId, waiting)).map((message) => [message.id, message]));
  return { _: 'messages.messages', messages: request.id.map((id) => views.get(id) ?? { _: 'messageEmpty', id }), topics: [], chats: [], users: [] };
};
