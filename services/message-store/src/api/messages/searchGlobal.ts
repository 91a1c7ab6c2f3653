import { classesOfFilter } from '@heliograph/box/media-class';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { isChannelBox, isGroupBox } from '@heliograph/box/box-id';
import { isUnfindable, parseQuery } from '../../domain/search-query';
import { noMessages } from '../../messages/answer';
import { folderOf } from '../../messages/dialogs';
import { pageLimit } from '../../messages/page';
import { namedPeer } from '../../messages/peer';
import { searchableChannels, withChannels } from '../../messages/search-channels';
import { searchEverywhere } from '../../messages/search-everywhere';

/**
 * Messages of all one's chats, channels among them (docs: core.telegram.org/method/messages.searchGlobal). A further page begins after the last message of the
 * one before, which its date (offset_rate), chat and id name.
 */
export const searchGlobal: Method<Deps, 'messages.searchGlobal'> = async (deps, caller, request) => {
  const offsetPeer = request.offset_peer._ === 'inputPeerEmpty' ? 0 : await namedPeer(deps, caller, request.offset_peer);
  if (request.community) deps.peers.peer(caller.userId, request.community);
  const classes = classesOfFilter(request.filter);
  const query = parseQuery(request.q);
  if (request.community || classes === undefined || isUnfindable(request.q)) return noMessages();
  if (query.words.length === 0 && classes === 0) throw badRequest('SEARCH_QUERY_EMPTY');
  const reader = await deps.engine.read(caller.userId);
  const conditions = { query, classes, from: 0, minDate: Math.max(request.min_date, 0), maxDate: Math.max(request.max_date, 0) };
  const limit = pageLimit(request.limit);
  const folder = request.folder_id === undefined ? undefined : folderOf(request.folder_id);
  const offset = request.offset_rate > 0 && request.offset_id > 0 ? { date: request.offset_rate, channel: isChannelBox(offsetPeer) ? offsetPeer : 0, id: request.offset_id } : undefined;
  // After a channel's message, all own ones of that second are told already.
  const afterChannel = offset !== undefined && offset.channel !== 0;
  const ofOwn = afterChannel ? { ...conditions, maxDate: conditions.maxDate > 0 ? Math.min(conditions.maxDate, offset.date) : offset.date } : conditions;
  const page = { maxId: afterChannel ? 0 : Math.max(request.offset_id, 0), minId: 0, limit };
  const [own, channels] = await Promise.all([
    request.broadcasts_only ? noMessages() : searchEverywhere(deps, reader, caller.userId, ofOwn, page, {
      folder, accepts: (peer) => (!request.groups_only || isGroupBox(peer)) && (!request.users_only || !isGroupBox(peer)),
    }),
    searchableChannels(deps, caller, reader, folder, request),
  ]);
  return withChannels(deps, caller, channels, conditions, own, limit, offset);
};
