import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { openSupergroup, setInChannel } from '../../messages/channel-setting';

/**
 * Whether who joins a supergroup sees what was written before (docs: core.telegram.org/method/channels.togglePreHistoryHidden). Where it is public, or a discussion
 * group, everybody does: CHAT_LINK_EXISTS.
 */
export const togglePreHistoryHidden: Method<Deps, 'channels.togglePreHistoryHidden'> = async (deps, caller, request) => {
  const { box, record } = await openSupergroup(deps, caller, request.channel);
  if (request.enabled && (record.username !== '' || record.linked > 0n)) throw badRequest('CHAT_LINK_EXISTS');
  return setInChannel(deps, caller, box, { hiddenPrehistory: request.enabled });
};
