import { openLink, sealLink } from '@heliograph/box/chatlist';
import { sealFilter } from '@heliograph/box/dialog-filter';
import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { inviteTitle } from '../../domain/invite-terms';
import { changeOf, exportedLink, getChatlist, ownNonce, readFilters } from '../../messages/chatlists';
import { asChatlist, shareable } from '../../messages/share-chatlist';
import { submit } from '../../messages/submit';

/**
 * Changes what a link of a folder is called, or which chats it shares (docs: core.telegram.org/method/chatlists.editExportedInvite). Throws FILTER_ID_INVALID, FILTER_NOT_SUPPORTED,
 * INVITE_SLUG_EMPTY, INVITE_SLUG_EXPIRED, and what `shareable` does.
 */
export const editExportedInvite: Method<Deps, 'chatlists.editExportedInvite'> = async (deps, caller, request) => {
  const nonce = await ownNonce(deps, caller, getChatlist(await readFilters(deps, caller), request.chatlist), request.slug);
  const shared = request.peers && await shareable(deps, caller, request.peers);
  return changeOf(async () => {
    const filters = await readFilters(deps, caller);
    const { record, filter } = getChatlist(filters, request.chatlist);
    const invite = record.chatlist?.invites.find((each) => each.nonce === nonce);
    if (!invite) throw badRequest('INVITE_SLUG_EXPIRED');
    const before = openLink(filters.key, caller.userId, nonce, invite.sealed);
    const link = { title: request.title === undefined ? before.title : inviteTitle(request.title), channels: shared?.channels ?? before.channels };
    await submit(deps, caller, {
      case: 'setChatlist',
      value: {
        id: record.id, base: record.sealed, endedInvite: nonce, invite: { nonce, sealed: sealLink(filters.key, caller.userId, nonce, link) },
        sealed: shared && shared.migrated.size > 0 ? sealFilter(filters.key, caller.userId, record.id, asChatlist(deps, caller, filter, shared.migrated)) : undefined,
      },
    });
    return exportedLink(deps, { sharer: caller.userId, nonce }, link.title, link.channels);
  });
};
