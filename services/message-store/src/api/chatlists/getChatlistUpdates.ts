import { peerOf } from '@heliograph/box/render-peer';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { getChatlist, newInList, readFilters } from '../../messages/chatlists';
import { shownChannels } from '../../messages/invited-channels';

/**
 * Chats that were added to a list which the caller joined, as long as it is shared; of his own nobody adds any
 * (docs: core.telegram.org/method/chatlists.getChatlistUpdates). Throws FILTER_ID_INVALID, FILTER_NOT_SUPPORTED.
 */
export const getChatlistUpdates: Method<Deps, 'chatlists.getChatlistUpdates'> = async (deps, caller, request) => {
  const added = await newInList(deps, getChatlist(await readFilters(deps, caller), request.chatlist));
  const { channels, chats } = added ? await shownChannels(deps, caller, added.shared.sharer, added.channels) : { channels: [], chats: [] };
  return { _: 'chatlists.chatlistUpdates', missing_peers: channels.map(peerOf), chats, users: [] };
};
