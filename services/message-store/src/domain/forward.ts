import type { MessageContent } from '@heliograph/box/content';
import type { MessageFwdHeader, MessageMediaPoll, TypePeer } from '@heliograph/tl/api';

export interface Origin {
  author: TypePeer;
  /** Of a broadcast's post: its id there. */
  channelPost?: number;
  /** Unix seconds at which the original was written. */
  date: number;
  dropAuthor: boolean;
  /** What becomes of a poll. */
  poll?: MessageMediaPoll;
  /** Set when the copy goes to Saved Messages: where it was taken from. */
  savedFrom?: { peer: TypePeer; id: number };
}

/**
 * Content of a forwarded copy: text, styles and media of the original without its reply and keyboard. A message that was
 * itself forwarded keeps the header of its first author (docs: core.telegram.org/constructor/messageFwdHeader).
 */
export function forwardedContent(original: MessageContent, origin: Origin): MessageContent {
  const copy: MessageContent = {
    _: 'heliograph.messageContent',
    message: original.message,
    entities: original.entities,
    media: original.media?._ === 'messageMediaPoll' && origin.poll ? origin.poll : original.media,
    invert_media: original.invert_media,
    no_webpage: original.no_webpage,
    via_bot_id: original.via_bot_id,
  };
  if (!origin.dropAuthor) copy.fwd_from = header(original, origin);
  return copy;
}

function header({ fwd_from: before, post_author: postAuthor }: MessageContent, origin: Origin): MessageFwdHeader {
  const first: MessageFwdHeader = { _: 'messageFwdHeader', date: before?.date ?? origin.date };
  if (before?.from_id) first.from_id = before.from_id;
  else if (before?.from_name !== undefined) first.from_name = before.from_name;
  else first.from_id = origin.author;
  if (before) {
    first.channel_post = before.channel_post;
    first.post_author = before.post_author;
  } else if (origin.channelPost !== undefined) {
    first.channel_post = origin.channelPost;
    first.post_author = postAuthor;
  }
  if (origin.savedFrom) {
    first.saved_from_peer = origin.savedFrom.peer;
    first.saved_from_msg_id = origin.savedFrom.id;
  }
  return first;
}
