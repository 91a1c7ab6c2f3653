import type { CallerContext } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { TypeInputPeer } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import type { BoxReader } from '../engine/contract';
import { groupBox } from '@heliograph/box/box-id';

/**
 * The peer of the dialog in the caller's box that an InputPeer names: a user, or a basic group by its box (< 0), which the box was told of.
 * Throws PEER_ID_INVALID, CHAT_ID_INVALID (a group that the caller never was in), CHANNEL_INVALID.
 */
export function peerInBox(deps: Pick<Deps, 'peers'>, caller: CallerContext, reader: BoxReader, input: TypeInputPeer): number {
  const peer = deps.peers.peer(caller.userId, input);
  if (peer.kind === 'user') return peer.id;
  if (peer.kind === 'channel') throw badRequest('CHANNEL_INVALID');
  const group = groupBox(peer.id);
  if (reader.dialog(group)?.view === undefined) throw badRequest('CHAT_ID_INVALID');
  return group;
}
