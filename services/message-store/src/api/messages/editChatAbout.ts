import { groupBox } from '@heliograph/box/box-id';
import { isPresent } from '@heliograph/box/group-rights';
import { groupSeal, openAbout, sealAbout } from '@heliograph/box/group-title';
import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { chatAbout } from '../../domain/chat-title';
import { submitAct } from '../../messages/group-act';
import { namedGroup } from '../../messages/group-view';

/** Gives a basic group another description (docs: core.telegram.org/method/messages.editChatAbout). */
export const editChatAbout: Method<Deps, 'messages.editChatAbout'> = async (deps, caller, request) => {
  const about = chatAbout(request.about);
  const { chatId } = await namedGroup(deps, caller, request.peer);
  const group = await deps.groups.find(chatId);
  if (group && isPresent(group.members.get(caller.userId)) && (await openAbout(deps.keyring, groupBox(chatId), group.record.aboutSealed)) === about) throw badRequest('CHAT_ABOUT_NOT_MODIFIED');
  const aboutSealed = sealAbout(await groupSeal(deps.keyring, deps.dc, groupBox(chatId)), groupBox(chatId), about);
  await submitAct(deps, caller, chatId, { case: 'setAbout', value: { aboutSealed } });
  return true;
};
