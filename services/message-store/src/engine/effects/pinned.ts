import { create } from '@bufbuild/protobuf';
import { MessagesPinnedSchema } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Change } from '../change';
import { PINNED_MESSAGES_MAX } from '../limits';

/** Pins or unpins a message that is alive; false when it already was so. Beyond the limit the oldest pin goes. */
export function setPinned(change: Change, peer: number, id: number, pinned: boolean): boolean {
  const before = change.dialog(peer)?.pinnedIds ?? [];
  if (before.includes(id) === pinned) return false;
  const dialog = change.editDialog(peer);
  let ids = pinned ? [...before, id].sort((a, b) => a - b) : before.filter((other) => other !== id);
  if (ids.length > PINNED_MESSAGES_MAX) {
    const oldest = (ids[0] === id ? ids[1] : ids[0]) as number;
    ids = ids.filter((other) => other !== oldest);
    tell(change, dialog.peer, [oldest], false);
  }
  dialog.pinnedIds = ids;
  tell(change, dialog.peer, [id], pinned);
  return true;
}

/** Unpins all; the ids that were pinned. */
export function unpinEvery(change: Change, peer: number): readonly number[] {
  const ids = change.dialog(peer)?.pinnedIds ?? [];
  if (ids.length === 0) return ids;
  const dialog = change.editDialog(peer);
  dialog.pinnedIds = [];
  tell(change, dialog.peer, ids, false);
  return ids;
}

function tell(change: Change, peer: bigint, ids: readonly number[], pinned: boolean): void {
  change.keep(change.update({ case: 'pinned', value: create(MessagesPinnedSchema, { peer, ids: [...ids], pinned }) }, 1));
}
