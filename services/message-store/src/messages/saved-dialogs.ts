import { isSavedPart, peerOfSavedPart, savedPart } from '@heliograph/box/box-id';
import { peerOf } from '@heliograph/box/render-peer';
import type { CallerContext } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { DialogRecord, MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { SavedDialog, TypeInputDialogPeer, TypeMessage } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import type { BoxReader } from '../engine/contract';
import { dialogPeer } from './peer';
import { messageViews } from './views';

/**
 * The part of Saved Messages that holds what was forwarded from a peer (the owner: what was not); undefined where there is nothing. Saved Messages that were there before
 * there were parts are one, the owner's.
 */
export function savedDialog(reader: Pick<BoxReader, 'dialog'>, box: number, peer: number): DialogRecord | undefined {
  const whole = reader.dialog(box);
  const part = whole?.inParts ? reader.dialog(savedPart(peer)) : peer === box ? whole : undefined;
  return part !== undefined && part.topId > 0 ? part : undefined;
}

/** Whether a message of Saved Messages is in a part (its dialog; undefined: all). */
export function isInPart({ peer, savedPeer }: Pick<MessageRecord, 'peer' | 'savedPeer'>, part: number | undefined): boolean {
  return part === undefined || peerOfSavedPart(part) === Number(savedPeer || peer);
}

/** Whether the parts are those of `savedDialog`, each a dialog of its own. */
export const hasParts = (reader: Pick<BoxReader, 'dialog'>, box: number): boolean => reader.dialog(box)?.inParts ?? false;

/** The part that clients pin. Throws PEER_ID_INVALID where there is nothing in it. */
export async function savedPartToPin(deps: Pick<Deps, 'engine' | 'peers'>, caller: CallerContext, input: TypeInputDialogPeer): Promise<number> {
  const peer = await dialogPeer(deps, caller, input);
  const part = savedDialog(await deps.engine.read(caller.userId), caller.userId, peer);
  if (part === undefined || !isSavedPart(Number(part.peer))) throw badRequest('PEER_ID_INVALID');
  return Number(part.peer);
}

/** Parts with their newest messages, in the order given. */
export async function savedDialogViews(deps: Pick<Deps, 'keyring'>, reader: BoxReader, box: number, parts: readonly DialogRecord[]): Promise<{ dialogs: SavedDialog[]; messages: TypeMessage[]; chats: []; users: [] }> {
  const tops = await reader.messages(parts.map(({ topId }) => topId));
  const messages = await messageViews(deps, reader, box, tops.filter((top) => top !== undefined));
  return { dialogs: parts.map(savedDialogView), messages, chats: [], users: [] };
}

function savedDialogView({ peer, topId, pinnedOrder }: DialogRecord): SavedDialog {
  const number = Number(peer);
  return { _: 'savedDialog', pinned: pinnedOrder > 0 || undefined, peer: peerOf(isSavedPart(number) ? peerOfSavedPart(number) : number), top_message: topId };
}
