import { peerOf } from '@heliograph/box/render-peer';
import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { findByLink, findShared, namedLink, readFilters } from '../../messages/chatlists';
import { shownChannels } from '../../messages/invited-channels';

/**
 * What a link shares; to whom has it already, what of it he doesn't have (docs: core.telegram.org/method/chatlists.checkChatlistInvite). Throws INVITE_SLUG_EMPTY,
 * INVITE_SLUG_EXPIRED.
 */
export const checkChatlistInvite: Method<Deps, 'chatlists.checkChatlistInvite'> = async (deps, caller, request) => {
  const link = await namedLink(deps, request.slug);
  const [shared, filters] = await Promise.all([findShared(deps, link), readFilters(deps, caller)]);
  if (!shared) throw badRequest('INVITE_SLUG_EXPIRED');
  const { channels, chats } = await shownChannels(deps, caller, shared.sharer, shared.channels);
  const own = findByLink(filters, caller.userId, link);
  if (own) {
    const has = (box: number): boolean => own.chats.includes(box);
    return { _: 'chatlists.chatlistInviteAlready', filter_id: own.record.id, missing_peers: channels.filter((box) => !has(box)).map(peerOf), already_peers: channels.filter(has).map(peerOf), chats, users: [] };
  }
  return {
    _: 'chatlists.chatlistInvite', title: { _: 'textWithEntities', text: shared.title, entities: [] }, title_noanimate: shared.titleNoanimate || undefined, emoticon: shared.emoticon || undefined,
    peers: channels.map(peerOf), chats, users: [],
  };
};
