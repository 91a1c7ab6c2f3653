import type { Send } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { readMessages, readSent, type Change, type Effect } from '../change';
import { hasBox, isGroupBox } from '../ids';
import { emptyDeliver, emptyMessage } from '../records';
import { startsMediaUnread } from './media-unread';
import { addMessage, remember } from './new-message';

/** The sender's side of a message. A remembered random_id makes nothing: the reply is the earlier message. */
export function* send(change: Change, body: Send): Effect {
  const peer = Number(body.peer);
  // To groups one writes by groupCall.
  if (isGroupBox(peer)) return change.refuse('PEER_ID_INVALID');
  if (body.randomId !== 0n) {
    const earlier = (yield* readSent(change.state)).find(body.randomId, change.date);
    if (earlier !== undefined) {
      change.duplicate = true;
      change.message = (yield* readMessages([earlier.id]))[0];
      return;
    }
  }
  const toSelf = peer === change.box;
  const dialog = change.editDialog(peer);
  const record = emptyMessage();
  record.peer = body.peer;
  record.from = BigInt(change.box);
  record.out = true;
  record.date = change.date;
  record.content = body.content;
  record.silent = body.silent;
  record.replyToId = body.replyToLocalId;
  record.randomId = body.randomId;
  record.mediaUnread = startsMediaUnread(body.content) && !toSelf;
  record.ttlPeriod = body.ttlPeriod;
  record.noforwards = body.noforwards;
  addMessage(change, dialog, record, 0);
  remember(change, body.randomId);
  if (toSelf) {
    dialog.readInboxMaxId = record.id;
    dialog.readOutboxMaxId = record.id;
  }
  if (body.clearDraft && dialog.draftSealed.length > 0) {
    dialog.draftSealed = new Uint8Array(0);
    dialog.draftDate = change.date;
    change.announce({ case: 'draft', value: { $typeName: 'heliograph.box.v1.DraftChanged', peer: body.peer, sealed: dialog.draftSealed, date: change.date } });
  }
  if (toSelf || body.noDeliver || !hasBox(peer)) return;
  const deliver = emptyDeliver();
  deliver.peer = BigInt(change.box);
  deliver.from = BigInt(change.box);
  deliver.uid = record.uid;
  deliver.content = body.content;
  deliver.silent = body.silent;
  deliver.replyTo = body.replyTo;
  deliver.ttlPeriod = body.ttlPeriod;
  deliver.noforwards = body.noforwards;
  change.derived.push({ box: peer, body: { case: 'deliver', value: deliver } });
}
