import type { GroupClosePoll, GroupVote, PollCopy } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { readMessages, type Change, type Effect } from '../../change';
import { isClosed, isPoll, voteIn, voteRefusal, withVote, type PollRecord } from '../polls';
import type { Group } from './group';

/** A member votes, or takes the vote back. The group keeps the votes of all: it decides, in one order with everything else, and tells every copy. */
export function* voteInPost(change: Change, group: Group, { id, options }: GroupVote): Effect {
  const [record] = yield* readMessages([id]);
  if (!isPoll(record)) return group.refuse('MESSAGE_ID_INVALID');
  const refusal = voteRefusal(record, voteIn(record, group.actor) !== undefined, options, change.date);
  if (refusal !== undefined) return group.refuse(refusal);
  const vote = { user: BigInt(group.actor), options, date: change.date, unread: false };
  change.rows.push({ kind: 'message', record: { ...record, pollVotes: withVote(record, vote, change.version), pollVersion: change.version } });
  tellCopies(group, record, { vote: { $typeName: 'heliograph.box.v1.PollVote', ...vote, version: 0n, previous: 0n } });
}

/** Authors end their own polls. */
export function* closePost(change: Change, group: Group, { id }: GroupClosePoll): Effect {
  const [record] = yield* readMessages([id]);
  if (!isPoll(record)) return group.refuse('MESSAGE_ID_INVALID');
  if (Number(record.from) !== group.actor) return group.refuse('MESSAGE_AUTHOR_REQUIRED');
  if (isClosed(record, change.date)) return group.refuse('MESSAGE_NOT_MODIFIED');
  change.rows.push({ kind: 'message', record: { ...record, pollClosedVersion: change.version, pollVersion: change.version } });
  tellCopies(group, record, { closed: true });
}

function tellCopies(group: Group, { uid }: PollRecord, { vote, closed = false }: Partial<Pick<PollCopy, 'vote' | 'closed'>>): void {
  for (const user of group.present()) group.derive(user, { case: 'pollCopy', value: { $typeName: 'heliograph.box.v1.PollCopy', uid, vote, closed } }, true);
}
