import type { DialogRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { DialogFolder } from '@heliograph/tl/api';
import { peerOf } from '@heliograph/box/render-message';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { BoxReader } from '../engine/contract';
import { isMutedAt } from '../engine/effects/notify';
import { ARCHIVE, MAIN_LIST, BOX_ITSELF } from '../engine/ids';
import { ARCHIVE_PINNED_DIALOGS_MAX, PINNED_DIALOGS_MAX } from '../limits';

export interface DialogsQuery {
  offsetDate: number;
  offsetId: number;
  offsetPeer: number;
  limit: number;
  excludePinned: boolean;
  /** Absent: the dialogs of all folders. */
  folder: number | undefined;
}

/** A folder that a request names. Throws FOLDER_ID_INVALID. */
export function folderOf(id: number): number {
  if (id !== MAIN_LIST && id !== ARCHIVE) throw badRequest('FOLDER_ID_INVALID');
  return id;
}

/** How many dialogs may be pinned in it. */
export const pinnedDialogsMax = (folder: number): number => (folder === ARCHIVE ? ARCHIVE_PINNED_DIALOGS_MAX : PINNED_DIALOGS_MAX);

/** Whether a dialog has a message to show; one that holds a draft or marks alone is in no list. */
export const isShown = (record: DialogRecord): boolean => record.topId > 0;

/**
 * Dialogs of a folder (or of all) after an offset in the order of the chat list: the pinned ones by their place, then the others by falling top date and id.
 * An offset that names a pinned dialog stands in the pinned part, so that a client that walks on from there misses none.
 */
export function readDialogs(reader: BoxReader, query: DialogsQuery): { records: DialogRecord[]; count: number } {
  const { folder } = query;
  const pinned = (folder === undefined ? [MAIN_LIST, ARCHIVE] : [folder]).flatMap((one) => reader.pinnedDialogs(one)).filter(isShown);
  const count = reader.dialogCount(folder) - (query.excludePinned ? pinned.length : 0);
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
    const others = reader.dialogs({ offsetDate, offsetId, offsetPeer, limit: query.limit - records.length, excludePinned: true, folder });
    const last = others.at(-1);
    if (!last) break;
    records.push(...others.filter(isShown));
    ({ topDate: offsetDate, topId: offsetId } = last);
    offsetPeer = Number(last.peer);
  }
  return { records, count };
}

/** Every dialog of a box, or of one folder, up to `limit`, newest first. */
export function walkDialogs(reader: BoxReader, limit: number, folder?: number): DialogRecord[] {
  return reader.dialogs({ offsetDate: 0, offsetId: 0, offsetPeer: 0, limit, excludePinned: false, folder });
}

/** The archive as the main list shows it: one entry, pinned above all; undefined when it is empty. `date`: Unix seconds, for who is muted now. */
export function archiveEntry(reader: BoxReader, date: number): DialogFolder | undefined {
  const archived = reader.archivedDialogs();
  const [top] = archived;
  if (top === undefined) return undefined;
  const settings = reader.dialog(BOX_ITSELF)?.settings;
  const entry: DialogFolder = {
    _: 'dialogFolder', pinned: true, folder: { _: 'folder', id: ARCHIVE, title: ARCHIVE_TITLE }, peer: peerOf(Number(top.peer)), top_message: top.topId,
    unread_muted_peers_count: 0, unread_unmuted_peers_count: 0, unread_muted_messages_count: 0, unread_unmuted_messages_count: 0,
  };
  for (const dialog of archived) {
    if (dialog.unreadCount === 0 && !dialog.unreadMark) continue;
    const kind = isMutedAt(settings, dialog, date) ? 'muted' : 'unmuted';
    entry[`unread_${kind}_peers_count`] += 1;
    entry[`unread_${kind}_messages_count`] += dialog.unreadCount;
  }
  return entry;
}

/** Clients show their own word for it. */
const ARCHIVE_TITLE = 'Archived Chats';
