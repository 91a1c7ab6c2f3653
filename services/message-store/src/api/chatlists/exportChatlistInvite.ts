import { sealLink } from '@heliograph/box/chatlist';
import { sealFilter } from '@heliograph/box/dialog-filter';
import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { isListOfChats } from '../../domain/dialog-filter';
import { inviteTitle } from '../../domain/invite-terms';
import { CHATLIST_INVITES_MAX, CHATLISTS_MAX } from '../../engine/limits';
import { changeOf, exportedLink, getFilter, newNonce, readFilters, type OwnFilter, type OwnFilters } from '../../messages/chatlists';
import { asChatlist, shareable } from '../../messages/share-chatlist';
import { submit } from '../../messages/submit';

/**
 * Makes a link by which others join the chats that it names; the folder is a list of chats from then on (docs: core.telegram.org/method/chatlists.exportChatlistInvite). Throws
 * FILTER_ID_INVALID, FILTER_NOT_SUPPORTED (it holds more than chats that are named), INVITES_TOO_MUCH, CHATLISTS_TOO_MUCH, and what `shareable` does.
 */
export const exportChatlistInvite: Method<Deps, 'chatlists.exportChatlistInvite'> = async (deps, caller, request) => {
  const now = await readFilters(deps, caller);
  refuse(now, getFilter(now, request.chatlist));
  const { channels, migrated } = await shareable(deps, caller, request.peers);
  const title = inviteTitle(request.title);
  return changeOf(async () => {
    const filters = await readFilters(deps, caller);
    const { record, filter: before } = getFilter(filters, request.chatlist);
    if (!isListOfChats(before)) throw badRequest('FILTER_NOT_SUPPORTED');
    const filter = asChatlist(deps, caller, before, migrated);
    const nonce = newNonce(deps, filters);
    await submit(deps, caller, {
      case: 'setChatlist',
      value: {
        id: record.id, base: record.sealed, sealed: sealFilter(filters.key, caller.userId, record.id, filter),
        invite: { nonce, sealed: sealLink(filters.key, caller.userId, nonce, { title, channels }) },
      },
    });
    return { _: 'chatlists.exportedChatlistInvite', filter: { ...filter, has_my_invites: true }, invite: await exportedLink(deps, { sharer: caller.userId, nonce }, title, channels) };
  });
};

/** Before groups become supergroups for it. The folder itself decides as of the link. */
function refuse({ records }: OwnFilters, { record, filter }: OwnFilter): void {
  if (!isListOfChats(filter)) throw badRequest('FILTER_NOT_SUPPORTED');
  if ((record.chatlist?.invites.length ?? 0) >= CHATLIST_INVITES_MAX) throw badRequest('INVITES_TOO_MUCH');
  if (record.chatlist === undefined && records.filter(({ chatlist }) => chatlist !== undefined).length >= CHATLISTS_MAX) throw badRequest('CHATLISTS_TOO_MUCH');
}
