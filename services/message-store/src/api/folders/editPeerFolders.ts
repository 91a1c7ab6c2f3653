import { isChannelBox } from '@heliograph/box/box-id';
import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { ARCHIVE, MAIN_LIST } from '../../engine/ids';
import { REQUEST_PEERS_MAX } from '../../limits';
import { outcomeUpdates } from '../../messages/answer';
import { peerInBox } from '../../messages/peer';
import { submit } from '../../messages/submit';
import { tellAsleep } from '../../messages/wake-channels';

/** Puts chats into the archive, or back into the main list (docs: core.telegram.org/method/folders.editPeerFolders). */
export const editPeerFolders: Method<Deps, 'folders.editPeerFolders'> = async (deps, caller, { folder_peers }) => {
  if (folder_peers.length > REQUEST_PEERS_MAX) throw badRequest('LIMIT_INVALID');
  if (folder_peers.some(({ folder_id }) => folder_id !== MAIN_LIST && folder_id !== ARCHIVE)) throw badRequest('FOLDER_ID_INVALID');
  const reader = await deps.engine.read(caller.userId);
  const moved = folder_peers.map(({ peer, folder_id: folderId }) => ({ peer: peerInBox(deps, caller, reader, peer, 'CHAT_ID_INVALID'), folderId }));
  const states = await deps.channels.find(caller.userId, moved.map(({ peer }) => peer).filter(isChannelBox));
  const tops = new Map(states.map(({ channel, topId }) => [Number(channel), topId]));
  const peers = moved.map(({ peer, folderId }) => ({ peer: BigInt(peer), folderId, topId: tops.get(peer) }));
  const outcome = await submit(deps, caller, { case: 'setFolders', value: { peers } });
  if (tops.size > 0) await tellAsleep(deps, caller);
  return outcomeUpdates(deps, caller, outcome);
};
