import { isChannelBox } from '@heliograph/box/box-id';
import { isOwner } from '@heliograph/box/channel-rights';
import { channelHeir } from '@heliograph/box/heir';
import { updatesOf } from '@heliograph/box/render-update';
import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { TypeUpdate } from '@heliograph/tl/api';
import type { Deps } from '../../deps';
import { CHATLIST_ACTS_AT_ONCE } from '../../limits';
import { outcomeUpdates } from '../../messages/answer';
import { chatsNamed, getChatlist, readFilters } from '../../messages/chatlists';
import { leaveChat } from '../../messages/leave-chat';
import { submit } from '../../messages/submit';

/**
 * Deletes a folder that is shared, and leaves those of its chats that are named (docs: core.telegram.org/method/chatlists.leaveChatlist). Others are passed over. Throws
 * FILTER_ID_INVALID, FILTER_NOT_SUPPORTED, USER_CREATOR (a channel can't be left by its creator where no admin could take it over: nothing has changed), and what a chat refuses: then the folder stays, and who asks
 * again goes on.
 */
export const leaveChatlist: Method<Deps, 'chatlists.leaveChatlist'> = async (deps, caller, request) => {
  const { record, chats } = getChatlist(await readFilters(deps, caller), request.chatlist);
  const left = (await chatsNamed(deps, caller, request.peers)).filter((box) => chats.includes(box));
  const states = await deps.channels.find(caller.userId, left.filter(isChannelBox));
  if (states.some(({ record: state }) => state !== undefined && isOwner(state, caller.userId) && channelHeir(state) === 0)) throw badRequest('USER_CREATOR');
  const updates: TypeUpdate[] = [];
  for (let start = 0; start < left.length; start += CHATLIST_ACTS_AT_ONCE) {
    updates.push(...(await Promise.all(left.slice(start, start + CHATLIST_ACTS_AT_ONCE).map((box) => leaveChat(deps, caller, box)))).flat());
  }
  const outcome = await submit(deps, caller, { case: 'setDialogFilter', value: { id: record.id } });
  return updatesOf([...updates, ...(await outcomeUpdates(deps, caller, outcome)).updates], caller.date);
};
