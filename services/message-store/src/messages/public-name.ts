import { isOwner } from '@heliograph/box/channel-rights';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { CallerContext } from '@heliograph/client-api/method';
import type { TypeInputChannel } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import { openChannel } from './named-channel';

/**
 * The one name that a channel can have, which its creator gives it (channels.updateUsername) and which is active as long as it is there; empty: it has none. There are no collectible names
 * beside it. Throws CHAT_ADMIN_REQUIRED for all but its creator, and as `openChannel`.
 */
export async function editableName(deps: Pick<Deps, 'channels' | 'peers'>, caller: CallerContext, input: TypeInputChannel): Promise<string> {
  const { record } = await openChannel(deps, caller, input);
  if (!isOwner(record, caller.userId)) throw badRequest('CHAT_ADMIN_REQUIRED');
  return record.username;
}

/** Whether that is the channel's name, which is not told apart by case. */
export const isNamed = (name: string, asked: string): boolean => name !== '' && name.toLowerCase() === asked.toLowerCase();
