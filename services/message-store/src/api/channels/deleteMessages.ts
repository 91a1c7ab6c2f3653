import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { REQUEST_IDS_MAX } from '../../limits';
import { channelOf, openChannel } from '../../messages/named-channel';

/**
 * Deletes messages of a channel for everybody: one's own, as an admin all. Ids of messages that do not exist are passed over
 * (docs: core.telegram.org/method/channels.deleteMessages). Throws MESSAGE_DELETE_FORBIDDEN.
 */
export const deleteMessages: Method<Deps, 'channels.deleteMessages'> = async (deps, caller, request) => {
  if (request.id.length > REQUEST_IDS_MAX) throw badRequest('LIMIT_INVALID');
  const ids = [...new Set(request.id)].filter((id) => id > 0);
  if (ids.length === 0) return { _: 'messages.affectedMessages', pts: (await openChannel(deps, caller, request.channel)).pts, pts_count: 0 };
  const { pts, ptsCount } = await deps.channels.act(caller, channelOf(deps, caller, request.channel), { act: { case: 'delete', value: { ids } } });
  return { _: 'messages.affectedMessages', pts, pts_count: ptsCount };
};
