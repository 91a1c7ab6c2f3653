import { create } from '@bufbuild/protobuf';
import { isChannelBox } from '@heliograph/box/box-id';
import { DialogRecordSchema, type DialogRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { DialogFolder } from '@heliograph/tl/api';
import { peerOf } from '@heliograph/box/render-peer';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { BoxReader } from '../engine/contract';
import { compareDialogs } from '../engine/dialogs';
import { isMutedAt } from '../engine/effects/notify';
import { ARCHIVE, MAIN_LIST, BOX_ITSELF } from '../engine/ids';
import { ARCHIVE_PINNED_DIALOGS_MAX, PINNED_DIALOGS_MAX } from '../limits';
import type { ChannelDialogs } from './channel-dialogs';

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
 * `channels`: those that the owner is in, as lists show them.
 */
export function readDialogs(reader: BoxReader, query: DialogsQuery, channels: readonly DialogRecord[] = []): { records: DialogRecord[]; count: number } {
  const { folder } = query;
  const inFolder = channels.filter(({ folderId }) => folder === undefined || folderId === folder);
  const pinned = (folder === undefined ? [MAIN_LIST, ARCHIVE] : [folder]).flatMap((one) => pinnedOf(reader, one, channels));
  const count = reader.dialogCount(folder) + inFolder.length - (query.excludePinned ? pinned.length : 0);
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
  const wanted = query.limit - records.length;
  const after = inFolder.filter((dialog) => dialog.pinnedOrder === 0 && isAfter(dialog, offsetDate, offsetId, offsetPeer));
  const others: DialogRecord[] = [];
  while (others.length < wanted) {
    const page = reader.dialogs({ offsetDate, offsetId, offsetPeer, limit: wanted - others.length, excludePinned: true, folder });
    const last = page.at(-1);
    if (!last) break;
    others.push(...page.filter(isShown));
    ({ topDate: offsetDate, topId: offsetId } = last);
    offsetPeer = Number(last.peer);
  }
  records.push(...(after.length === 0 ? others : [...others, ...after].sort(compareDialogs).slice(0, wanted)));
  return { records, count };
}

/** The pinned dialogs of a folder that have something to show, by their place. */
export function pinnedOf(reader: BoxReader, folder: number, channels: readonly DialogRecord[]): DialogRecord[] {
  return reader.pinnedDialogs(folder).flatMap((record) => {
    if (!isChannelBox(Number(record.peer))) return isShown(record) ? [record] : [];
    return channels.find(({ peer }) => peer === record.peer) ?? [];
  });
}

/** Whether a dialog comes after an offset in the order of lists, as BoxReader.dialogs has it. */
function isAfter(dialog: DialogRecord, topDate: number, topId: number, peer: number): boolean {
  if (topDate <= 0 && topId <= 0) return true;
  if (topDate <= 0) return dialog.topId < topId;
  return compareDialogs(dialog, create(DialogRecordSchema, { topDate, topId, peer: BigInt(peer) })) > 0;
}

/** Every dialog of a box, or of one folder, up to `limit`, newest first. */
export function walkDialogs(reader: BoxReader, limit: number, folder?: number): DialogRecord[] {
  return reader.dialogs({ offsetDate: 0, offsetId: 0, offsetPeer: 0, limit, excludePinned: false, folder });
}

/** The archive as the main list shows it: one entry, pinned above all. */
export interface ArchiveEntry {
  readonly entry: DialogFolder;
  /** The dialog with the newest message in it. */
  readonly top: DialogRecord;
}

/** Undefined when it is empty. `date`: Unix seconds, for who is muted now. */
export async function archiveEntry(reader: BoxReader, date: number, channels: ChannelDialogs): Promise<ArchiveEntry | undefined> {
  const ofChannels = await channels.withUnread(channels.records.filter(({ folderId }) => folderId === ARCHIVE));
  const archived = [...reader.archivedDialogs(), ...ofChannels].sort(compareDialogs);
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
  return { entry, top };
}

/** Clients show their own word for it. */
const ARCHIVE_TITLE = 'Archived Chats';
