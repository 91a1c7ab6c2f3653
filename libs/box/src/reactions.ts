import type { DataKey, Keyring } from '@heliograph/crypto/keyring';
import type { MessageRecord, Reaction } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { MessagePeerReaction, MessageReactions, ReactionCount, ReactionEmoji } from '@heliograph/tl/api';
import { homeDcOf, isChannelBox } from './box-id';
import { dialogScope, dialogSeal, type DialogKeys, type DialogSeal } from './dialog-key';
import { REACTIONS_SHOWN_MAX } from './limits';
import { peerOf } from './render-peer';
import { openText, sealText } from './short-text';

/** What reactions in a dialog are sealed with, and the key of their tokens: in a group that of its home, so that tokens of members of all DCs compare. */
export interface ReactionSeal {
  readonly seal: DialogSeal;
  readonly tokens: DataKey;
}

/** An emoji as commands carry it. */
export interface SealedEmoji {
  sealed: Uint8Array;
  token: bigint;
}

/** The keys for reactions of users of `dc` between `a` and `b`, one of which may be a group's box. */
export async function reactionSeal(keyring: Keyring, dc: number, a: number, b: number): Promise<ReactionSeal> {
  const seal = await dialogSeal(keyring, dc, a, b);
  const group = Math.min(a, b);
  return { seal, tokens: group < 0 ? await keyring.dataKey(dialogScope(a, b, homeDcOf(group))) : seal.key };
}

export function sealReaction({ seal, tokens }: ReactionSeal, a: number, b: number, emoji: string): SealedEmoji {
  return { sealed: sealText(seal, reactionPlace(a, b), emoji), token: tokenOf(tokens, emoji) };
}

/** A reaction of the owner's own list, under their user key. */
export const sealOwnReaction = (key: DataKey, box: number, emoji: string): SealedEmoji => ({ sealed: sealText({ key, dc: 0 }, ownPlace(box), emoji), token: tokenOf(key, emoji) });

export const openOwnReaction = (key: DataKey, box: number, sealed: Uint8Array): string => openText(key, ownPlace(box), sealed);

/** The emoji of some sealed reactions of one dialog, in their order. Throws SealBroken when bytes were changed or belong to another dialog. */
export function openReactions(keys: DialogKeys, box: number, peer: number, reactions: readonly SealedEmoji[]): string[] {
  const place = reactionPlace(box, peer);
  // Equal tokens are equal emoji: each is opened once.
  const opened = new Map<bigint, string>();
  return reactions.map(({ sealed, token }) => {
    let emoji = opened.get(token);
    if (emoji === undefined) opened.set(token, (emoji = openText(keys.of(BigInt(peer), sealed), place, sealed)));
    return emoji;
  });
}

export const reactionEmoji = (emoticon: string): ReactionEmoji => ({ _: 'reactionEmoji', emoticon });

/** One person's reaction as `viewer` sees it. */
export function renderReaction(viewer: number, reaction: Reaction, emoji: string): MessagePeerReaction {
  const rendered: MessagePeerReaction = { _: 'messagePeerReaction', peer_id: peerOf(Number(reaction.user)), date: reaction.date, reaction: reactionEmoji(emoji) };
  if (reaction.big) rendered.big = true;
  if (reaction.unread) rendered.unread = true;
  if (Number(reaction.user) === viewer) rendered.my = true;
  return rendered;
}

type Reacted = Pick<MessageRecord, 'id' | 'peer' | 'reactions'> & Partial<Pick<MessageRecord, 'from' | 'reactionTally'>>;

/** Whether the reaction of a user to a message is new to who looks; by default as the record has it. */
type IsUnread = (id: number, user: number) => boolean;

/**
 * The reactions to a message of `box`: how many of which, the most frequent first, and who gave the newest and those that were not seen; of a broadcast's post
 * nobody is told who. `viewer` of a channel's message; 0: nobody in particular, whose own reactions then are not told apart.
 */
export function renderReactions(keys: DialogKeys, box: number, record: Reacted, viewer = box, isUnread?: IsUnread): MessageReactions {
  const peer = Number(record.peer);
  const emoji = openReactions(keys, box, peer, record.reactions);
  const reactions = isUnread ? record.reactions.map((reaction) => ({ ...reaction, unread: isUnread(record.id, Number(reaction.user)) })) : record.reactions;
  const results = countsOf(keys, box, record, emoji);
  const chosen = viewer === 0 ? -1 : record.reactions.findIndex(({ user }) => Number(user) === viewer);
  const own = chosen < 0 ? undefined : results.get(emoji[chosen] as string);
  if (own) own.chosen_order = 1;
  const rendered: MessageReactions = { _: 'messageReactions', results: [...results.values()].sort((a, b) => b.count - a.count) };
  if (viewer === 0) rendered.min = true;
  if (isChannelBox(peer) && record.from === 0n) return rendered;
  const recent = reactions
    .map((reaction, index) => ({ reaction, emoji: emoji[index] as string, age: reactions.length - 1 - index }))
    .filter(({ reaction, age }) => age < REACTIONS_SHOWN_MAX || reaction.unread)
    .reverse();
  if (recent.length > 0) rendered.recent_reactions = recent.map((each) => renderReaction(viewer, each.reaction, each.emoji));
  if (peer < 0) rendered.can_see_list = true;
  return rendered;
}

/** How many reacted with which emoji, in the order of their first use; `emoji`: of the reactions that the record names. */
function countsOf(keys: DialogKeys, box: number, { peer, reactionTally }: Reacted, emoji: readonly string[]): Map<string, ReactionCount> {
  const given = reactionTally ? openReactions(keys, box, Number(peer), reactionTally.counts) : emoji;
  const results = new Map<string, ReactionCount>();
  given.forEach((emoticon, index) => {
    const count = results.get(emoticon) ?? { _: 'reactionCount', reaction: reactionEmoji(emoticon), count: 0 };
    count.count += reactionTally ? (reactionTally.counts[index]?.count ?? 0) : 1;
    results.set(emoticon, count);
  });
  return results;
}

/** The same where a message shows it: nothing when it has none. */
export function reactionsOf(keys: DialogKeys, box: number, record: Reacted, viewer = box, isUnread?: IsUnread): MessageReactions | undefined {
  return record.reactions.length === 0 && (record.reactionTally?.people ?? 0) === 0 ? undefined : renderReactions(keys, box, record, viewer, isUnread);
}

/** A reaction that is put into another dialog does not open there. */
const reactionPlace = (a: number, b: number): string => `reaction/${dialogScope(a, b)}`;
const ownPlace = (box: number): string => `reaction/user:${box}`;

/** The pseudo-word of an emoji: no text has it, so that nobody can tell a reaction from the words of messages. */
function tokenOf(key: DataKey, emoji: string): bigint {
  const token = key.token(`\u0002reaction:${emoji}`);
  return new DataView(token.buffer, token.byteOffset, token.byteLength).getBigUint64(0);
}
