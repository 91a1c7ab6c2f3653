import { chatEmpty } from '@heliograph/client-api/chat';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { channelNamed } from '../../messages/channel-act';
import { sharedChats } from '../../messages/shared-chats';
import { pageLimit } from '../../messages/page';

/** Groups that both the caller and a user are in, the supergroups first, by falling id, those below max_id (0: all) (docs: core.telegram.org/method/messages.getCommonChats). */
export const getCommonChats: Method<Deps, 'messages.getCommonChats'> = async (deps, caller, request) => {
  const user = deps.peers.user(caller.userId, request.user_id);
  if (user === caller.userId) return { _: 'messages.chats', chats: [] };
  const common = sharedChats(deps, await deps.engine.read(caller.userId), user, request.max_id);
  const [groups, channels] = await Promise.all([common.groups(), common.channels()]);
  return { _: 'messages.chats', chats: [...channels.map(channelNamed), ...groups.map(chatEmpty)].slice(0, pageLimit(request.limit)) };
};
