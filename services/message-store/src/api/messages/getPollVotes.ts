import { pollOptions } from '@heliograph/box/polls';
import { peerUser } from '@heliograph/box/render-peer';
import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { MessageRecord, PollTally, PollVote } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { TypeMessagePeerVote } from '@heliograph/tl/api';
import type { Deps } from '../../deps';
import { optionNumber } from '../../domain/poll';
import type { ChannelReader } from '../../messages/channels';
import { pageLimit, versionOffset } from '../../messages/page';
import { findPoll, requireVoters } from '../../messages/polls';

/**
 * Who voted in a poll that isn't anonymous, the newest first, for all answers or one (docs: core.telegram.org/method/messages.getPollVotes). New votes don't shift
 * the pages. Throws MSG_ID_INVALID, OPTION_INVALID, OFFSET_INVALID, and as `requireVoters`.
 */
export const getPollVotes: Method<Deps, 'messages.getPollVotes'> = async (deps, caller, request) => {
  const { record, media, channel } = await findPoll(deps, caller, request.peer, request.id, 'MSG_ID_INVALID');
  requireVoters(caller, record, media);
  const { offset = '' } = request;
  const options = pollOptions(media);
  const wanted = request.option && optionNumber(options, request.option);
  const query = { offset, wanted, limit: pageLimit(request.limit) };
  const { count, votes, next } = channel && record.pollTally ? await tallied(channel, record.id, record.pollTally, query) : listed(record, query);
  const rendered = (vote: PollVote): TypeMessagePeerVote => {
    const about = { peer: peerUser(Number(vote.user)), date: vote.date };
    if (wanted !== undefined) return { _: 'messagePeerVoteInputOption', ...about };
    const chosen = options.filter((_, number) => (vote.options & (1 << number)) !== 0);
    const [only] = chosen;
    return chosen.length === 1 && only ? { _: 'messagePeerVote', option: only, ...about } : { _: 'messagePeerVoteMultiple', options: chosen, ...about };
  };
  return { _: 'messages.votesList', count, votes: votes.map(rendered), chats: [], users: [], next_offset: next };
};

interface VotesQuery {
  readonly offset: string;
  /** Number of the answer; undefined: any. */
  readonly wanted: number | undefined;
  readonly limit: number;
}

interface VotesPage {
  readonly count: number;
  /** The newest first. */
  readonly votes: readonly PollVote[];
  readonly next: string | undefined;
}

/** Of a poll that has its votes in its message. An offset says how many older ones are left. */
function listed({ pollVotes }: MessageRecord, { offset, wanted, limit }: VotesQuery): VotesPage {
  if (!/^\d{0,4}$/.test(offset)) throw badRequest('OFFSET_INVALID');
  const votes = pollVotes.filter((vote) => wanted === undefined || (vote.options & (1 << wanted)) !== 0);
  const end = offset === '' ? votes.length : Math.min(Number(offset), votes.length);
  const start = Math.max(0, end - limit);
  return { count: votes.length, votes: votes.slice(start, end).reverse(), next: start > 0 && start < end ? String(start) : undefined };
}

/** Of a poll whose votes are rows of their own. An offset is the version of the last vote of the page before. */
async function tallied(channel: ChannelReader, id: number, tally: PollTally, { offset, wanted, limit }: VotesQuery): Promise<VotesPage> {
  const below = versionOffset(offset);
  const votes = await channel.listVotes({ id, answer: wanted, below, limit });
  const count = wanted === undefined ? tally.voters : (tally.answers[wanted] ?? 0);
  return { count, votes, next: votes.length === limit && limit > 0 ? String(votes.at(-1)?.version) : undefined };
}
