import { mayRead, visibleAbove } from '@heliograph/box/channel-rights';
import { ADMIN } from '@heliograph/box/group-rights';
import type { ChannelClosePoll, ChannelVote } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { readMessages, type Effect } from '../../change';
import { CHANNEL_POLL_VOTES_MAX } from '../../limits';
import { applyClosed, applyVote, isClosed, isPoll, voteRefusal } from '../polls';
import type { Channel } from './channel';
import { closeDiscussed } from './discussed';

/**
 * Somebody votes, or takes the vote back: whoever may read the channel (docs: core.telegram.org/api/poll).
 * NOTSPEC: a poll that has CHANNEL_POLL_VOTES_MAX votes takes none of further people.
 */
export function* voteInChannel(channel: Channel, { id, options }: ChannelVote): Effect {
  const { change, actor, record } = channel;
  const member = channel.member(actor);
  if (!mayRead(record, member, change.date)) return change.refuse('CHANNEL_PRIVATE');
  const [before] = yield* readMessages([id]);
  if (!isPoll(before) || id <= visibleAbove(record, member)) return change.refuse('MESSAGE_ID_INVALID');
  const refusal = voteRefusal(before, actor, options, change.date);
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
