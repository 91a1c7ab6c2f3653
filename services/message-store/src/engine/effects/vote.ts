import { create } from '@bufbuild/protobuf';
import { isGroupBox } from '@heliograph/box/box-id';
import { copiedFrom } from '@heliograph/box/dialog-key';
import { ContentsReadSchema, type ClosePoll, type EndPolls, type MessageRecord, type PollCopy, type ReadPollVotes, type Vote } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { readLocals, readMessages, type Change, type Effect } from '../change';
import { hasBox } from '../ids';
import { DELETE_IDS_MAX } from '../limits';
import { applyClosed, applyVote, closesAt, isClosed, isPoll, seenVotes, seeVotes, voteIn, voteRefusal } from './polls';

/**
 * The owner votes in a poll of a private chat or of Saved Messages; of one's own votes the own box decides. Refuses MESSAGE_ID_INVALID,
 * MESSAGE_POLL_CLOSED, OPTION_INVALID, OPTIONS_TOO_MUCH, REVOTE_NOT_ALLOWED.
 */
export function* vote(change: Change, { id, options, noDeliver }: Vote): Effect {
  const [record] = yield* readMessages([id]);
  if (!isPoll(record)) return change.refuse('MESSAGE_ID_INVALID');
  // In groups one votes by groupCall.
  if (isGroupBox(Number(record.peer))) return change.refuse('PEER_ID_INVALID');
  const refusal = voteRefusal(record, voteIn(record, change.box) !== undefined, options, change.date);
  if (refusal !== undefined) return change.refuse(refusal);
  const user = BigInt(change.box);
  applyVote(change, record, { user, options });
  tellPeer(change, record, noDeliver, { vote: { $typeName: 'heliograph.box.v1.PollVote', user, options, date: change.date, version: 0n, unread: false, previous: 0n } });
}

/** The owner ends an own poll. Refuses MESSAGE_ID_INVALID, MESSAGE_AUTHOR_REQUIRED, MESSAGE_NOT_MODIFIED (it is closed). */
export function* closePoll(change: Change, { id, noDeliver }: ClosePoll): Effect {
  const [record] = yield* readMessages([id]);
  if (!isPoll(record)) return change.refuse('MESSAGE_ID_INVALID');
  if (isGroupBox(Number(record.peer))) return change.refuse('PEER_ID_INVALID');
  if (!record.out) return change.refuse('MESSAGE_AUTHOR_REQUIRED');
  if (isClosed(record, change.date)) return change.refuse('MESSAGE_NOT_MODIFIED');
  applyClosed(change, record);
  tellPeer(change, record, noDeliver, { closed: true });
}

function tellPeer(change: Change, record: MessageRecord, noDeliver: boolean, { vote: cast, closed = false }: Partial<Pick<PollCopy, 'vote' | 'closed'>>): void {
  const peer = Number(record.peer);
  if (noDeliver || peer === change.box || !hasBox(peer) || record.uid === undefined) return;
  change.derived.push({ box: peer, body: { case: 'pollCopy', value: { $typeName: 'heliograph.box.v1.PollCopy', uid: record.uid, vote: cast, closed } } });
}

/** What another box derived of a poll: it decided. Nothing happens where the message never came, or was deleted. */
export function* pollCopy(change: Change, { uid, vote: cast, closed }: PollCopy): Effect {
  if (uid === undefined) return;
  const source = change.command.origin?.box ?? 0n;
  if (source > 0n && cast !== undefined && source !== cast.user) throw new Error('a vote comes from another box than its owner\'s');
  const [local] = yield* readLocals([uid]);
  if (local === undefined) return;
  const [record] = yield* readMessages([local]);
  // A message of another dialog is none that the origin may change, unless it is a copy of the origin's post.
  if (!isPoll(record) || (record.peer !== source && BigInt(copiedFrom(record)) !== source)) return;
  if (cast !== undefined) return applyVote(change, record, cast);
  // Of a private chat's poll its author alone says that it is over.
  if (closed && (source < 0n || record.from === source)) applyClosed(change, record);
}

/** Closes polls whose time is over. Each box that has a copy does so by itself: all copies bear the same date and terms. */
export function* endPolls(change: Change, { due }: EndPolls): Effect {
  if (due.length > DELETE_IDS_MAX) return change.refuse('LIMIT_INVALID');
  const ids = [...new Set(due.map(({ id }) => id))].sort((a, b) => a - b);
  const early = new Set<number>();
  for (const record of yield* readMessages(ids)) {
    if (!isPoll(record) || record.pollClosedVersion !== 0n) continue;
    if (closesAt(record) <= change.date) applyClosed(change, record);
    else early.add(record.id);
  }
  for (const each of due) if (!early.has(each.id)) change.rows.push({ kind: 'dueDone', due: each });
}

/** Marks all votes in the owner's polls of a dialog as seen. */
export function* readPollVotes(change: Change, body: ReadPollVotes): Effect {
  const peer = Number(body.peer);
  const ids = [...new Set(change.dialog(peer)?.unreadVotes.map(({ id }) => id))].sort((a, b) => a - b);
  if (ids.length === 0) return;
  for (const record of yield* readMessages(ids)) {
    if (isPoll(record)) change.rows.push({ kind: 'message', record: { ...record, ...seenVotes(change, record) } });
  }
  seeVotes(change.editDialog(peer), new Set(ids));
  change.keep(change.update({ case: 'contentsRead', value: create(ContentsReadSchema, { ids }) }, ids.length));
}
