import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { namedPeer } from '../../messages/peer';
import { scheduledViews } from '../../messages/schedule';

/** All messages of a chat that wait to be sent, the latest first; at most 100 (docs: core.telegram.org/method/messages.getScheduledHistory). */
export const getScheduledHistory: Method<Deps, 'messages.getScheduledHistory'> = async (deps, caller, request) => {
  const peer = await namedPeer(deps, caller, request.peer);
  const waiting = await (await deps.engine.read(caller.userId)).scheduled(peer);
  waiting.sort((a, b) => b.at - a.at || b.id - a.id);
  return { _: 'messages.messages', messages: await scheduledViews(deps, caller.userId, waiting), topics: [], chats: [], users: [] };
};
