import type { MessageRecord, PollTerms, PollVote } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { MessageMediaPoll, Poll, PollAnswerVoters, PollResults, TypePeer, UpdateMessagePoll } from '@heliograph/tl/api';
import { isOutgoingTo } from './channel-sight';
import type { MessageContent } from './content';
import { POLL_VOTERS_SHOWN_MAX } from './limits';
import { peerOf, peerUser } from './render-peer';

/** What a poll's message says of it beside its content: all votes, or a tally with the newest of them and the viewer's own. */
export type PollState = Pick<MessageRecord, 'from' | 'author' | 'poll' | 'pollVotes' | 'pollTally' | 'pollClosedVersion'>;

/** The part of a poll by which its votes are decided; undefined for what is no poll. */
export function pollTerms({ media }: Pick<MessageContent, 'media'>): Omit<PollTerms, '$typeName'> | undefined {
  if (media?._ !== 'messageMediaPoll') return undefined;
  const { answers, multiple_choice, quiz, revoting_disabled, public_voters, closed, close_date, close_period } = media.poll;
  return {
    answers: answers.length, multiple: multiple_choice ?? false, final: (quiz || revoting_disabled) ?? false, public: public_voters ?? false, closed: closed ?? false,
    closeDate: close_date ?? 0, closePeriod: close_period ?? 0,
  };
}

/** The bytes that name each answer of a poll, by its number. */
export const pollOptions = ({ poll }: MessageMediaPoll): Uint8Array[] => poll.answers.map((answer) => (answer._ === 'pollAnswer' ? answer.option : new Uint8Array(0)));

const isChosen = ({ options }: PollVote, answer: number): boolean => (options & (1 << answer)) !== 0;
const isOver = ({ poll, pollClosedVersion }: PollState): boolean => (poll?.closed ?? false) || pollClosedVersion !== 0n;

/** Whether somebody is told how people voted: who has voted, and everybody when it is over (docs: core.telegram.org/api/poll). */
export function mayPollShow({ poll }: MessageMediaPoll, state: PollState, viewer: number): boolean {
  return isOver(state) || (!poll.hide_results_until_close && state.pollVotes.some(({ user }) => Number(user) === viewer));
}

/** A poll as one person sees it; `viewer` 0: as it is shown to several alike, who know their own votes. `voteKnown`: whether the state has the viewer's, if there is one. */
export function renderPoll(media: MessageMediaPoll, state: PollState, viewer: number, voteKnown = true): MessageMediaPoll {
  return { ...media, poll: renderTerms(media.poll, state, viewer), results: renderResults(media, state, voteKnown ? viewer : 0) };
}

/** A poll's question and answers. `hash` tells clients whether they have them: it changes when it closes. */
function renderTerms(poll: Poll, state: PollState, viewer: number): Poll {
  const rendered = { ...poll };
  if (isOver(state) && !poll.closed) {
    rendered.closed = true;
    rendered.hash = poll.hash ^ 1n;
  }
  if (isOutgoingTo(viewer, state)) rendered.creator = true;
  return rendered;
}

/**
 * What is told of the votes. Those of a forwarded poll that was over are counted in its content. Right answers and the solution of a quiz are shown with
 * the results, never before.
 */
function renderResults(media: MessageMediaPoll, state: PollState, viewer: number): PollResults {
  const { poll, results: stored } = media;
  const { pollVotes, pollTally: tally } = state;
  const own = pollVotes.find(({ user }) => Number(user) === viewer);
  const shown = viewer === 0 ? !poll.hide_results_until_close || isOver(state) : mayPollShow(media, state, viewer);
  const results: PollResults = { _: 'pollResults', total_voters: (tally?.voters ?? pollVotes.length) + (stored.total_voters ?? 0) };
  if (viewer === 0) results.min = true;
  if (isOutgoingTo(viewer, state) && pollVotes.some(({ unread }) => unread)) results.has_unread_votes = true;
  if (poll.public_voters) results.recent_voters = newest(pollVotes);
  if (!shown && own === undefined) return results;
  const right = shown && (viewer !== 0 || isOver(state));
  results.results = pollOptions(media).map((option, answer) => {
    const counted: PollAnswerVoters = { _: 'pollAnswerVoters', option };
    const before = stored.results?.[answer];
    if (own !== undefined && isChosen(own, answer)) counted.chosen = true;
    if (right && before?.correct) counted.correct = true;
    if (!shown) return counted;
    const voters = pollVotes.filter((vote) => isChosen(vote, answer));
    counted.voters = (tally ? (tally.answers[answer] ?? 0) : voters.length) + (before?.voters ?? 0);
    counted.recent_voters = poll.public_voters ? newest(voters) : [];
    return counted;
  });
  if (right && stored.solution !== undefined) {
    results.solution = stored.solution;
    results.solution_entities = stored.solution_entities ?? [];
  }
  return results;
}

const newest = (votes: readonly PollVote[]): TypePeer[] => votes.slice(-POLL_VOTERS_SHOWN_MAX).reverse().map(({ user }) => peerUser(Number(user)));

/** How a poll looks now. Several alike are not told which message it is (docs: core.telegram.org/api/poll). */
export function renderPollUpdate(record: PollState & Pick<MessageRecord, 'id' | 'peer'>, media: MessageMediaPoll, viewer: number): UpdateMessagePoll {
  const { poll, results } = renderPoll(media, record, viewer);
  const place = viewer === 0 ? undefined : { peer: peerOf(Number(record.peer)), msg_id: record.id };
  return { _: 'updateMessagePoll', ...place, poll_id: poll.id, poll, results };
}

/** The media of a poll message. Throws where the content is none. */
export function pollOf({ media }: Pick<MessageContent, 'media'>): MessageMediaPoll {
  if (media?._ !== 'messageMediaPoll') throw new Error('a poll\'s message has no poll in it');
  return media;
}

/**
 * A poll on its way to another chat. NOTSPEC: a copy is a poll of its own, with votes of its own, where Telegram's shares those of the original: votes stay in
 * the chat that gave them. One that is over goes along with its results.
 * @param id of the copy
 */
export function forwardedPoll(media: MessageMediaPoll, state: PollState, id: bigint): MessageMediaPoll {
  const { creator: _creator, ...poll } = { ...media.poll, id };
  if (!isOver(state)) return { ...media, poll };
  const { results: counted } = renderPoll(media, state, 0);
  const results = counted.results?.map(({ option, voters, correct }): PollAnswerVoters => ({ _: 'pollAnswerVoters', option, correct, voters, recent_voters: [] }));
  return { ...media, poll: { ...poll, closed: true }, results: { ...media.results, results, total_voters: counted.total_voters } };
}
