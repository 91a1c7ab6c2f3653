import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Method } from '@heliograph/client-api/method';
import { create } from '@bufbuild/protobuf';
import { DialogRecordSchema } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { TypeInputDialogPeer } from '@heliograph/tl/api';
import type { Deps } from '../../deps';
import { ARCHIVE } from '../../engine/ids';
import { REQUEST_PEERS_MAX } from '../../limits';
import { archiveEntry } from '../../messages/dialogs';
import { dialogPeer } from '../../messages/peer';
import { boxState } from '../../messages/state';
import { dialogViews } from '../../messages/views';

/** The dialogs with some peers, an empty one where nothing was written, and the box's state (docs: core.telegram.org/method/messages.getPeerDialogs). */
export const getPeerDialogs: Method<Deps, 'messages.getPeerDialogs'> = async (deps, caller, request) => {
  if (request.peers.length > REQUEST_PEERS_MAX) throw badRequest('LIMIT_INVALID');
  const isArchive = (input: TypeInputDialogPeer): boolean => input._ === 'inputDialogPeerFolder' && input.folder_id === ARCHIVE;
  const peers = new Set(await Promise.all(request.peers.filter((input) => !isArchive(input)).map((input) => dialogPeer(deps, caller, input))));
  const reader = await deps.engine.read(caller.userId);
  const archive = request.peers.some(isArchive) ? archiveEntry(reader, caller.date) : undefined;
  const records = [...peers].map((peer) => reader.dialog(peer) ?? create(DialogRecordSchema, { peer: BigInt(peer) }));
  return { _: 'messages.peerDialogs', ...(await dialogViews(deps, reader, caller.userId, records, archive)), chats: [], users: [], state: boxState(reader, caller) };
};
