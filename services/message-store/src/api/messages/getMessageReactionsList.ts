import { EVERYBODY } from '@heliograph/box/channel-sight';
import { dialogKeys } from '@heliograph/box/dialog-key';
import { openReactions, renderReaction, type SealedEmoji } from '@heliograph/box/reactions';
import type { Method } from '@heliograph/client-api/method';
import { badRequest, forbidden } from '@heliograph/client-api/rpc-error';
import { emojiOf } from '@heliograph/client-api/reaction-emoji';
import type { MessageRecord, Reaction, ReactionTally } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { TypeReaction } from '@heliograph/tl/api';
import type { Deps } from '../../deps';
import { channelSight } from '../../messages/channel-views';
import type { ChannelReader } from '../../messages/channels';
import { openMessages } from '../../messages/chat-messages';
import { pageLimit, versionOffset } from '../../messages/page';
import { reactableMessage } from '../../messages/reactions';

/**
 * Who reacted to a message, the newest first, all or with one emoji (docs: core.telegram.org/method/messages.getMessageReactionsList). New ones don't shift the pages.
 * Throws MSG_ID_INVALID, OFFSET_INVALID, and as `emojiOf`.
 */
export const getMessageReactionsList: Method<Deps, 'messages.getMessageReactionsList'> = async (deps, caller, request) => {
  const { peer, box, reader, channel } = await openMessages(deps, caller, request.peer);
  // Who reacts to its posts, a broadcast tells nobody.
  if (channel?.record.broadcast) throw forbidden('BROADCAST_FORBIDDEN');
  const record = await reactableMessage(reader, peer, request.id, 'MSG_ID_INVALID');
  const query = { offset: request.offset ?? '', wanted: wantedEmoji(request.reaction), limit: pageLimit(request.limit) };
  const opened = async (sealed: readonly SealedEmoji[]): Promise<string[]> => openReactions(await dialogKeys(deps.keyring, box, [{ peer: BigInt(peer), reactions: sealed }]), box, peer, sealed);
  const { count, reactions, next } = channel && record.reactionTally ? await tallied(channel, record.id, record.reactionTally, opened, query) : await listed(record, opened, query);
  const emoji = await opened(reactions);
  const { isUnreadReaction } = channel ? await channelSight(deps, caller, box) : EVERYBODY;
  const rendered = reactions.map((reaction, index) => {
    const unread = isUnreadReaction ? isUnreadReaction(record.id, Number(reaction.user)) : reaction.unread;
    return renderReaction(caller.userId, { ...reaction, unread }, emoji[index] as string);
  });
  return { _: 'messages.messageReactionsList', count, reactions: rendered, chats: [], users: [], next_offset: next };
};

/** Some clients name no reaction by reactionEmpty. */
const wantedEmoji = (reaction: TypeReaction | undefined): string | undefined => (reaction === undefined || reaction._ === 'reactionEmpty' ? undefined : emojiOf(reaction));

type Opener = (sealed: readonly SealedEmoji[]) => Promise<string[]>;

interface ReactionsQuery {
  readonly offset: string;
  /** An emoji; undefined: any. */
  readonly wanted: string | undefined;
  readonly limit: number;
}

interface ReactionsPage {
  readonly count: number;
  /** The newest first. */
  readonly reactions: readonly Reaction[];
  readonly next: string | undefined;
}

/** Of a message that has its reactions in it. An offset says how many older ones are left. */
async function listed({ reactions }: MessageRecord, opened: Opener, { offset, wanted, limit }: ReactionsQuery): Promise<ReactionsPage> {
  if (!/^\d{0,4}$/.test(offset)) throw badRequest('OFFSET_INVALID');
  const emoji = await opened(reactions);
  const found = reactions.filter((_, index) => wanted === undefined || emoji[index] === wanted);
  const end = offset === '' ? found.length : Math.min(Number(offset), found.length);
  const start = Math.max(0, end - limit);
  return { count: found.length, reactions: found.slice(start, end).reverse(), next: start > 0 && start < end ? String(start) : undefined };
}

/** Of a message whose reactions are rows of their own. An offset is the version of the last reaction of the page before. */
async function tallied(channel: ChannelReader, id: number, { people, counts }: ReactionTally, opened: Opener, { offset, wanted, limit }: ReactionsQuery): Promise<ReactionsPage> {
  const below = versionOffset(offset);
  const emoji = wanted === undefined ? [] : await opened(counts);
  const chosen = wanted === undefined ? undefined : counts[emoji.indexOf(wanted)];
  if (wanted !== undefined && chosen === undefined) return { count: 0, reactions: [], next: undefined };
  const reactions = await channel.listReactions({ id, token: chosen?.token, below, limit });
  return { count: chosen?.count ?? people, reactions, next: reactions.length === limit && limit > 0 ? String(reactions.at(-1)?.version) : undefined };
}
