import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { namedPeer } from '../../messages/peer';

/** Messages of private chats count no views (docs: core.telegram.org/method/messages.getMessagesViews). */
export const getMessagesViews: Method<Deps, 'messages.getMessagesViews'> = async (deps, caller, request) => {
  await namedPeer(deps, caller, request.peer);
  return { _: 'messages.messageViews', views: request.id.map(() => ({ _: 'messageViews' })), chats: [], users: [] };
};
