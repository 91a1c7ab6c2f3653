import type { DialogRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { ARCHIVE } from './ids';

/** Newest first: by date of the top message, its id, the peer. */
export function compareDialogs(a: DialogRecord, b: DialogRecord): number {
  return b.topDate - a.topDate || b.topId - a.topId || Number(b.peer - a.peer);
}

/** Whether lists show it: it holds a message. */
export function isListed(dialog: DialogRecord): boolean {
  return dialog.topId > 0;
}

/**
 * The dialogs of a box. Records are never changed in place. `snapshot` is as of its moment for ever, at the cost of a copy of the
 * references at the next change.
 */
export class Dialogs {
  private records: Map<number, DialogRecord>;
  private sorted: DialogRecord[] | undefined;
  private archive: DialogRecord[] | undefined;
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
      this.sorted = this.sorted?.slice();
      this.shared = false;
    }
    const peer = Number(record.peer);
    const before = this.records.get(peer);
    this.records.set(peer, record);
    if (record.folderId === ARCHIVE || before?.folderId === ARCHIVE) this.archive = undefined;
    if (this.sorted === undefined) return;
    if (before !== undefined && isListed(before)) this.sorted.splice(placeOf(this.sorted, before), 1);
    if (isListed(record)) this.sorted.splice(placeOf(this.sorted, record), 0, record);
  }

  /** Every one, by peer. */
  all(): DialogRecord[] {
    return [...this.records.values()].sort((a, b) => Number(a.peer - b.peer));
  }

  /** Those that lists show, newest first. Not to be changed. */
  list(): readonly DialogRecord[] {
    return (this.sorted ??= [...this.records.values()].filter(isListed).sort(compareDialogs));
  }

  /** Those in the archive that lists show, newest first. Not to be changed. */
  archived(): readonly DialogRecord[] {
    return (this.archive ??= this.list().filter((dialog) => dialog.folderId === ARCHIVE));
  }

  /** Pinned in that folder, by their place. */
  pinned(folder: number): DialogRecord[] {
    return [...this.records.values()].filter((dialog) => dialog.pinnedOrder > 0 && dialog.folderId === folder).sort((a, b) => a.pinnedOrder - b.pinnedOrder);
  }

  /** Channels that the owner is in, by peer. */
  channels(): DialogRecord[] {
    return [...this.records.values()].filter((dialog) => dialog.membership?.present === true).sort((a, b) => Number(a.peer - b.peer));
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
    // The sorted list is made at most once for both.
    copy.records = this.records;
    copy.sorted = this.sorted;
    copy.archive = this.archive;
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
