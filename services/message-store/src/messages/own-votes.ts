import type { PollVote } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { besideOthers, type Choices } from './own-choices';

/** Votes in polls of channels. */
export const VOTES: Choices<PollVote> = {
  isTallied: ({ pollTally }) => (pollTally?.voters ?? 0) > 0,
  read: (reader, user, ids) => reader.votesOf(user, ids),
  put: (record, user, vote) => ({ ...record, pollVotes: besideOthers(record.pollVotes, user, vote) }),
};
