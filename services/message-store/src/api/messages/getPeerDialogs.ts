import { isChannelBox } from '@heliograph/box/box-id';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Method } from '@heliograph/client-api/method';
import { create } from '@bufbuild/protobuf';
import { DialogRecordSchema } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { TypeInputDialogPeer } from '@heliograph/tl/api';
import type { Deps } from '../../deps';
import { ARCHIVE } from '../../engine/ids';
import { REQUEST_PEERS_MAX } from '../../limits';
import { ChannelDialogs } from '../../messages/channel-dialogs';
import { archiveEntry } from '../../messages/dialogs';
import { dialogPeer } from '../../messages/peer';
import { boxState } from '../../messages/state';
import { dialogViews } from '../../messages/views';
import { wakeChannels } from '../../messages/wake-channels';

/** The dialogs with some peers, an empty one where nothing was written, and the box's state (docs: core.telegram.org/method/messages.getPeerDialogs). */
export const getPeerDialogs: Method<Deps, 'messages.getPeerDialogs'> = async (deps, caller, request) => {
  if (request.peers.length > REQUEST_PEERS_MAX) throw badRequest('LIMIT_INVALID');
  const isArchive = (input: TypeInputDialogPeer): boolean => input._ === 'inputDialogPeerFolder' && input.folder_id === ARCHIVE;
  const peers = [...new Set(await Promise.all(request.peers.filter((input) => !isArchive(input)).map((input) => dialogPeer(deps, caller, input))))];
  const reader = await wakeChannels(deps, caller, await deps.engine.read(caller.userId));
  const wanted = request.peers.some(isArchive) ? await ChannelDialogs.ofMember(deps, caller, reader) : undefined;
  const archive = wanted && (await archiveEntry(reader, caller.date, wanted));
  const channels = await ChannelDialogs.of(deps, caller, reader, [...new Set([...peers.filter(isChannelBox), ...(archive ? [Number(archive.top.peer)] : [])])]);
  const records = peers.map((peer) => {
    if (isChannelBox(peer)) return channels.readable(peer);
    return reader.dialog(peer) ?? create(DialogRecordSchema, { peer: BigInt(peer) });
  });
  return { _: 'messages.peerDialogs', ...(await dialogViews(deps, reader, caller.userId, records, channels, archive)), chats: [], users: [], state: boxState(reader, caller) };
};
