import { sealJoined } from '@heliograph/box/chatlist';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { changeOf, getChatlist, newInList, readFilters } from '../../messages/chatlists';
import { submit } from '../../messages/submit';

/** The caller doesn't want what was added to a list that he joined, and is told of it no more (docs: core.telegram.org/method/chatlists.hideChatlistUpdates). Throws FILTER_ID_INVALID, FILTER_NOT_SUPPORTED. */
export const hideChatlistUpdates: Method<Deps, 'chatlists.hideChatlistUpdates'> = async (deps, caller, request) => changeOf(async () => {
  const filters = await readFilters(deps, caller);
  const own = getChatlist(filters, request.chatlist);
  const { record, joined } = own;
  const added = await newInList(deps, own);
  if (!joined || !added || added.channels.length === 0) return true;
  const sealed = sealJoined(filters.key, caller.userId, record.id, { ...joined, seen: added.shared.channels });
  await submit(deps, caller, { case: 'setChatlist', value: { id: record.id, base: record.sealed, joined: sealed } });
  return true;
});
