import type { DialogRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { SAVED_PARTS_FOLDER } from '@heliograph/box/box-id';
import { ARCHIVE } from './ids';

/** Newest first: by date of the top message, its id, the peer. */
export function compareDialogs(a: DialogRecord, b: DialogRecord): number {
  return b.topDate - a.topDate || b.topId - a.topId || Number(b.peer - a.peer);
}

/** Whether lists show it: it holds a message, and is no part of another. */
export function isListed(dialog: DialogRecord): boolean {
  return dialog.topId > 0 && dialog.folderId !== SAVED_PARTS_FOLDER;
}

/** What was made of the dialogs for those who asked; undefined: nobody has since it changed. */
interface Lists {
  sorted?: DialogRecord[];
  archive?: DialogRecord[];
  parts?: DialogRecord[];
  /** Pinned, in all folders. */
  pinned?: DialogRecord[];
  channels?: DialogRecord[];
  /** Of channels that the owner is in no more. */
  left?: DialogRecord[];
}

/** Whether it is of a channel that the owner is in. */
const isMember = ({ membership }: DialogRecord): boolean => membership?.present === true;
const hasLeft = ({ membership }: DialogRecord): boolean => membership?.present === false;

/**
 * The dialogs of a box. Records are never changed in place. `snapshot` is as of its moment for ever, at the cost of a copy of the
 * references at the next change. Lists are made once for a box and its snapshots until then, whoever asks first.
 */
export class Dialogs {
  private records: Map<number, DialogRecord>;
  private lists: Lists = {};
  private shared = false;

  constructor(records: Iterable<DialogRecord> = []) {
    this.records = new Map();
    for (const record of records) this.records.set(Number(record.peer), record);
  }

  get size(): number {
    return this.records.size;
  }

  get(peer: number): DialogRecord | undefined {
    return this.records.get(peer);
  }

  set(record: DialogRecord): void {
    if (this.shared) {
      this.records = new Map(this.records);
      this.lists = { ...this.lists, sorted: this.lists.sorted?.slice() };
      this.shared = false;
    }
    const { lists } = this;
    const peer = Number(record.peer);
    const before = this.records.get(peer);
    this.records.set(peer, record);
    if (record.folderId === ARCHIVE || before?.folderId === ARCHIVE) lists.archive = undefined;
    if (record.folderId === SAVED_PARTS_FOLDER) lists.parts = undefined;
    if (record.pinnedOrder > 0 || (before !== undefined && before.pinnedOrder > 0)) lists.pinned = undefined;
    if (isMember(record) || (before !== undefined && isMember(before))) lists.channels = undefined;
    if (hasLeft(record) || (before !== undefined && hasLeft(before))) lists.left = undefined;
    if (lists.sorted === undefined) return;
    if (before !== undefined && isListed(before)) lists.sorted.splice(placeOf(lists.sorted, before), 1);
    if (isListed(record)) lists.sorted.splice(placeOf(lists.sorted, record), 0, record);
  }

  /** Every one, by peer. */
  all(): DialogRecord[] {
    return [...this.records.values()].sort((a, b) => Number(a.peer - b.peer));
  }

  /** Those that lists show, newest first. Not to be changed. */
  list(): readonly DialogRecord[] {
    return (this.lists.sorted ??= [...this.records.values()].filter(isListed).sort(compareDialogs));
  }

  /** Those in the archive that lists show, newest first. Not to be changed. */
  archived(): readonly DialogRecord[] {
    return (this.lists.archive ??= this.list().filter((dialog) => dialog.folderId === ARCHIVE));
  }

  /** Parts of Saved Messages that hold a message, newest first. Not to be changed. */
  savedParts(): readonly DialogRecord[] {
    return (this.lists.parts ??= [...this.records.values()].filter((dialog) => dialog.folderId === SAVED_PARTS_FOLDER && dialog.topId > 0).sort(compareDialogs));
  }

  /** Pinned in that folder, by their place. */
  pinned(folder: number): DialogRecord[] {
    this.lists.pinned ??= [...this.records.values()].filter((dialog) => dialog.pinnedOrder > 0);
    return this.lists.pinned.filter((dialog) => dialog.folderId === folder).sort((a, b) => a.pinnedOrder - b.pinnedOrder);
  }

  /** Channels that the owner is in, by peer. */
  channels(): DialogRecord[] {
    this.lists.channels ??= [...this.records.values()].filter(isMember).sort((a, b) => Number(a.peer - b.peer));
    return this.lists.channels.slice();
  }

  /** Channels that the owner was in and is not any more. Not to be changed. */
  leftChannels(): readonly DialogRecord[] {
    return (this.lists.left ??= [...this.records.values()].filter(hasLeft));
  }

  /** Those with notification settings of their own, by peer. */
  withNotify(): DialogRecord[] {
    return [...this.records.values()].filter((dialog) => dialog.notify !== undefined).sort((a, b) => Number(a.peer - b.peer));
  }

  /** Those with a draft or a mark, listed or not. */
  annotated(limit: number): DialogRecord[] {
    const found: DialogRecord[] = [];
    for (const dialog of this.records.values()) {
      if (dialog.draftSealed.length === 0 && !dialog.unreadMark) continue;
      if (found.length >= limit) break;
      found.push(dialog);
    }
    return found;
  }

  snapshot(): Dialogs {
    const copy = new Dialogs();
    copy.records = this.records;
    copy.lists = this.lists;
    copy.shared = true;
    this.shared = true;
    return copy;
  }
}

/** Index of the first record that is not before `record`. */
export function placeOf(sorted: readonly DialogRecord[], record: Pick<DialogRecord, 'topDate' | 'topId' | 'peer'>): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareDialogs(sorted[middle] as DialogRecord, record as DialogRecord) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
