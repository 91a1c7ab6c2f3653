import type { Expire, MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { readMessages, type Change, type Effect } from '../change';
import { isGroupBox } from '@heliograph/box/box-id';
import { DELETE_IDS_MAX } from '../limits';
import { removeMessages } from './removed';

/**
 * Removes messages whose period is over. Each box that has a copy does so by itself: all copies bear the same date and period. In a group's own
 * box the message goes as well, so that nothing of it is left.
 */
export function* expire(change: Change, { due }: Expire): Effect {
  if (due.length > DELETE_IDS_MAX) return change.refuse('LIMIT_INVALID');
  const ids = [...new Set(due.map(({ id }) => id))].sort((a, b) => a - b);
  const alive = (yield* readMessages(ids)).filter((record): record is MessageRecord => record !== undefined && record.deletedVersion === 0n && record.ttlPeriod > 0);
  const over = alive.filter((record) => record.date + record.ttlPeriod <= change.date);
  const early = new Set(alive.filter((record) => !over.includes(record)).map(({ id }) => id));
  for (const each of due) if (!early.has(each.id)) change.rows.push({ kind: 'dueDone', due: each });
  if (!isGroupBox(change.box)) return yield* removeMessages(change, over);
  change.pts += over.length;
  change.ptsCount += over.length;
  for (const record of over) change.rows.push({ kind: 'message', record: { ...record, content: undefined, deletedVersion: change.version } });
}
