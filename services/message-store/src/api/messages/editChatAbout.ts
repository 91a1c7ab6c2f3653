import { groupBox } from '@heliograph/box/box-id';
import { groupSeal, openAbout, sealAbout } from '@heliograph/box/group-title';
import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { chatAbout } from '../../domain/chat-title';
import { actInChannel } from '../../messages/channel-act';
import { submitAct } from '../../messages/group-act';
import { namedGroup } from '../../messages/group-view';
import { isPresent } from '@heliograph/box/group-rights';
import { isChannel, openChannel } from '../../messages/named-channel';

/** Gives a basic group or a channel another description (docs: core.telegram.org/method/messages.editChatAbout). Throws CHAT_ABOUT_TOO_LONG, CHAT_ABOUT_NOT_MODIFIED. */
export const editChatAbout: Method<Deps, 'messages.editChatAbout'> = async (deps, caller, request) => {
  const about = chatAbout(request.about);
  const same = async (box: number, aboutSealed: Uint8Array): Promise<boolean> => (await openAbout(deps.keyring, box, aboutSealed)) === about;
  const sealed = async (box: number): Promise<Uint8Array> => sealAbout(await groupSeal(deps.keyring, deps.dc, box), box, about);
  if (isChannel(request.peer)) {
    const { box, record } = await openChannel(deps, caller, request.peer);
    if (await same(box, record.aboutSealed)) throw badRequest('CHAT_ABOUT_NOT_MODIFIED');
    await actInChannel(deps, caller, box, { case: 'setAbout', value: { aboutSealed: await sealed(box) } });
    return true;
  }
  const { chatId } = await namedGroup(deps, caller, request.peer);
  const box = groupBox(chatId);
  const group = await deps.groups.find(chatId);
  if (group && isPresent(group.members.get(caller.userId)) && (await same(box, group.record.aboutSealed))) throw badRequest('CHAT_ABOUT_NOT_MODIFIED');
  await submitAct(deps, caller, chatId, { case: 'setAbout', value: { aboutSealed: await sealed(box) } });
  return true;
};
