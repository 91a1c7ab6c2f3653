import { pollOptions } from '@heliograph/box/polls';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { InputMediaPoll, MessageMediaPoll, PollAnswer, PollAnswerVoters, TextWithEntities, TypeInputUser, TypePollAnswer } from '@heliograph/tl/api';
import {
  POLL_ANSWER_CHARACTERS_MAX, POLL_ANSWERS_MAX, POLL_OPEN_SECONDS_MAX, POLL_OPEN_SECONDS_MIN, POLL_OPTION_BYTES_MAX, POLL_QUESTION_CHARACTERS_MAX, POLL_SOLUTION_CHARACTERS_MAX,
  POLL_SOLUTION_LINE_FEEDS_MAX,
} from '../limits';
import { formatText } from './formatted-text';

type FindUser = (input: TypeInputUser) => number | undefined;

/**
 * A poll as its message holds it (docs: core.telegram.org/constructor/inputMediaPoll).
 * @param at when it is sent, unix seconds
 * Throws POLL_QUESTION_INVALID, POLL_ANSWERS_INVALID, POLL_ANSWER_INVALID, POLL_OPTION_INVALID, POLL_OPTION_DUPLICATE, QUIZ_MULTIPLE_INVALID,
 * QUIZ_CORRECT_ANSWERS_EMPTY, QUIZ_CORRECT_ANSWERS_TOO_MUCH, QUIZ_CORRECT_ANSWER_INVALID, MEDIA_CAPTION_TOO_LONG (the solution), MEDIA_INVALID (times), and 400
 * NOT_IMPLEMENTED for media in it, for answers that anybody may add, and for who may vote by country or by time of subscription.
 */
export function newPoll(input: InputMediaPoll, { id, hash, at }: { id: bigint; hash: bigint; at: number }, findUser: FindUser): MessageMediaPoll {
  const { poll } = input;
  if (input.attached_media || input.solution_media || poll.open_answers || poll.subscribers_only || poll.countries_iso2?.length) throw badRequest('NOT_IMPLEMENTED');
  const { closed, public_voters, multiple_choice, quiz, revoting_disabled, shuffle_answers, hide_results_until_close, close_period, close_date } = poll;
  if (poll.answers.length < 2 || poll.answers.length > POLL_ANSWERS_MAX) throw badRequest('POLL_ANSWERS_INVALID');
  if (quiz && multiple_choice) throw badRequest('QUIZ_MULTIPLE_INVALID');
  checkTimes(close_period, close_date, at);
  const answers = newAnswers(poll.answers, findUser);
  const correct = rightAnswers(input, quiz ?? false);
  const media: MessageMediaPoll = {
    _: 'messageMediaPoll',
    poll: {
      _: 'poll', id, hash, answers, question: plainText(poll.question, POLL_QUESTION_CHARACTERS_MAX, 'POLL_QUESTION_INVALID', findUser),
      closed, public_voters, multiple_choice, quiz, revoting_disabled, shuffle_answers, hide_results_until_close, close_period, close_date,
    },
    results: { _: 'pollResults' },
  };
  if (quiz) {
    media.results = { ...media.results, ...solutionOf(input, findUser) };
    media.results.results = answers.map(({ option }, answer): PollAnswerVoters => ({ _: 'pollAnswerVoters', option, correct: correct === answer || undefined }));
  }
  return media;
}

function checkTimes(period: number | undefined, date: number | undefined, at: number): void {
  if (period !== undefined && date !== undefined) throw badRequest('MEDIA_INVALID');
  const open = period ?? (date === undefined ? undefined : date - at);
  if (open !== undefined && (open < POLL_OPEN_SECONDS_MIN || open > POLL_OPEN_SECONDS_MAX)) throw badRequest('MEDIA_INVALID');
}

/** Answers with the bytes that name them: those that the client gave, or the number in digits, as clients name them whose layer leaves it to them. */
function newAnswers(given: readonly TypePollAnswer[], findUser: FindUser): PollAnswer[] {
  const seen = new Set<string>();
  return given.map((answer, number): PollAnswer => {
    if (answer.media) throw badRequest('NOT_IMPLEMENTED');
    const option = answer._ === 'pollAnswer' ? answer.option : Buffer.from(String(number));
    if (option.length === 0 || option.length > POLL_OPTION_BYTES_MAX) throw badRequest('POLL_OPTION_INVALID');
    const name = Buffer.from(option).toString('hex');
    if (seen.has(name)) throw badRequest('POLL_OPTION_DUPLICATE');
    seen.add(name);
    return { _: 'pollAnswer', text: plainText(answer.text, POLL_ANSWER_CHARACTERS_MAX, 'POLL_ANSWER_INVALID', findUser), option };
  });
}

/** The number of the right answer of a quiz; undefined where there is none to be. */
function rightAnswers({ correct_answers = [], poll }: InputMediaPoll, quiz: boolean): number | undefined {
  if (correct_answers.some((answer) => answer < 0 || answer >= poll.answers.length)) throw badRequest('QUIZ_CORRECT_ANSWER_INVALID');
  if (!quiz) {
    if (correct_answers.length > 0) throw badRequest('QUIZ_CORRECT_ANSWER_INVALID');
    return undefined;
  }
  if (correct_answers.length === 0) throw badRequest('QUIZ_CORRECT_ANSWERS_EMPTY');
  if (correct_answers.length > 1) throw badRequest('QUIZ_CORRECT_ANSWERS_TOO_MUCH');
  return correct_answers[0];
}

/** A question or an answer: custom emoji are all the markup that it may have (docs: core.telegram.org/constructor/poll). */
function plainText({ text: given, entities: marked }: TextWithEntities, charactersMax: number, error: 'POLL_QUESTION_INVALID' | 'POLL_ANSWER_INVALID', findUser: FindUser): TextWithEntities {
  if (given.trim() === '') throw badRequest(error);
  const { text, entities } = formatText(given, marked, findUser);
  if ([...text].length > charactersMax) throw badRequest(error);
  return { _: 'textWithEntities', text, entities: (entities ?? []).filter(({ _: kind }) => kind === 'messageEntityCustomEmoji') };
}

function solutionOf({ solution, solution_entities }: InputMediaPoll, findUser: FindUser): { solution?: string; solution_entities?: TextWithEntities['entities'] } {
  if (solution === undefined || solution.trim() === '') return {};
  const { text, entities } = formatText(solution, solution_entities, findUser);
  if ([...text].length > POLL_SOLUTION_CHARACTERS_MAX || text.split('\n').length - 1 > POLL_SOLUTION_LINE_FEEDS_MAX) throw badRequest('MEDIA_CAPTION_TOO_LONG');
  return { solution: text, solution_entities: entities ?? [] };
}

/** The answers that a vote names, as a bit set of their numbers; 0: none. Throws OPTION_INVALID, OPTIONS_TOO_MUCH. */
export function chosenOptions(media: MessageMediaPoll, chosen: readonly Uint8Array[]): number {
  const options = pollOptions(media);
  if (chosen.length > options.length) throw badRequest('OPTIONS_TOO_MUCH');
  let bits = 0;
  for (const each of chosen) bits |= 1 << optionNumber(options, each);
  if (chosen.length > 1 && !media.poll.multiple_choice) throw badRequest('OPTIONS_TOO_MUCH');
  return bits;
}

/** Throws OPTION_INVALID. */
export function optionNumber(options: readonly Uint8Array[], wanted: Uint8Array): number {
  const number = options.findIndex((option) => Buffer.compare(option, wanted) === 0);
  if (number < 0) throw badRequest('OPTION_INVALID');
  return number;
}
