import { isMember, visibleAbove } from '@heliograph/box/channel-rights';
import { renderUpdate, updateKeys } from '@heliograph/box/render-update';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { CallerContext, Method } from '@heliograph/client-api/method';
import type { BoxUpdate, MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { TypeMessage, TypeUpdate, UpdatesChannelDifferenceTooLong } from '@heliograph/tl/api';
import type { Deps } from '../../deps';
import { CHANNEL_DIFFERENCE_PTS_MAX, CHANNEL_POLL_AGAIN_SECONDS, CHANNEL_POLL_SECONDS, DIFFERENCE_CHANGES_MAX } from '../../limits';
import { ChannelDialogs } from '../../messages/channel-dialogs';
import { countedSight } from '../../messages/channel-views';
import type { ChannelReader } from '../../messages/channels';
import { openForMessages } from '../../messages/named-channel';
import { dialogViews, pinnedLookup } from '../../messages/views';

/**
 * What changed in a channel since `pts`, in slices, each message once and as it is now (docs: core.telegram.org/api/updates#recovering-gaps). The last slice says
 * after how many seconds whoever looks at the channel may ask again; who isn't in a public one is pushed nothing of it. Of `filter` nothing is left out.
 * Throws CHANNEL_INVALID, CHANNEL_PRIVATE, PERSISTENT_TIMESTAMP_EMPTY, PERSISTENT_TIMESTAMP_INVALID.
 */
export const getChannelDifference: Method<Deps, 'updates.getChannelDifference'> = async (deps, caller, request) => {
  const channel = await openForMessages(deps, caller, request.channel);
  if (request.pts === 0) throw badRequest('PERSISTENT_TIMESTAMP_EMPTY');
  if (request.pts < 0) throw badRequest('PERSISTENT_TIMESTAMP_INVALID');
  const isLively = caller.date - channel.state.changedDate < CHANNEL_POLL_SECONDS;
  const timeout = isLively && isMember(channel.member) ? CHANNEL_POLL_AGAIN_SECONDS : CHANNEL_POLL_SECONDS;
  if (request.pts === channel.pts) return { _: 'updates.channelDifferenceEmpty', final: true, pts: channel.pts, timeout };
  // A state from the future (an older copy of the data was restored), or from too long ago: the client begins anew.
  if (request.pts > channel.pts || channel.pts - request.pts > CHANNEL_DIFFERENCE_PTS_MAX) return tooLong(deps, caller, channel, timeout);
  const limit = request.limit > 0 ? Math.min(request.limit, DIFFERENCE_CHANGES_MAX) : DIFFERENCE_CHANGES_MAX;
  const { updates, pts, complete } = await channel.changes(request.pts, limit);
  const [keys, sight] = await Promise.all([updateKeys(deps.keyring, channel.box, updates), countedSight(deps, caller, channel, recordsOf(updates))]);
  const isPinned = pinnedLookup(channel);
  const above = visibleAbove(channel.record, channel.member);
  const new_messages: TypeMessage[] = [];
  const other_updates: TypeUpdate[] = [];
  for (const update of updates) {
    const { change } = update;
    if ((change.case === 'message' || change.case === 'edited') && change.value.id <= above) continue;
    const rendered = renderUpdate(channel.box, update, keys, isPinned, sight);
    if (rendered === undefined) continue;
    if (rendered._ === 'updateNewChannelMessage') new_messages.push(rendered.message);
    else other_updates.push(rendered);
  }
  return { _: 'updates.channelDifference', ...(complete ? { final: true, timeout } : {}), pts, new_messages, other_updates, chats: [], users: [] };
};

const recordsOf = (updates: readonly BoxUpdate[]): MessageRecord[] => updates.flatMap(({ change }) => (change.case === 'message' || change.case === 'edited' ? [change.value] : []));

async function tooLong(deps: Deps, caller: CallerContext, { box }: ChannelReader, timeout: number): Promise<UpdatesChannelDifferenceTooLong> {
  const reader = await deps.engine.read(caller.userId);
  const channels = await ChannelDialogs.of(deps, caller, reader, [box]);
  const { dialogs: [dialog], messages } = await dialogViews(deps, reader, caller.userId, [channels.readable(box)], channels);
  if (dialog === undefined) throw new Error('a channel was shown without its dialog');
  return { _: 'updates.channelDifferenceTooLong', final: true, timeout, dialog, messages, chats: [], users: [] };
}
