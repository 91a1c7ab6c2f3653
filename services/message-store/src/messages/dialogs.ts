import type { DialogRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { BoxReader } from '../engine/contract';

export interface DialogsQuery {
  offsetDate: number;
  offsetId: number;
  offsetPeer: number;
  limit: number;
  excludePinned: boolean;
}

/** Whether a dialog has a message to show; one that holds a draft or marks alone is in no list. */
export const isShown = (record: DialogRecord): boolean => record.topId > 0;

/**
 * Dialogs after an offset in the order of the chat list: the pinned ones by their place, then the others by falling top date and id.
 * An offset that names a pinned dialog stands in the pinned part, so that a client that walks on from there misses none.
 */
export function readDialogs(reader: BoxReader, query: DialogsQuery): { records: DialogRecord[]; count: number } {
  const pinned = reader.pinnedDialogs().filter(isShown);
  const count = reader.dialogCount() - (query.excludePinned ? pinned.length : 0);
  const start = query.offsetDate === 0 && query.offsetId === 0 && query.offsetPeer === 0;
  const records: DialogRecord[] = [];
  let { offsetDate, offsetId, offsetPeer } = query;
  if (!query.excludePinned) {
    const at = start ? -1 : pinned.findIndex((record) => Number(record.peer) === query.offsetPeer && record.topId === query.offsetId);
    if (start || at >= 0) {
      records.push(...pinned.slice(at + 1, at + 1 + query.limit));
      offsetDate = offsetId = offsetPeer = 0;
    }
  }
  while (records.length < query.limit) {
    const others = reader.dialogs({ offsetDate, offsetId, offsetPeer, limit: query.limit - records.length, excludePinned: true });
    const last = others.at(-1);
    if (!last) break;
    records.push(...others.filter(isShown));
    ({ topDate: offsetDate, topId: offsetId } = last);
    offsetPeer = Number(last.peer);
  }
  return { records, count };
}

/** Every dialog of a box up to `limit`, newest first, drafts without messages included. */
export function walkDialogs(reader: BoxReader, limit: number): DialogRecord[] {
  return reader.dialogs({ offsetDate: 0, offsetId: 0, offsetPeer: 0, limit, excludePinned: false });
}
