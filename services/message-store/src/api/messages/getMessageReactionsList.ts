import { EVERYBODY } from '@heliograph/box/channel-sight';
import { dialogKeys } from '@heliograph/box/dialog-key';
import { openReactions, renderReaction } from '@heliograph/box/reactions';
import type { Method } from '@heliograph/client-api/method';
import { badRequest, forbidden } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { emojiOf } from '../../domain/reactions';
import { channelSight } from '../../messages/channel-views';
import { openMessages } from '../../messages/chat-messages';
import { pageLimit } from '../../messages/page';
import { reactableMessage } from '../../messages/reactions';

/**
 * Who reacted to a message, the newest first, all or with one emoji (docs: core.telegram.org/method/messages.getMessageReactionsList). An offset says how
 * many older ones are left, so that new ones don't shift the pages. Throws MSG_ID_INVALID, OFFSET_INVALID, and as `emojiOf`.
 */
export const getMessageReactionsList: Method<Deps, 'messages.getMessageReactionsList'> = async (deps, caller, request) => {
  const { peer, box, reader, channel } = await openMessages(deps, caller, request.peer);
  // Who reacts to its posts, a broadcast tells nobody.
  if (channel?.record.broadcast) throw forbidden('BROADCAST_FORBIDDEN');
  const record = await reactableMessage(reader, peer, request.id, 'MSG_ID_INVALID');
  const wanted = request.reaction && emojiOf(request.reaction);
  const { offset = '' } = request;
  if (!/^\d{0,4}$/.test(offset)) throw badRequest('OFFSET_INVALID');
  const emoji = openReactions(await dialogKeys(deps.keyring, box, [record]), box, peer, record.reactions);
  const { isUnreadReaction } = channel ? await channelSight(deps, caller, box) : EVERYBODY;
  const reactions = isUnreadReaction ? record.reactions.map((reaction) => ({ ...reaction, unread: isUnreadReaction(record.id, Number(reaction.user)) })) : record.reactions;
  const rendered = reactions.map((reaction, index) => renderReaction(caller.userId, reaction, emoji[index] as string)).filter((_, index) => wanted === undefined || emoji[index] === wanted);
  const end = offset === '' ? rendered.length : Math.min(Number(offset), rendered.length);
  const start = Math.max(0, end - pageLimit(request.limit));
  return {
    _: 'messages.messageReactionsList', count: rendered.length, reactions: rendered.slice(start, end).reverse(), chats: [], users: [],
    next_offset: start > 0 && start < end ? String(start) : undefined,
  };
};
