import { create } from '@bufbuild/protobuf';
import { MessageRecordSchema, type MessageRecord, type ScheduledMessage } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Message, MessageReactions, MessageReplyHeader, MessageService, PeerChat, PeerUser } from '@heliograph/tl/api';
import type { MessageContent } from './content';

export const peerUser = (id: number): PeerUser => ({ _: 'peerUser', user_id: id });

/** What a dialog's peer is to clients: above zero a user, below zero a basic group. */
export const peerOf = (peer: number): PeerUser | PeerChat => (peer < 0 ? { _: 'peerChat', chat_id: -peer } : peerUser(peer));

/**
 * A message of `box` as its owner sees it, in the newest layer.
 * `pinned`: whether it is pinned in its dialog, which the record does not say. `reactions`: as rendered, if there are any.
 */
export function renderMessage(box: number, record: MessageRecord, content: MessageContent, pinned: boolean, reactions?: MessageReactions): Message | MessageService {
  const peer = Number(record.peer);
  return content.action === undefined ? renderText(box, peer, record, content, pinned, reactions) : renderService(box, peer, record, content, content.action);
}

/** A message of `box` that waits to be sent, as the record that renders it: it bears the time that it waits for, and its id in the chat's queue. */
export function scheduledRecord(box: number, { id, peer, at, content, silent, noforwards, replyToLocalId, editDate }: ScheduledMessage): MessageRecord {
  return create(MessageRecordSchema, { id, peer, from: BigInt(box), out: true, date: at, content, silent, noforwards, replyToId: replyToLocalId, editDate, fromScheduled: true });
}

/** Notes to oneself are neither sent nor received: nothing in Saved Messages is outgoing, copies forwarded there included. */
function isOutgoing(box: number, record: MessageRecord): boolean {
  return record.out && Number(record.peer) !== box;
}

function renderText(box: number, peer: number, record: MessageRecord, content: MessageContent, pinned: boolean, reactions: MessageReactions | undefined): Message {
  const message: Message = {
    _: 'message',
    id: record.id,
    from_id: peerUser(Number(record.from)),
    peer_id: peerOf(peer),
    date: record.date,
    message: content.message,
  };
  if (isOutgoing(box, record)) message.out = true;
  if (record.mentioned) message.mentioned = true;
  if (record.mediaUnread) message.media_unread = true;
  if (record.silent) message.silent = true;
  if (record.noforwards) message.noforwards = true;
  if (record.fromScheduled) message.from_scheduled = true;
  if (pinned) message.pinned = true;
  if (content.invert_media) message.invert_media = true;
  if (peer === box) message.saved_peer_id = peerUser(box);
  if (content.fwd_from) message.fwd_from = content.fwd_from;
  if (content.via_bot_id !== undefined) message.via_bot_id = content.via_bot_id;
  const reply = renderReply(record, content);
  if (reply) message.reply_to = reply;
  if (content.media) message.media = content.media;
  if (content.reply_markup) message.reply_markup = content.reply_markup;
  if (content.entities && content.entities.length > 0) message.entities = content.entities;
  if (record.editDate > 0) {
    message.edit_date = record.editDate;
    if (record.editHide) message.edit_hide = true;
  }
  if (reactions) message.reactions = reactions;
  if (content.grouped_id !== undefined) message.grouped_id = content.grouped_id;
  if (content.effect !== undefined) message.effect = content.effect;
  if (record.ttlPeriod > 0) message.ttl_period = record.ttlPeriod;
  return message;
}

function renderService(box: number, peer: number, record: MessageRecord, content: MessageContent, action: NonNullable<MessageContent['action']>): MessageService {
  const message: MessageService = {
    _: 'messageService',
    id: record.id,
    from_id: peerUser(Number(record.from)),
    peer_id: peerOf(peer),
    date: record.date,
    action,
  };
  if (isOutgoing(box, record)) message.out = true;
  if (record.mentioned) message.mentioned = true;
  if (record.mediaUnread) message.media_unread = true;
  if (record.silent) message.silent = true;
  if (peer === box) message.saved_peer_id = peerUser(box);
  const reply = renderReply(record, content);
  if (reply) message.reply_to = reply;
  if (record.ttlPeriod > 0) message.ttl_period = record.ttlPeriod;
  return message;
}

/** The header of a reply: the local id of the message replied to, and what the content says about it. */
function renderReply(record: MessageRecord, content: MessageContent): MessageReplyHeader | undefined {
  if (record.replyToId === 0 && content.quote_text === undefined && content.reply_from === undefined) return undefined;
  const header: MessageReplyHeader = { _: 'messageReplyHeader' };
  if (record.replyToId > 0) header.reply_to_msg_id = record.replyToId;
  if (content.reply_from) header.reply_from = content.reply_from;
  if (content.reply_media) header.reply_media = content.reply_media;
  if (content.quote_text !== undefined) {
    header.quote = true;
    header.quote_text = content.quote_text;
    if (content.quote_entities && content.quote_entities.length > 0) header.quote_entities = content.quote_entities;
    if (content.quote_offset !== undefined) header.quote_offset = content.quote_offset;
  }
  return header;
}
