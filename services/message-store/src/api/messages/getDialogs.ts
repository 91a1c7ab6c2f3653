import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { ChannelDialogs } from '../../messages/channel-dialogs';
import { pageLimit } from '../../messages/page';
import { folderOf, readDialogs } from '../../messages/dialogs';
import { namedPeer } from '../../messages/peer';
import { dialogViews } from '../../messages/views';
import { wakeChannels } from '../../messages/wake-channels';

/**
 * A page of the chat list: pinned dialogs first, then by falling date (docs: core.telegram.org/method/messages.getDialogs).
 * Of one folder or, without folder_id, of all. The archive's own entry is among the pinned ones alone (getPinnedDialogs): clients look for it there, and Telethon fails at it here. `hash` is ignored: the answer is always the dialogs.
 */
export const getDialogs: Method<Deps, 'messages.getDialogs'> = async (deps, caller, request) => {
  const folder = request.folder_id === undefined ? undefined : folderOf(request.folder_id);
  const offsetPeer = request.offset_peer._ === 'inputPeerEmpty' ? 0 : await namedPeer(deps, caller, request.offset_peer);
  const reader = await wakeChannels(deps, caller, await deps.engine.read(caller.userId));
  const channels = await ChannelDialogs.ofMember(deps, caller, reader);
  const { records, count } = readDialogs(reader, {
    offsetDate: request.offset_date,
    offsetId: request.offset_id,
    offsetPeer,
    limit: pageLimit(request.limit),
    excludePinned: request.exclude_pinned ?? false,
    folder,
  }, channels.records);
  const first = request.offset_date === 0 && request.offset_id === 0 && offsetPeer === 0;
  const views = await dialogViews(deps, reader, caller.userId, records, channels);
  if (first && records.length >= count) return { _: 'messages.dialogs', ...views, chats: [], users: [] };
  return { _: 'messages.dialogsSlice', count, ...views, chats: [], users: [] };
};
