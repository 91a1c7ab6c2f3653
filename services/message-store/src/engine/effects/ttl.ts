import type { DialogRecord, SetDefaultTtl, TtlSetting } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Change, Effect } from '../change';
import { BOX_ITSELF } from '../ids';

/**
 * Both sides of a private chat set its auto-delete period. Whoever's setting is the last by (stamp, author) holds in both boxes, in whatever order
 * they arrive:
 *
 * | box of A | box of B |
 * |---|---|
 * | A: a day, stamp 7 | B: a week, stamp 7 |
 * | from B: a week, (7, B) > (7, A): a week | from A: a day, (7, A) < (7, B): stays a week |
 */
export function applyTtl(change: Change, dialog: DialogRecord, { period, stamp }: TtlSetting, author: number): void {
  if (stamp < dialog.ttlStamp || (stamp === dialog.ttlStamp && author <= Number(dialog.ttlBy))) return;
  dialog.ttlStamp = stamp;
  dialog.ttlBy = BigInt(author);
  if (dialog.ttlPeriod === period) return;
  dialog.ttlPeriod = period;
  announceTtl(change, dialog.peer, period);
}

export function announceTtl(change: Change, peer: bigint, period: number): void {
  change.announce({ case: 'historyTtl', value: { $typeName: 'heliograph.box.v1.HistoryTtlChanged', peer, period } });
}

/** The period that private chats begin with which the owner begins. */
export function* setDefaultTtl(change: Change, { period }: SetDefaultTtl): Effect {
  if ((change.dialog(BOX_ITSELF)?.defaultTtlPeriod ?? 0) === period) return;
  change.editDialog(BOX_ITSELF).defaultTtlPeriod = period;
}
