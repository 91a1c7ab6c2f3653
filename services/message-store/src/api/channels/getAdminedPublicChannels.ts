import { channelOfBox } from '@heliograph/box/box-id';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { channelNamed } from '../../messages/channel-act';
import { ownPublicChannels, refuseOneMorePublic } from '../../messages/own-channels';

/**
 * The caller's channels with a public name (docs: core.telegram.org/method/channels.getAdminedPublicChannels); with `check_limit` whether there may be one more:
 * CHANNELS_ADMIN_PUBLIC_TOO_MUCH. None is at a place.
 */
export const getAdminedPublicChannels: Method<Deps, 'channels.getAdminedPublicChannels'> = async (deps, caller, request) => {
  if (request.check_limit && !request.by_location) await refuseOneMorePublic(deps, caller);
  const own = request.by_location || request.for_community_peer ? [] : await ownPublicChannels(deps, caller);
  const shown = request.for_personal ? own.filter(({ record }) => record?.broadcast) : own;
  return { _: 'messages.chats', chats: shown.map(({ channel }) => channelNamed(channelOfBox(Number(channel)))) };
};
