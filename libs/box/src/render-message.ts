import { create } from '@bufbuild/protobuf';
import { MessageRecordSchema, type MessageRecord, type ScheduledMessage } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Message, MessageReactions, MessageReplies, MessageReplyHeader, MessageService } from '@heliograph/tl/api';
import { isChannelBox } from './box-id';
import { EVERYBODY, isMentioned, isOfOne, isOutgoingTo, type ChannelSight } from './channel-sight';
import type { MessageContent } from './content';
import { NO_COMMENTS, renderComments } from './discussion';
import { renderPoll } from './polls';
import { peerOf, peerUser } from './render-peer';

/**
 * A message of `box` as its owner sees it, in the newest layer; one of a channel's box as `sight` says.
 * `pinned`: whether it is pinned in its dialog, which the record does not say. `reactions`: as rendered, if there are any.
 */
export function renderMessage(box: number, record: MessageRecord, content: MessageContent, pinned: boolean, reactions?: MessageReactions, sight: ChannelSight = EVERYBODY): Message | MessageService {
  const message = content.action === undefined ? renderText(box, record, content, pinned, isChannelBox(box) ? sight : { viewer: box }, reactions) : renderService(box, record, content, content.action);
  // A broadcast's posts are nobody's, in one's own box too, where they wait to be sent.
  if (record.from === 0n && isChannelBox(Number(record.peer))) {
    message.from_id = record.signed ? peerUser(Number(record.author)) : undefined;
    message.post = true;
  }
  return isChannelBox(box) ? asSeen(message, record, content, sight) : message;
}

/** What is of channels alone: nobody has a copy of one's own. */
function asSeen<T extends Message | MessageService>(message: T, record: MessageRecord, content: MessageContent, sight: ChannelSight): T {
  message.out = isOutgoingTo(sight.viewer, record) || undefined;
  message.mentioned = isMentioned(sight.viewer, record) || undefined;
  if (message.mentioned) message.media_unread = (sight.isUnread?.(record.id) ?? true) || undefined;
  if (message._ !== 'message') return message;
  if (message.post) Object.assign(message, sight.countsOf?.(record.id) ?? JUST_POSTED);
  if (content.post_author !== undefined) message.post_author = content.post_author;
  if (record.from > 0n && !message.post) message.from_rank = sight.rankOf?.(Number(record.from)) || undefined;
  // That one had it scheduled is the author's alone to know.
  if (!message.out) message.from_scheduled = undefined;
  const replies = renderReplies(record, sight);
  if (replies) message.replies = replies;
  return message;
}

/** A post as it is pushed, before anybody else has seen it; clients keep the higher number that they know. */
const JUST_POSTED = { views: 1, forwards: 0 };

/**
 * What is said of the answers to a channel's message: of the comments on a broadcast's post, or of the thread that begins with it, or may. Clients count answers only where
 * they were told of a thread, be it empty.
 */
export function renderReplies(record: MessageRecord, sight: ChannelSight): MessageReplies | undefined {
  if (record.from === 0n) return sight.commentsOn ? sight.commentsOn(record.id) : renderFirstComments(record);
  if (record.replyCount === 0 && record.threadId !== 0) return undefined;
  return {
    _: 'messageReplies', replies: record.replyCount, replies_pts: record.lastReplyId || record.pts, max_id: record.lastReplyId || undefined,
    read_max_id: sight.readUpTo?.(record.id) || undefined,
    recent_repliers: record.lastRepliers.length > 0 ? record.lastRepliers.map((replier) => peerOf(Number(replier))) : undefined,
  };
}

/** Of a new post that is discussed, as it is pushed; one that is edited may have comments. */
const renderFirstComments = ({ discussion, editDate }: MessageRecord): MessageReplies | undefined => (discussion === 0n || editDate > 0 ? undefined : renderComments(Number(discussion), NO_COMMENTS));

/** A message of `box` that waits to be sent, as the record that renders it: it bears the time that it waits for, and its id in the chat's queue. */
export function scheduledRecord(box: number, { id, peer, at, content, silent, noforwards, replyToLocalId, editDate, post, sendAs }: ScheduledMessage): MessageRecord {
  return create(MessageRecordSchema, { id, peer, from: post ? 0n : sendAs || BigInt(box), out: true, date: at, content, silent, noforwards, replyToId: replyToLocalId, editDate, fromScheduled: true, savedPeer: content?.savedPeer });
}

/** Notes to oneself are neither sent nor received: nothing in Saved Messages is outgoing, copies forwarded there included. */
function isOutgoing(box: number, record: MessageRecord): boolean {
  return record.out && Number(record.peer) !== box;
}

function renderText(box: number, record: MessageRecord, content: MessageContent, pinned: boolean, sight: ChannelSight, reactions: MessageReactions | undefined): Message {
  const peer = Number(record.peer);
  const message: Message = {
    _: 'message',
    id: record.id,
    from_id: peerOf(Number(record.from)),
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
  if (isSaved(box, peer)) message.saved_peer_id = peerOf(Number(record.savedPeer) || box);
  if (content.fwd_from) message.fwd_from = content.fwd_from;
  if (content.via_bot_id !== undefined) message.via_bot_id = content.via_bot_id;
  const reply = renderReply(record, content);
  if (reply) message.reply_to = reply;
  if (content.media) message.media = content.media._ === 'messageMediaPoll' ? renderPoll(content.media, record, sight.viewer, isOfOne(sight) || (record.pollTally?.voters ?? 0) === 0) : content.media;
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

function renderService(box: number, record: MessageRecord, content: MessageContent, action: NonNullable<MessageContent['action']>): MessageService {
  const peer = Number(record.peer);
  const message: MessageService = {
    _: 'messageService',
    id: record.id,
    from_id: peerOf(Number(record.from)),
    peer_id: peerOf(peer),
    date: record.date,
    action,
  };
  if (isOutgoing(box, record)) message.out = true;
  if (record.mentioned) message.mentioned = true;
  if (record.mediaUnread) message.media_unread = true;
  if (record.silent) message.silent = true;
  if (isSaved(box, peer)) message.saved_peer_id = peerOf(Number(record.savedPeer) || box);
  const reply = renderReply(record, content);
  if (reply) message.reply_to = reply;
  if (record.ttlPeriod > 0) message.ttl_period = record.ttlPeriod;
  return message;
}

/** A channel's messages are of its box's dialog with itself, too. */
const isSaved = (box: number, peer: number): boolean => peer === box && peer > 0;

/** The header of a reply: the local id of the message replied to, and what the content says about it. */
function renderReply(record: MessageRecord, content: MessageContent): MessageReplyHeader | undefined {
  if (record.replyToId === 0 && content.quote_text === undefined && content.reply_from === undefined) return undefined;
  const header: MessageReplyHeader = { _: 'messageReplyHeader' };
  if (record.replyToId > 0) header.reply_to_msg_id = record.replyToId;
  if (record.threadId > 0 && record.threadId !== record.replyToId) header.reply_to_top_id = record.threadId;
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
