import type { MessageRecord, Send } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { readMessages, readSent, type Change, type Effect } from '../change';
import { isSharedBox } from '@heliograph/box/box-id';
import { BOX_ITSELF, hasBox } from '../ids';
import { emptyDeliver, emptyMessage } from '../records';
import { clearDraft } from './clear-draft';
import { startsMediaUnread } from './media-unread';
import { addMessage, remember } from './new-message';
import { addToPart, choosePart } from './saved-parts';
import { applyTtl } from './ttl';

/** A chat that the owner begins has to say first that messages go away in it: whoever asks seals that and asks again. No client is told it. */
export const DEFAULT_TTL_UNSAID = 'DEFAULT_TTL_UNSAID';

/**
 * The sender's side of a message. A remembered random_id makes nothing: the reply is the earlier message. Refuses CHAT_NOT_MODIFIED for a period
 * that the chat has, DEFAULT_TTL_UNSAID.
 */
export function* send(change: Change, body: Send): Effect {
  const peer = Number(body.peer);
  // To groups one writes by groupCall, to channels in their own boxes.
  if (isSharedBox(peer)) return change.refuse('PEER_ID_INVALID');
  if (body.randomId !== 0n) {
    const earlier = (yield* readSent(change.state)).find(body.randomId, change.date);
    if (earlier !== undefined) {
      change.duplicate = true;
      change.message = (yield* readMessages([earlier.id]))[0];
      return;
    }
  }
  if (body.setTtl !== undefined && (change.dialog(peer)?.ttlPeriod ?? 0) === body.setTtl.period) return change.refuse('CHAT_NOT_MODIFIED');
  if (body.setTtl === undefined && beginsWithTtl(change, peer)) return change.refuse(DEFAULT_TTL_UNSAID);
  write(change, { ...body, peer });
  if (body.clearDraft) clearDraft(change, peer);
}

/** Whether the owner wants messages to go away in chats that he begins, and this message begins one. */
function beginsWithTtl(change: Change, peer: number): boolean {
  if (peer === change.box || !hasBox(peer) || (change.dialog(BOX_ITSELF)?.defaultTtlPeriod ?? 0) === 0) return false;
  const dialog = change.dialog(peer);
  return dialog === undefined || (dialog.rowCount === 0 && dialog.ttlStamp === 0);
}

/** What is written to a user, or to oneself. */
export type Written = Pick<Send, 'content' | 'silent' | 'noforwards' | 'replyTo' | 'replyToLocalId' | 'randomId' | 'noDeliver'> & Partial<Pick<Send, 'setTtl'>> & { peer: number; fromScheduled?: boolean };

/** Writes a message here and derives the peer's copy. */
export function write(change: Change, { peer, content, silent, noforwards, replyTo, replyToLocalId, randomId, noDeliver, setTtl, fromScheduled }: Written): MessageRecord {
  const toSelf = peer === change.box;
  const dialog = change.editDialog(peer);
  const setting = setTtl && { ...setTtl, stamp: Math.max(change.date, dialog.ttlStamp + 1) };
  if (setting !== undefined) applyTtl(change, dialog, setting, change.box);
  const record = emptyMessage();
  record.peer = BigInt(peer);
  record.from = BigInt(change.box);
  record.out = true;
  record.date = change.date;
  record.content = content;
  record.silent = silent;
  record.replyToId = replyToLocalId;
  record.randomId = randomId;
  record.mediaUnread = startsMediaUnread(content) && !toSelf;
  record.ttlPeriod = dialog.ttlPeriod;
  record.noforwards = noforwards;
  record.fromScheduled = fromScheduled ?? false;
  if (toSelf) choosePart(dialog, record);
  addMessage(change, dialog, record, 0);
  remember(change, randomId);
  if (toSelf) {
    if (dialog.inParts) addToPart(change, record);
    dialog.readInboxMaxId = record.id;
    dialog.readOutboxMaxId = record.id;
  }
  if (toSelf || noDeliver || !hasBox(peer)) return record;
  const deliver = emptyDeliver();
  deliver.peer = BigInt(change.box);
  deliver.from = BigInt(change.box);
  deliver.uid = record.uid;
  deliver.content = content;
  deliver.silent = silent;
  deliver.replyTo = replyTo;
  deliver.ttlPeriod = record.ttlPeriod;
  deliver.noforwards = noforwards;
  if (setting !== undefined) deliver.setTtl = setting;
  change.derived.push({ box: peer, body: { case: 'deliver', value: deliver } });
  return record;
}
