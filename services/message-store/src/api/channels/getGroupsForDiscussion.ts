import { channelOfBox } from '@heliograph/box/box-id';
import { adminRights } from '@heliograph/box/channel-rights';
import { ADMIN } from '@heliograph/box/group-rights';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { channelNamed } from '../../messages/channel-act';
import { ownChannelStates } from '../../messages/own-channels';

/**
 * Supergroups that the caller may make the discussion group of a broadcast (docs: core.telegram.org/method/channels.getGroupsForDiscussion): linked to none.
 * NOTSPEC: basic groups are not named, which would have to migrate first.
 */
export const getGroupsForDiscussion: Method<Deps, 'channels.getGroupsForDiscussion'> = async (deps, caller) => {
  const groups = (await ownChannelStates(deps, caller)).filter(({ record }) => {
    return record !== undefined && !record.broadcast && record.linked === 0n && (adminRights(record, caller.userId) & ADMIN.change_info) !== 0;
  });
  return { _: 'messages.chats', chats: groups.map(({ channel }) => channelNamed(channelOfBox(Number(channel)))) };
};
