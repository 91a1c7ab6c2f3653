import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { MAIN_LIST } from '../../engine/ids';
import { ChannelDialogs } from '../../messages/channel-dialogs';
import { archiveEntry, folderOf, pinnedOf } from '../../messages/dialogs';
import { boxState } from '../../messages/state';
import { dialogViews } from '../../messages/views';
import { wakeChannels } from '../../messages/wake-channels';

/** The pinned dialogs of a folder in their order, in the main list after the archive (docs: core.telegram.org/method/messages.getPinnedDialogs). */
export const getPinnedDialogs: Method<Deps, 'messages.getPinnedDialogs'> = async (deps, caller, request) => {
  const folder = folderOf(request.folder_id);
  const reader = await wakeChannels(deps, caller, await deps.engine.read(caller.userId));
  const channels = await ChannelDialogs.ofMember(deps, caller, reader);
  const archive = folder === MAIN_LIST ? await archiveEntry(reader, caller.date, channels) : undefined;
  const views = await dialogViews(deps, reader, caller.userId, pinnedOf(reader, folder, channels.records), channels, archive);
  return { _: 'messages.peerDialogs', ...views, chats: [], users: [], state: boxState(reader, caller) };
};
