import { ADMIN, BANNED } from '@heliograph/box/group-rights';
import type { ChannelReact, ChannelSetReactions, MessageRecord, Reaction, ReactionTally } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { readMessages, readReaction, type Change, type Effect } from '../../change';
import { GROUP_REACTIONS_MAX, REACTIONS_COUNTED_MAX, REACTIONS_NAMED_MAX } from '../../limits';
import { isGiven } from '../../reaction-rows';
import { tellEdited } from '../edited';
import { areEqualReactions, takesReaction } from '../group/reactions';
import { applyReaction } from '../reactions';
import type { Channel } from './channel';

/** Somebody reacts to a message. Who may not react any more can still take back. Reactions are rows of their own, however many there are; the message has their tally. */
export function* reactToPost(channel: Channel, { id, reaction }: ChannelReact): Effect {
  const { change, actor, record } = channel;
  const [before] = yield* readMessages([id]);
  if (before === undefined || before.deletedVersion !== 0n || reaction === undefined) return change.refuse('MESSAGE_ID_INVALID');
  if (reaction.sealed.length > 0) {
    if (channel.admin(actor) === undefined && !channel.isFree(BANNED.send_reactions)) return change.refuse('CHAT_WRITE_FORBIDDEN');
    if (!takesReaction(record.reactions, reaction.token)) return change.refuse('REACTION_INVALID');
  }
  const user = BigInt(actor);
  const { author } = before;
  const takenBack = reaction.sealed.length === 0;
  // Who writes for a broadcast is told nothing of its readers.
  const told = !record.broadcast && author > 0n && author !== user;
  const newTo = told && !takenBack ? author : 0n;
  if (before.reactionTally === undefined) applyReaction(change, before, { ...reaction, user }, newTo);
  else yield* applyInRow(channel, before, before.reactionTally, { ...reaction, user }, newTo);
  if (!told) return;
  change.derived.push({ box: Number(author), body: { case: 'channelReaction', value: { $typeName: 'heliograph.box.v1.ChannelReaction', channel: BigInt(channel.box), id, user, takenBack } } });
}

/** As applyReaction, of a message whose reactions are rows of their own. */
function* applyInRow({ change, actor, record }: Channel, before: MessageRecord, tally: ReactionTally, { user, sealed, token, big }: Reaction, newTo: bigint): Effect {
  const earlier = yield* readReaction(before.id, actor);
  const reaction: Reaction = {
    $typeName: 'heliograph.box.v1.Reaction', user, date: change.date, sealed, token, big, unread: false, version: change.version, previous: earlier?.version ?? 0n,
  };
  change.rows.push({ kind: 'reaction', id: before.id, reaction, before: earlier, listed: !record.broadcast });
  const counted = count(change, before, tally, earlier, reaction, !record.broadcast);
  tellEdited(change, { ...counted, editPts: change.pts + 1 });
  const { reactions, reactionTally } = counted;
  change.announce({ case: 'reactions', value: { $typeName: 'heliograph.box.v1.ReactionsChanged', peer: before.peer, id: before.id, reactions, author: newTo, reactionTally } });
}

/**
 * The message with one more reaction. How somebody reacted before is as of the command (box_reaction); the tally may be later, where the command is repeated: one that was changed by
 * an earlier command is counted on, one that was by this or a later one stays, as that of a poll does. Nothing is decided by it.
 * `named`: the newest are told by name.
 */
function count(change: Change, before: MessageRecord, tally: ReactionTally, earlier: Reaction | undefined, reaction: Reaction, named: boolean): MessageRecord {
  if (before.reactionsVersion >= change.version) return before;
  const others = before.reactions.filter(({ user }) => user !== reaction.user);
  const reactions = named && isGiven(reaction) ? [...others, reaction].slice(-REACTIONS_NAMED_MAX) : others;
  return { ...before, reactions, reactionTally: tallied(tally, earlier, reaction), reactionsVersion: change.version };
}

/** What nobody reacts with any more goes; of different ones REACTIONS_COUNTED_MAX are counted, which those who react see to that it isn't more. */
function tallied({ people, counts }: ReactionTally, earlier: Reaction | undefined, reaction: Reaction): ReactionTally {
  const [was, is] = [isGiven(earlier), isGiven(reaction)];
  const next = counts.map((each) => ({ ...each, count: each.count + Number(is && each.token === reaction.token) - Number(was && each.token === earlier?.token) }));
  if (is && !counts.some(({ token }) => token === reaction.token)) next.push({ $typeName: 'heliograph.box.v1.ReactionCount', token: reaction.token, sealed: reaction.sealed, count: 1 });
  return { $typeName: 'heliograph.box.v1.ReactionTally', people: people + Number(is) - Number(was), counts: next.filter(({ count: left }) => left > 0).slice(0, REACTIONS_COUNTED_MAX) };
}

/** Which reactions the channel takes: those who may change its description say so. */
export function setReactions(channel: Channel, { reactions }: ChannelSetReactions): void {
  const { change, record } = channel;
  if (!channel.may(ADMIN.change_info, BANNED.change_info)) return change.refuse('CHAT_ADMIN_REQUIRED');
  if (reactions === undefined || reactions.some.length > GROUP_REACTIONS_MAX) return change.refuse('REACTION_INVALID');
  if (areEqualReactions(record.reactions, reactions)) return change.refuse('CHAT_NOT_MODIFIED');
  channel.editRecord({ reactions });
  channel.tell();
}
