import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { REQUEST_IDS_MAX } from '../../limits';
import { channelOf } from '../../messages/named-channel';
import { submit } from '../../messages/submit';

/** Marks mentions of the caller in a channel, and reactions to the caller's messages, as seen (docs: core.telegram.org/method/channels.readMessageContents). */
export const readMessageContents: Method<Deps, 'channels.readMessageContents'> = async (deps, caller, request) => {
  if (request.id.length > REQUEST_IDS_MAX) throw badRequest('LIMIT_INVALID');
  const channel = channelOf(deps, caller, request.channel);
  const ids = [...new Set(request.id)].filter((id) => id > 0);
  // No ids would mean all.
  if (ids.length > 0) await submit(deps, caller, { case: 'readChannelContents', value: { channel: BigInt(channel), ids } });
  return true;
};
