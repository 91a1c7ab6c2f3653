import { isAdmin, isMember } from '@heliograph/box/channel-rights';
import { peerOf } from '@heliograph/box/render-peer';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { getChatlist, readFilters } from '../../messages/chatlists';

/**
 * Which chats the caller may want to leave with a folder: those that he joined by it, is still in and has no part in running
 * (docs: core.telegram.org/method/chatlists.getLeaveChatlistSuggestions). Throws FILTER_ID_INVALID, FILTER_NOT_SUPPORTED.
 */
export const getLeaveChatlistSuggestions: Method<Deps, 'chatlists.getLeaveChatlistSuggestions'> = async (deps, caller, request) => {
  const { chats, joined } = getChatlist(await readFilters(deps, caller), request.chatlist);
  const states = await deps.channels.find(caller.userId, (joined?.joined ?? []).filter((box) => chats.includes(box)));
  return states.filter(({ record, member }) => record !== undefined && isMember(member) && !isAdmin(record, caller.userId)).map(({ channel }) => peerOf(Number(channel)));
};
