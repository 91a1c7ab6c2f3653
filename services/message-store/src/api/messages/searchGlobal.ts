import { classesOfFilter } from '@heliograph/box/media-class';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { isGroupBox } from '@heliograph/box/box-id';
import { isUnfindable, parseQuery } from '../../domain/search-query';
import { noMessages } from '../../messages/answer';
import { folderOf } from '../../messages/dialogs';
import { pageLimit } from '../../messages/page';
import { namedPeer } from '../../messages/peer';
import { searchEverywhere } from '../../messages/search-everywhere';

/**
 * Messages of all one's chats (docs: core.telegram.org/method/messages.searchGlobal). Ids of private chats rise over all of them, so
 * offset_id alone says where a further page begins.
 */
export const searchGlobal: Method<Deps, 'messages.searchGlobal'> = async (deps, caller, request) => {
  if (request.offset_peer._ !== 'inputPeerEmpty') await namedPeer(deps, caller, request.offset_peer);
  if (request.community) deps.peers.peer(caller.userId, request.community);
  const classes = classesOfFilter(request.filter);
  const query = parseQuery(request.q);
  if (request.broadcasts_only || request.community || classes === undefined || isUnfindable(request.q)) return noMessages();
  if (query.words.length === 0 && classes === 0) throw badRequest('SEARCH_QUERY_EMPTY');
  const reader = await deps.engine.read(caller.userId);
  const conditions = { query, classes, from: 0, minDate: Math.max(request.min_date, 0), maxDate: Math.max(request.max_date, 0) };
  const page = { maxId: Math.max(request.offset_id, 0), minId: 0, limit: pageLimit(request.limit) };
  return searchEverywhere(deps, reader, caller.userId, conditions, page, {
    folder: request.folder_id === undefined ? undefined : folderOf(request.folder_id),
    accepts: (peer) => (!request.groups_only || isGroupBox(peer)) && (!request.users_only || !isGroupBox(peer)),
  });
};
