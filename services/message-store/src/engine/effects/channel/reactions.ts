import { ADMIN, BANNED } from '@heliograph/box/group-rights';
import type { ChannelDeleteReactions, ChannelReact, ChannelSetReactions, MessageRecord, Reaction, ReactionTally } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { readMessages, readReaction, type Change, type Effect } from '../../change';
import { DELETE_IDS_MAX, GROUP_REACTIONS_MAX, REACTIONS_COUNTED_MAX, REACTIONS_NAMED_MAX } from '../../limits';
import { isGiven } from '../../reaction-rows';
import { tellEdited } from '../edited';
import { areEqualReactions, takesReaction } from '../group/reactions';
import { applyReaction, takenBack } from '../reactions';
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
  const earlier = before.reactionTally === undefined ? undefined : yield* readReaction(id, actor);
  applyHere(channel, before, { ...reaction, user }, earlier);
}

/** Who may delete messages takes somebody's reactions from some of a supergroup. */
export function* deleteReactions(channel: Channel, { participant, ids }: ChannelDeleteReactions): Effect {
  const { change, record } = channel;
  if (record.broadcast) return change.refuse('PEER_ID_INVALID');
  if (!channel.mayAsAdmin(ADMIN.delete_messages)) return change.refuse('CHAT_ADMIN_REQUIRED');
  if (ids.length > DELETE_IDS_MAX) return change.refuse('LIMIT_INVALID');
  for (const before of yield* readMessages([...new Set(ids)].sort((a, b) => a - b))) {
    if (before?.deletedVersion !== 0n) continue;
    const earlier = before.reactionTally === undefined ? undefined : yield* readReaction(before.id, Number(participant));
    // What is not a row is for the caller to look at: that of a repetition may be later.
    if (before.reactionTally === undefined || isGiven(earlier)) applyHere(channel, before, takenBack(participant), earlier);
  }
}

/** The message's author is told, and so is his box. Who writes for a broadcast is told nothing of its readers. `earlier`: the row that it takes the place of, where there are rows. */
function applyHere(channel: Channel, before: MessageRecord, reaction: Reaction, earlier: Reaction | undefined): void {
  const { change, record, box } = channel;
  const { id, author, reactionTally } = before;
  const { user } = reaction;
  const isTakenBack = reaction.sealed.length === 0;
  const told = !record.broadcast && author > 0n && author !== user;
  const newTo = told && !isTakenBack ? author : 0n;
  if (reactionTally === undefined) applyReaction(change, before, reaction, newTo);
  else applyInRow(channel, before, reactionTally, reaction, earlier, newTo);
  if (!told) return;
  change.derived.push({ box: Number(author), body: { case: 'channelReaction', value: { $typeName: 'heliograph.box.v1.ChannelReaction', channel: BigInt(box), id, user, takenBack: isTakenBack } } });
}

/** As applyReaction, of a message whose reactions are rows of their own. */
function applyInRow({ change, record }: Channel, before: MessageRecord, tally: ReactionTally, { user, sealed, token, big }: Reaction, earlier: Reaction | undefined, newTo: bigint): void {
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
