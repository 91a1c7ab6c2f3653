import { groupSeal, openTitle, sealTitle } from '@heliograph/box/group-title';
import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { chatTitle } from '../../domain/chat-title';
import { changeChannel } from '../../messages/channel-act';
import { openChannel } from '../../messages/named-channel';

/** Gives a channel another title, which it is told (docs: core.telegram.org/method/channels.editTitle). */
export const editTitle: Method<Deps, 'channels.editTitle'> = async (deps, caller, request) => {
  const title = chatTitle(request.title);
  const { box, record } = await openChannel(deps, caller, request.channel);
  if ((await openTitle(deps.keyring, box, record.titleSealed)) === title) throw badRequest('CHAT_NOT_MODIFIED');
  const titleSealed = sealTitle(await groupSeal(deps.keyring, deps.dc, box), box, title);
  return changeChannel(deps, caller, box, { case: 'setTitle', value: { titleSealed } }, { _: 'messageActionChatEditTitle', title });
};
