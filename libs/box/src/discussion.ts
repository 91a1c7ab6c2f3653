import type { DialogRecord, MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { HeliographMessageContent, MessageFwdHeader, MessageReplies, TypeMessageMedia } from '@heliograph/tl/api';
import { peerOf } from './render-peer';

/**
 * What a discussion group's copy of a broadcast's post says: the post's content and where it comes from, without what it answers there, and its keyboard. A post that
 * was forwarded itself keeps the header of its first author (docs: core.telegram.org/api/discussion).
 * @param broadcast its box
 */
export function copiedContent(post: HeliographMessageContent, { peer, uid, date = 0 }: Pick<MessageRecord, 'peer'> & Partial<Pick<MessageRecord, 'uid' | 'date'>>, broadcast: number): HeliographMessageContent {
  const { quote_text: _text, quote_entities: _entities, quote_offset: _offset, reply_from: _from, reply_media: _media, reply_markup: _markup, post_author, fwd_from: before, media, ...kept } = post;
  const id = uid?.id ?? 0;
  const from = peerOf(broadcast);
  const first: MessageFwdHeader = before ?? { _: 'messageFwdHeader', from_id: from, date, channel_post: id, post_author };
  const fwd_from: MessageFwdHeader = { ...first, saved_from_peer: from, saved_from_msg_id: id };
  return { ...kept, media: media && copiedMedia(media, Number(peer)), fwd_from };
}

/** A copy of a poll is a poll of its own, as with other forwards: clients tell polls by their ids. */
function copiedMedia(media: TypeMessageMedia, group: number): TypeMessageMedia {
  return media._ === 'messageMediaPoll' ? { ...media, poll: { ...media.poll, id: BigInt.asIntN(64, media.poll.id ^ BigInt(group)) } } : media;
}

/** How a thread stands, and up to where the viewer has read it; ids are 0 where there is none. */
export interface ThreadState {
  readonly replyCount: number;
  readonly lastReplyId: number;
  readonly lastRepliers: readonly bigint[];
  /** pts of the group's copy, or of the newest reply. */
  readonly pts: number;
  readonly readMaxId: number;
}

/** The comments on a broadcast's post, as the post shows them. `group`: channel id of where they are (docs: core.telegram.org/constructor/messageReplies). */
export function renderComments(group: number, { replyCount, lastReplyId, lastRepliers, pts, readMaxId }: ThreadState): MessageReplies {
  const replies: MessageReplies = { _: 'messageReplies', comments: true, channel_id: group, replies: replyCount, replies_pts: pts };
  if (lastRepliers.length > 0) replies.recent_repliers = lastRepliers.map((replier) => peerOf(Number(replier)));
  if (lastReplyId > 0) replies.max_id = lastReplyId;
  if (readMaxId > 0) replies.read_max_id = readMaxId;
  return replies;
}

/** Nobody has commented yet, as far as one knows. */
export const NO_COMMENTS: ThreadState = { replyCount: 0, lastReplyId: 0, lastRepliers: [], pts: 0, readMaxId: 0 };

/** Up to where the owner of a box has read a thread of a channel: with all of the channel, or by itself. `dialog`: the channel's, in that box. */
export function readUpTo(dialog: Pick<DialogRecord, 'readInboxMaxId' | 'threads'> | undefined, thread: number): number {
  return Math.max(dialog?.readInboxMaxId ?? 0, dialog?.threads.find(({ id }) => id === thread)?.maxId ?? 0);
}
