import { mayRead, visibleAbove } from '@heliograph/box/channel-rights';
import { ADMIN } from '@heliograph/box/group-rights';
import { POLL_VOTERS_SHOWN_MAX } from '@heliograph/box/limits';
import type { ChannelClosePoll, ChannelVote, PollTally, PollVote } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { readMessages, readVote, type Change, type Effect } from '../../change';
import { CHANNEL_POLL_VOTES_MAX } from '../../limits';
import { applyClosed, applyVote, isClosed, isPoll, voteIn, voteRefusal, withVote, type PollRecord } from '../polls';
import type { Channel } from './channel';
import { closeDiscussed } from './discussed';

/**
 * Somebody votes, or takes the vote back: whoever may read the channel (docs: core.telegram.org/api/poll). Votes are rows of their own, however many there are; the
 * message has their tally.
 */
export function* voteInChannel(channel: Channel, { id, options }: ChannelVote): Effect {
  const { change, actor, record } = channel;
  const member = channel.member(actor);
  if (!mayRead(record, member, change.date)) return change.refuse('CHANNEL_PRIVATE');
  const [before] = yield* readMessages([id]);
  if (!isPoll(before) || id <= visibleAbove(record, member)) return change.refuse('MESSAGE_ID_INVALID');
  if (before.pollTally === undefined) return voteInRow(channel, before, options);
  const earlier = yield* readVote(id, actor);
  const refusal = voteRefusal(before, (earlier?.options ?? 0) !== 0, options, change.date);
  if (refusal !== undefined) return change.refuse(refusal);
  const vote: PollVote = {
    $typeName: 'heliograph.box.v1.PollVote', user: BigInt(actor), options, date: change.date, version: change.version, unread: false, previous: earlier?.version ?? 0n,
  };
  change.rows.push({ kind: 'vote', id, vote, before: earlier, listed: before.poll.public });
  const counted = count(change, before, earlier, vote);
  // Who voted knows by it what he chose.
  const others = counted.pollVotes.filter(({ user }) => user !== vote.user);
  change.announce({ case: 'poll', value: { ...counted, pollVotes: options === 0 ? others : [...others, vote] } });
}

/**
 * The poll with one more vote. What somebody chose before is as of the command (box_vote); the tally may be later, where the command is repeated:
 *
 * | the row says it was changed by | then |
 * |---|---|
 * | an earlier command | the vote is counted |
 * | this one | it is written as it is |
 * | a later one | that row stands above what this one would write |
 */
function count(change: Change, before: PollRecord, earlier: PollVote | undefined, vote: PollVote): PollRecord {
  if (before.pollVersion > change.version) return before;
  const counted = before.pollVersion === change.version ? before : {
    ...before, pollVersion: change.version, pollTally: withTallied(before, earlier, vote), pollVotes: before.poll.public ? shownVotes(before, withVote(before, vote, change.version)) : [],
  };
  change.rows.push({ kind: 'message', record: counted });
  return counted;
}

function withTallied({ poll, pollTally }: PollRecord, earlier: PollVote | undefined, vote: PollVote): PollTally {
  const [was, is] = [earlier?.options ?? 0, vote.options];
  const more = (bits: number): number => Number((is & bits) !== 0) - Number((was & bits) !== 0);
  const answers = Array.from({ length: poll.answers }, (_, answer) => (pollTally?.answers[answer] ?? 0) + more(1 << answer));
  return { $typeName: 'heliograph.box.v1.PollTally', voters: (pollTally?.voters ?? 0) + more(-1), answers };
}

/** Those of the newest votes that the poll names, of all and of each answer. */
function shownVotes({ poll }: PollRecord, votes: readonly PollVote[]): PollVote[] {
  const shown = new Set(votes.slice(-POLL_VOTERS_SHOWN_MAX));
  for (let answer = 0; answer < poll.answers; answer += 1) {
    for (const vote of votes.filter(({ options }) => (options & (1 << answer)) !== 0).slice(-POLL_VOTERS_SHOWN_MAX)) shown.add(vote);
  }
  return votes.filter((vote) => shown.has(vote));
}

/** A poll that was asked before there were tallies: its votes are in the message. CHANNEL_POLL_VOTES_MAX of them; of further people it takes none. */
function voteInRow({ change, actor }: Channel, before: PollRecord, options: number): void {
  const refusal = voteRefusal(before, voteIn(before, actor) !== undefined, options, change.date);
  if (refusal !== undefined) return change.refuse(refusal);
  // A repetition may find otherwise, where people changed their votes since: its row loses to theirs, and nothing follows from it.
  const others = before.pollVotes.filter(({ user }) => Number(user) !== actor).length;
  if (options !== 0 && others >= CHANNEL_POLL_VOTES_MAX) return change.refuse('MESSAGE_POLL_CLOSED');
  applyVote(change, before, { user: BigInt(actor), options });
}

/** Authors end their own polls; in a broadcast also those who may edit all. */
export function* closeInChannel(channel: Channel, { id }: ChannelClosePoll): Effect {
  const { change, actor, record } = channel;
  const [before] = yield* readMessages([id]);
  if (!isPoll(before)) return change.refuse('MESSAGE_ID_INVALID');
  const own = Number(before.author) === actor && (!record.broadcast || channel.mayAsAdmin(ADMIN.post_messages));
  if (!own && !(record.broadcast && channel.mayAsAdmin(ADMIN.edit_messages))) return change.refuse('MESSAGE_AUTHOR_REQUIRED');
  if (isClosed(before, change.date)) return change.refuse('MESSAGE_NOT_MODIFIED');
  applyClosed(change, before);
  closeDiscussed(change, before);
}
