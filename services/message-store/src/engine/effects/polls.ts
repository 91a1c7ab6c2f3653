import type { DialogRecord, MessageRecord, PollTerms, PollVote } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { DUE_POLL } from '../../tables/box-due';
import type { Change } from '../change';
import { POLL_VOTES_MAX, UNREAD_VOTES_MAX } from '../limits';

/** A message that asks something. */
export type PollRecord = MessageRecord & { poll: PollTerms };

/** Whether it is a poll that one may vote in or close. */
export const isPoll = (record: MessageRecord | undefined): record is PollRecord => record !== undefined && record.deletedVersion === 0n && record.poll !== undefined;

/** When a poll closes by itself, unix seconds; 0: never. */
export function closesAt({ date, poll }: Pick<MessageRecord, 'date' | 'poll'>): number {
  if (poll === undefined || poll.closed) return 0;
  if (poll.closeDate > 0) return poll.closeDate;
  return poll.closePeriod > 0 ? date + poll.closePeriod : 0;
}

/** Whether nobody may vote any more at that time; its boxes may say so a moment later. */
export function isClosed(record: PollRecord, now: number): boolean {
  const at = closesAt(record);
  return record.poll.closed || record.pollClosedVersion !== 0n || (at > 0 && at <= now);
}

/** A new message's poll: its terms, and when they end. */
export function beginPoll(change: Change, record: MessageRecord): void {
  const terms = record.content?.poll;
  if (terms === undefined) return;
  record.poll = terms;
  const at = closesAt(record);
  if (at > 0) change.rows.push({ kind: 'due', at, due: DUE_POLL, peer: 0, id: record.id });
}

/**
 * Why somebody's vote doesn't count; undefined: it does. It is decided by what no later command takes away: that a poll was closed, and that there is
 * a vote where votes are final (row-reader.ts, messageAsOf).
 * @param voted that somebody has a vote in it
 */
export function voteRefusal(record: PollRecord, voted: boolean, options: number, now: number): string | undefined {
  if (isClosed(record, now)) return 'MESSAGE_POLL_CLOSED';
  if (options < 0 || options >= 2 ** record.poll.answers) return 'OPTION_INVALID';
  if (!record.poll.multiple && (options & (options - 1)) !== 0) return 'OPTIONS_TOO_MUCH';
  return record.poll.final && voted ? 'REVOTE_NOT_ALLOWED' : undefined;
}

/** What somebody chose, as the message of the poll has it. */
export const voteIn = ({ pollVotes }: MessageRecord, user: number): PollVote | undefined => pollVotes.find((vote) => Number(vote.user) === user);

/** The votes with one more in the place of that person's earlier one, or without. */
export function withVote({ pollVotes }: MessageRecord, { user, options, date, unread }: Pick<PollVote, 'user' | 'options' | 'date' | 'unread'>, version: bigint): PollVote[] {
  const others = pollVotes.filter((vote) => vote.user !== user);
  return options === 0 ? others : [...others, { $typeName: 'heliograph.box.v1.PollVote' as const, user, options, date, version, unread, previous: 0n }].slice(-POLL_VOTES_MAX);
}

/**
 * Puts somebody's vote in the place of their earlier one, or takes it back. It takes no pts: what a poll looks like now clients ask for. As with
 * reactions, nothing but the row may depend on the other votes: of those that a repetition finds some may be later ones.
 */
export function applyVote(change: Change, before: PollRecord, { user, options }: Pick<PollVote, 'user' | 'options'>): void {
  const unread = options !== 0 && before.out && before.poll.public && Number(user) !== change.box;
  tellPoll(change, { ...before, pollVotes: withVote(before, { user, options, date: change.date, unread }, change.version), pollVersion: change.version });
  const peer = Number(before.peer);
  const known = change.dialog(peer)?.unreadVotes ?? [];
  const kept = known.filter((each) => each.id !== before.id || each.user !== user);
  if (!unread && kept.length === known.length) return;
  if (unread) kept.push({ $typeName: 'heliograph.box.v1.UnreadReaction', id: before.id, user });
  change.editDialog(peer).unreadVotes = kept.slice(-UNREAD_VOTES_MAX);
}

/** Nobody votes in it any more. The first time counts: a later one would hide from repetitions of what lies between that it was closed. */
export function applyClosed(change: Change, before: PollRecord): void {
  if (before.pollClosedVersion !== 0n) return;
  tellPoll(change, { ...before, pollClosedVersion: change.version, pollVersion: change.version });
}

/** Writes a poll as it is from now on and tells so. A repetition may find that its content is gone: then there is nothing to show (render-update.ts). */
function tellPoll(change: Change, record: MessageRecord): void {
  change.rows.push({ kind: 'message', record });
  change.announce({ case: 'poll', value: record });
}

/** Whether votes in the message were not seen. The dialog says so, which is as of the command. */
export function hasUnreadVotes(change: Change, { peer, id }: MessageRecord): boolean {
  return change.state.dialogs.get(Number(peer))?.unreadVotes.some((unread) => unread.id === id) ?? false;
}

/** What changes of a message when votes in it are seen. */
export function seenVotes(change: Change, { pollVotes }: MessageRecord): Pick<MessageRecord, 'pollVotes' | 'pollVersion'> {
  return { pollVotes: pollVotes.map((vote) => ({ ...vote, unread: false })), pollVersion: change.version };
}

/** Votes in these messages count as seen in their dialog. */
export function seeVotes(dialog: DialogRecord, ids: ReadonlySet<number>): void {
  if (dialog.unreadVotes.some(({ id }) => ids.has(id))) dialog.unreadVotes = dialog.unreadVotes.filter(({ id }) => !ids.has(id));
}
