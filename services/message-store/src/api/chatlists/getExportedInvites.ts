import { openLink } from '@heliograph/box/chatlist';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { exportedLink, getFilter, readFilters } from '../../messages/chatlists';

/** The links by which the caller shares a folder (docs: core.telegram.org/method/chatlists.getExportedInvites). Throws FILTER_ID_INVALID. */
export const getExportedInvites: Method<Deps, 'chatlists.getExportedInvites'> = async (deps, caller, request) => {
  const filters = await readFilters(deps, caller);
  const { record } = getFilter(filters, request.chatlist);
  const invites = await Promise.all((record.chatlist?.invites ?? []).map(({ nonce, sealed }) => {
    const { title, channels } = openLink(filters.key, caller.userId, nonce, sealed);
    return exportedLink(deps, { sharer: caller.userId, nonce }, title, channels);
  }));
  return { _: 'chatlists.exportedInvites', invites, chats: [], users: [] };
};
