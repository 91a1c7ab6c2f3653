import type { Deliver } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { readLocals, readMessages, readSent, type Change, type Effect } from '../change';
import { emptyMessage } from '../records';
import { comeBack } from './folders';
import { startsMediaUnread } from './media-unread';
import { addMessage, remember } from './new-message';
import { announceTtl, applyTtl } from './ttl';

/** The recipient's side of a message; also how a notice of the service enters a box (then random_id tells repetitions). */
export function* deliver(change: Change, body: Deliver): Effect {
  const { origin } = change.command;
  if (origin !== undefined && origin.box !== body.peer) throw new Error('a message is delivered to another dialog than its origin\'s');
  if (origin === undefined && body.randomId !== 0n) {
    const earlier = (yield* readSent(change.state)).find(body.randomId, change.date);
    if (earlier !== undefined) {
      change.duplicate = true;
      change.message = (yield* readMessages([earlier.id]))[0];
      return;
    }
  }
  let replyToId = 0;
  if (body.replyTo !== undefined) {
    const [local] = yield* readLocals([body.replyTo]);
    // Deleted here: a reply to nothing.
    if (local !== undefined && isAlive((yield* readMessages([local]))[0])) replyToId = local;
  }
  const dialog = change.editDialog(Number(body.peer));
  const record = emptyMessage();
  record.peer = body.peer;
  record.from = body.from;
  record.date = change.date;
  record.uid = body.uid;
  record.content = body.content;
  record.silent = body.silent;
  record.replyToId = replyToId;
  record.randomId = body.randomId;
  record.out = body.out;
  record.mentioned = body.mentioned;
  record.mediaUnread = body.mentioned || (startsMediaUnread(body.content) && !body.out);
  record.ttlPeriod = body.ttlPeriod;
  record.noforwards = body.noforwards;
  record.fromScheduled = body.fromScheduled;
  if (body.setTtl !== undefined) applyTtl(change, dialog, body.setTtl, Number(body.from));
  const originId = body.uid?.id ?? 0;
  addMessage(change, dialog, record, originId);
  if (body.uid !== undefined) change.rows.push({ kind: 'origin', uid: body.uid, id: record.id });
  if (origin === undefined || body.out) remember(change, body.randomId);
  if (body.view !== undefined) {
    if ((dialog.view?.ttlPeriod ?? 0) !== body.view.ttlPeriod) announceTtl(change, body.peer, body.view.ttlPeriod);
    dialog.view = body.view;
  }
  if (body.change !== undefined) change.announce({ case: 'group', value: { $typeName: 'heliograph.box.v1.GroupChanged', group: body.peer, change: body.change } });
  // Of a group, own messages count: they are in its box as well.
  dialog.lastIncomingOriginId = originId;
  if (body.out) return;
  dialog.unreadCount += 1;
  if (body.mentioned) dialog.unreadMentionsCount += 1;
  dialog.lastIncomingId = record.id;
  comeBack(change, dialog);
}

function isAlive(record: { deletedVersion: bigint } | undefined): boolean {
  return record !== undefined && record.deletedVersion === 0n;
}
