import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { getFilter, ownNonce, readFilters } from '../../messages/chatlists';
import { submit } from '../../messages/submit';

/** Ends a link of a folder: nobody joins by it any more (docs: core.telegram.org/method/chatlists.deleteExportedInvite). Throws FILTER_ID_INVALID, INVITE_SLUG_EMPTY, INVITE_SLUG_EXPIRED. */
export const deleteExportedInvite: Method<Deps, 'chatlists.deleteExportedInvite'> = async (deps, caller, request) => {
  const own = getFilter(await readFilters(deps, caller), request.chatlist);
  await submit(deps, caller, { case: 'setChatlist', value: { id: own.record.id, endedInvite: await ownNonce(deps, caller, own, request.slug) } });
  return true;
};
