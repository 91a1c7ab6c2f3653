import { channelBox, groupBox } from '@heliograph/box/box-id';
import { badRequest, RpcError } from '@heliograph/client-api/rpc-error';
import type { CallerContext } from '@heliograph/client-api/method';
import type { TypeInputDialogPeer, TypeInputPeer } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import type { BoxReader } from '../engine/contract';

/**
 * The peer that an InputPeer names: a user (the caller's own id is Saved Messages), or a basic group or a channel by its box (< 0, box-id.ts).
 * Basic groups have no access hash: that the caller's box was told of the group is what lets them name it, those who left too. A channel's says that it was
 * shown to the caller; whether he may see into it is another question.
 * Throws PEER_ID_INVALID (CHANNEL_INVALID for channels).
 */
export async function namedPeer(deps: Pick<Deps, 'peers' | 'engine'>, caller: CallerContext, input: TypeInputPeer): Promise<number> {
  const peer = deps.peers.peer(caller.userId, input);
  if (peer.kind === 'channel') return channelBox(peer.id);
  return peer.kind === 'user' ? peer.id : peerInBox(deps, caller, await deps.engine.read(caller.userId), input);
}

/** The same, where the caller's box is open already. @param missing what is thrown for a group that it was never told of */
export function peerInBox(deps: Pick<Deps, 'peers'>, caller: CallerContext, reader: Pick<BoxReader, 'dialog'>, input: TypeInputPeer, missing = 'PEER_ID_INVALID'): number {
  const peer = deps.peers.peer(caller.userId, input);
  if (peer.kind === 'user') return peer.id;
  if (peer.kind === 'channel') return channelBox(peer.id);
  const group = groupBox(peer.id);
  if (reader.dialog(group)?.view !== undefined) return group;
  throw badRequest(missing);
}

/** The user that an InputPeer names. Throws PEER_ID_INVALID (CHANNEL_INVALID for channels). */
export function userPeer(deps: Pick<Deps, 'peers'>, caller: CallerContext, input: TypeInputPeer): number {
  const peer = deps.peers.peer(caller.userId, input);
  if (peer.kind !== 'user') throw badRequest('PEER_ID_INVALID');
  return peer.id;
}

/** As `namedPeer`, for the dialogs of lists. Throws FOLDER_ID_INVALID for a folder where a dialog is meant. */
export async function dialogPeer(deps: Pick<Deps, 'peers' | 'engine'>, caller: CallerContext, input: TypeInputDialogPeer): Promise<number> {
  if (input._ === 'inputDialogPeerFolder') throw badRequest('FOLDER_ID_INVALID');
  if (input._ !== 'inputDialogPeer') throw badRequest('PEER_ID_INVALID');
  return namedPeer(deps, caller, input.peer);
}

/** Whether another part of Saved Messages is meant than the caller's own. Throws as `namedPeer`. */
export async function isOtherPart(deps: Pick<Deps, 'peers' | 'engine'>, caller: CallerContext, part: TypeInputPeer | undefined): Promise<boolean> {
  return part !== undefined && part._ !== 'inputPeerEmpty' && await namedPeer(deps, caller, part) !== caller.userId;
}

/** Direct messages of channels are not built, so no peer is the parent of one. Throws PARENT_PEER_INVALID. */
export function refuseParent(parent: TypeInputPeer | undefined): void {
  if (parent && parent._ !== 'inputPeerEmpty') throw badRequest('PARENT_PEER_INVALID');
}

/** The user of an InputUser or InputPeer, undefined where its hash is wrong. */
export function tryUser(deps: Pick<Deps, 'peers'>, caller: CallerContext, input: Parameters<Deps['peers']['user']>[1]): number | undefined {
  try {
    return deps.peers.user(caller.userId, input);
  } catch (error) {
    if (error instanceof RpcError) return undefined;
    throw error;
  }
}

/** In private chats and basic groups one writes as oneself. Throws SEND_AS_PEER_INVALID. */
export function refuseSendAs(deps: Pick<Deps, 'peers'>, caller: CallerContext, sendAs: TypeInputPeer | undefined): void {
  if (!sendAs || sendAs._ === 'inputPeerEmpty' || sendAs._ === 'inputPeerSelf') return;
  if (sendAs._ !== 'inputPeerUser' || tryUser(deps, caller, sendAs) !== caller.userId) throw badRequest('SEND_AS_PEER_INVALID');
}
