import type { DialogRecord, MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { DUE_EXPIRY } from '../../tables/box-due';
import { placeRow, type Change } from '../change';
import { beginPoll } from './polls';

/**
 * Puts a new message at the end of a dialog: rows, top, counts, update. Its id is the pts it takes: pts rises by one with each new
 * message and never stands still or falls, so ids are unique and rise, with gaps where other changes took a pts.
 * @param record complete but for `id`, `pts` and `createdVersion`
 * @param originId id in the peer's box, of an incoming message
 */
export function addMessage(change: Change, dialog: DialogRecord, record: MessageRecord, originId: number): void {
  const id = change.pts + 1;
  record.id = id;
  record.pts = id;
  record.createdVersion = change.version;
  record.uid ??= { $typeName: 'heliograph.box.v1.MessageUid', box: BigInt(change.box), id };
  beginPoll(change, record);
  change.update({ case: 'message', value: record }, 1);
  change.topId = id;
  change.message = record;
  change.rows.push({ kind: 'message', record });
  const { ordinal, bucket } = placeRow(dialog, id);
  change.rows.push({ kind: 'peer', peer: Number(dialog.peer), bucket, row: { id, out: record.out, date: record.date, ordinal, originId, deletedVersion: 0n } });
  expireLater(change, record);
  dialog.topId = id;
  dialog.topDate = record.date;
  dialog.messageCount += 1;
}

/** Where messages go away after a time, that time. */
export function expireLater(change: Change, { id, date, ttlPeriod }: MessageRecord): void {
  if (ttlPeriod > 0) change.rows.push({ kind: 'due', at: date + ttlPeriod, due: DUE_EXPIRY, peer: 0, id });
}

/** Remembers a random_id with the message that it made. 0 is none. */
export function remember(change: Change, randomId: bigint): void {
  if (randomId === 0n) return;
  const id = change.pts;
  change.remembered = { randomId, id, date: change.date };
  change.rows.push({ kind: 'sent', id, randomId, date: change.date });
}
