import { channelOfBox } from '@heliograph/box/box-id';
import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { REQUEST_CHATS_MAX } from '../../limits';
import { channelNamed } from '../../messages/channel-act';
import { channelOf } from '../../messages/named-channel';

/** Channels by their access hashes (docs: core.telegram.org/method/channels.getChannels). Throws CHANNEL_INVALID. */
export const getChannels: Method<Deps, 'channels.getChannels'> = async (deps, caller, request) => {
  if (request.id.length > REQUEST_CHATS_MAX) throw badRequest('LIMIT_INVALID');
  const boxes = new Set(request.id.map((input) => channelOf(deps, caller, input)));
  return { _: 'messages.chats', chats: [...boxes].map((box) => channelNamed(channelOfBox(box))) };
};
