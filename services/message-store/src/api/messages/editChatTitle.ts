import { groupBox } from '@heliograph/box/box-id';
import { groupSeal, openTitle, sealTitle } from '@heliograph/box/group-title';
import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { chatTitle } from '../../domain/chat-title';
import { outcomeUpdates } from '../../messages/answer';
import { submitAct } from '../../messages/group-act';
import { getGroupView, isIn } from '../../messages/group-view';

/** Gives a basic group another title, which the group is told (docs: core.telegram.org/method/messages.editChatTitle). */
export const editChatTitle: Method<Deps, 'messages.editChatTitle'> = async (deps, caller, request) => {
  const chatId = request.chat_id;
  const title = chatTitle(request.title);
  const view = await getGroupView(deps, caller, chatId);
  if (isIn(view) && (await openTitle(deps.keyring, groupBox(chatId), view.titleSealed)) === title) throw badRequest('CHAT_NOT_MODIFIED');
  const titleSealed = sealTitle(await groupSeal(deps.keyring, deps.dc, groupBox(chatId)), groupBox(chatId), title);
  const outcome = await submitAct(deps, caller, chatId, { case: 'setTitle', value: { titleSealed } }, { _: 'messageActionChatEditTitle', title });
  return outcomeUpdates(deps, caller, outcome);
};
