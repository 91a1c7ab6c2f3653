import { isSavedPart, savedPart, SAVED_PARTS_FOLDER } from '@heliograph/box/box-id';
import type { DialogRecord, MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { placeRow, type Change, type Effect } from '../change';
import { takeFrom } from './take-from';

/**
 * Saved Messages by the chats that they are from: each part is a dialog with rows of its own, beside the one that holds all. Saved Messages that were
 * there before there were parts have none until they are empty.
 */

/** Says which part a message of Saved Messages will be in. `whole`: the dialog that holds all, before it. */
export function choosePart(whole: DialogRecord, record: MessageRecord): void {
  if (whole.messageCount === 0) whole.inParts = true;
  if (whole.inParts) record.savedPeer = record.content?.savedPeer ?? 0n;
}

/** Puts a message that is in Saved Messages into its part, too. */
export function addToPart(change: Change, { id, out, date, savedPeer }: MessageRecord): void {
  const part = change.editDialog(partOf(change, savedPeer));
  part.folderId = SAVED_PARTS_FOLDER;
  const { ordinal, bucket } = placeRow(part, id);
  change.rows.push({ kind: 'peer', peer: Number(part.peer), bucket, row: { id, out, date, ordinal, originId: 0, deletedVersion: 0n } });
  part.topId = id;
  part.topDate = date;
  part.messageCount += 1;
}

/** Takes messages of Saved Messages from their parts; what is empty then is not pinned any more. */
export function* removeFromParts(change: Change, gone: readonly MessageRecord[]): Effect {
  if (!change.dialog(change.box)?.inParts) return;
  const byPart = new Map<number, MessageRecord[]>();
  for (const record of gone) {
    const part = partOf(change, record.savedPeer);
    byPart.set(part, [...(byPart.get(part) ?? []), record]);
  }
  for (const [peer, records] of [...byPart].sort((a, b) => a[0] - b[0])) {
    const part = change.editDialog(peer);
    // What a replica wrote that knew of no parts is in none.
    yield* takeFrom(change, part, records, true);
    if (part.messageCount > 0) continue;
    part.clearedMaxId = change.topId;
    if (part.pinnedOrder === 0) continue;
    part.pinnedOrder = 0;
    change.announce({ case: 'dialogPin', value: { $typeName: 'heliograph.box.v1.DialogPinChanged', peer: part.peer, pinned: false, folderId: SAVED_PARTS_FOLDER } });
  }
}

/** Whether a dialog is a part in which there is nothing. */
export const isEmptyPart = ({ peer, messageCount }: DialogRecord): boolean => isSavedPart(Number(peer)) && messageCount === 0;

const partOf = (change: Change, savedPeer: bigint): number => savedPart(Number(savedPeer) || change.box);
