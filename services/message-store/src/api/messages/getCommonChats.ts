import { channelBox, channelOfBox } from '@heliograph/box/box-id';
import { isMember } from '@heliograph/box/channel-rights';
import { chatEmpty } from '@heliograph/client-api/chat';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { COMMON_CHATS_DIALOGS_MAX, REQUEST_CHATS_MAX } from '../../limits';
import { channelNamed } from '../../messages/channel-act';
import { walkDialogs } from '../../messages/dialogs';
import { isIn } from '../../messages/group-view';
import { findDcs } from '../../messages/homes';
import { pageLimit } from '../../messages/page';

/**
 * Groups that both the caller and a user are in, the supergroups first, by falling id, those below max_id (0: all)
 * (docs: core.telegram.org/method/messages.getCommonChats). Of the caller's newest COMMON_CHATS_DIALOGS_MAX dialogs, REQUEST_CHATS_MAX groups of each kind are compared.
 */
export const getCommonChats: Method<Deps, 'messages.getCommonChats'> = async (deps, caller, request) => {
  const user = deps.peers.user(caller.userId, request.user_id);
  if (user === caller.userId) return { _: 'messages.chats', chats: [] };
  const reader = await deps.engine.read(caller.userId);
  const below = (ids: number[]): number[] => ids.filter((id) => request.max_id <= 0 || id < request.max_id).sort((a, b) => b - a).slice(0, REQUEST_CHATS_MAX);
  const groups = below(walkDialogs(reader, COMMON_CHATS_DIALOGS_MAX).filter(({ view }) => view !== undefined && isIn(view)).map(({ peer }) => -Number(peer)));
  const channels = below(reader.channels().filter(({ membership }) => !membership?.broadcast).map(({ peer }) => channelOfBox(Number(peer))));
  const [inGroups, inChannels] = await Promise.all([sharedGroups(deps, user, groups), sharedChannels(deps, user, channels)]);
  return { _: 'messages.chats', chats: [...inChannels.map(channelNamed), ...inGroups.map(chatEmpty)].slice(0, pageLimit(request.limit)) };
};

async function sharedGroups(deps: Deps, user: number, chatIds: readonly number[]): Promise<number[]> {
  if (chatIds.length === 0) return [];
  const [dc = deps.dc] = await findDcs(deps, [user]);
  const theirs = await deps.groups.listViews(user, dc, chatIds);
  return theirs.filter(({ view }) => view !== undefined && isIn(view)).map(({ id }) => Number(id));
}

async function sharedChannels(deps: Deps, user: number, channelIds: readonly number[]): Promise<number[]> {
  if (channelIds.length === 0) return [];
  const theirs = await deps.channels.find(user, channelIds.map(channelBox));
  return theirs.filter(({ member, record }) => isMember(member) && record?.destroyed === false).map(({ channel }) => channelOfBox(Number(channel)));
}
