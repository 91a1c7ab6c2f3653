import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { userPeer } from '../../messages/peer';

/** Nobody is mentioned in private chats: nothing changes (docs: core.telegram.org/method/messages.readMentions). */
export const readMentions: Method<Deps, 'messages.readMentions'> = async (deps, caller, request) => {
  userPeer(deps, caller, request.peer);
  const { pts } = (await deps.engine.read(caller.userId)).head();
  return { _: 'messages.affectedHistory', pts, pts_count: 0, offset: 0 };
};
