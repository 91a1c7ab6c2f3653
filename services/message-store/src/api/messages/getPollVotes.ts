import { pollOptions } from '@heliograph/box/polls';
import { peerUser } from '@heliograph/box/render-peer';
import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { PollVote } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { TypeMessagePeerVote } from '@heliograph/tl/api';
import type { Deps } from '../../deps';
import { optionNumber } from '../../domain/poll';
import { pageLimit } from '../../messages/page';
import { findPoll, requireVoters } from '../../messages/polls';

/**
 * Who voted in a poll that isn't anonymous, the newest first, for all answers or one (docs: core.telegram.org/method/messages.getPollVotes). An offset says how
 * many older votes are left, so that new ones don't shift the pages. Throws MSG_ID_INVALID, OPTION_INVALID, OFFSET_INVALID, and as `requireVoters`.
 */
export const getPollVotes: Method<Deps, 'messages.getPollVotes'> = async (deps, caller, request) => {
  const { record, media } = await findPoll(deps, caller, request.peer, request.id, 'MSG_ID_INVALID');
  requireVoters(caller, record, media);
  const { offset = '' } = request;
  if (!/^\d{0,4}$/.test(offset)) throw badRequest('OFFSET_INVALID');
  const options = pollOptions(media);
  const wanted = request.option && optionNumber(options, request.option);
  const rendered = (vote: PollVote): TypeMessagePeerVote => {
    const about = { peer: peerUser(Number(vote.user)), date: vote.date };
    if (wanted !== undefined) return { _: 'messagePeerVoteInputOption', ...about };
    const chosen = options.filter((_, number) => (vote.options & (1 << number)) !== 0);
    const [only] = chosen;
    return chosen.length === 1 && only ? { _: 'messagePeerVote', option: only, ...about } : { _: 'messagePeerVoteMultiple', options: chosen, ...about };
  };
  const votes = record.pollVotes.filter((vote) => wanted === undefined || (vote.options & (1 << wanted)) !== 0);
  const end = offset === '' ? votes.length : Math.min(Number(offset), votes.length);
  const start = Math.max(0, end - pageLimit(request.limit));
  return {
    _: 'messages.votesList', count: votes.length, votes: votes.slice(start, end).reverse().map(rendered), chats: [], users: [],
    next_offset: start > 0 && start < end ? String(start) : undefined,
  };
};
