import { create } from '@bufbuild/protobuf';
import { MessageRecordSchema } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { MessageMediaPoll, Poll, PollResults } from '@heliograph/tl/api';
import { forwardedPoll, pollTerms, renderPoll, renderPollUpdate } from './polls';

const [ASKER, VOTER, OTHER] = [98, 130, 162];
const text = (value: string) => ({ _: 'textWithEntities' as const, text: value, entities: [] });
const answers = ['a', 'b'].map((name) => ({ _: 'pollAnswer' as const, text: text(name), option: Buffer.from(name) }));
const media = (more: Partial<Poll> = {}): MessageMediaPoll => ({
  _: 'messageMediaPoll', poll: { _: 'poll', id: 5n, hash: 8n, question: text('?'), answers, ...more },
  results: { _: 'pollResults', results: answers.map(({ option }, answer) => ({ _: 'pollAnswerVoters', option, correct: answer === 1 || undefined })), solution: 'so', solution_entities: [] },
});
const state = (poll: MessageMediaPoll, closed = false) => create(MessageRecordSchema, {
  id: 4, peer: BigInt(ASKER), from: BigInt(ASKER), poll: pollTerms({ media: poll }), pollClosedVersion: closed ? 9n : 0n, pollVotes: [{ user: BigInt(VOTER), options: 1, date: 3, unread: true }],
});
/** Of each answer: voters, chosen, right. */
const told = ({ results, solution }: PollResults): unknown[] => [results?.map(({ voters, chosen, correct }) => [voters, chosen, correct]), solution];

test.each<[string, Partial<Poll>, boolean, number, unknown[]]>([
  ['nothing, who has not voted', {}, false, OTHER, [undefined, undefined]],
  ['nothing, who asked and has not voted', {}, false, ASKER, [undefined, undefined]],
  ['everything, who has voted', {}, false, VOTER, [[[1, true, undefined], [0, undefined, true]], 'so']],
  ['how people voted, whoever looks alike: not what was right', {}, false, 0, [[[1, undefined, undefined], [0, undefined, undefined]], undefined]],
  ['everything, anybody when it is over', {}, true, OTHER, [[[1, undefined, undefined], [0, undefined, true]], 'so']],
  ['the own vote alone, who has voted where results wait', { hide_results_until_close: true }, false, VOTER, [[[undefined, true, undefined], [undefined, undefined, undefined]], undefined]],
  ['nothing, whoever looks alike where results wait', { hide_results_until_close: true }, false, 0, [undefined, undefined]],
])('a quiz tells %s', (_, more, closed, viewer, expected) => {
  const poll = media({ quiz: true, ...more });
  const { results, poll: shown } = renderPoll(poll, state(poll, closed), viewer);
  expect(told(results)).toEqual(expected);
  expect([results.total_voters, results.min ?? false, shown.closed ?? false, shown.hash !== 8n, shown.creator ?? false]).toEqual([1, viewer === 0, closed, closed, viewer === ASKER]);
});

test('only an open poll names voters, and says to who asked that there are new ones', () => {
  const open = media({ public_voters: true });
  expect(renderPoll(open, state(open), ASKER).results).toMatchObject({ recent_voters: [{ user_id: VOTER }], has_unread_votes: true });
  expect(renderPoll(open, state(open), VOTER).results).toMatchObject({ results: [{ recent_voters: [{ user_id: VOTER }] }, { recent_voters: [] }] });
  const anonymous = media();
  const { results } = renderPoll(anonymous, state(anonymous), VOTER);
  expect([results.recent_voters, results.results?.[0]?.recent_voters, results.has_unread_votes]).toEqual([undefined, [], undefined]);
});

test('several alike are not told which message it is', () => {
  expect(renderPollUpdate(state(media()), media(), VOTER)).toMatchObject({ poll_id: 5n, peer: { user_id: ASKER }, msg_id: 4 });
  expect(renderPollUpdate(state(media()), media(), 0).msg_id).toBeUndefined();
});

test('a copy begins anew; of one that is over it keeps the results', () => {
  const copy = forwardedPoll(media(), state(media()), 6n);
  expect(renderPoll(copy, create(MessageRecordSchema, { poll: pollTerms({ media: copy }) }), OTHER)).toMatchObject({ poll: { id: 6n }, results: { total_voters: 0 } });
  const over = forwardedPoll(media({ quiz: true }), state(media(), true), 6n);
  const { poll, results } = renderPoll(over, create(MessageRecordSchema, { poll: pollTerms({ media: over }) }), OTHER);
  expect([poll.closed, results.total_voters, told(results)]).toEqual([true, 1, [[[1, undefined, undefined], [0, undefined, true]], 'so']]);
});
