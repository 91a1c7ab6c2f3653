import { create } from '@bufbuild/protobuf';
import { ContentsReadSchema, type MessageRecord, type ReadContents } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { readMessages, type Change, type Effect } from '../change';
import { DELETE_IDS_MAX } from '../limits';
import { seeMention } from './mention';
import { hasUnreadVotes, seenVotes, seeVotes } from './polls';
import { hasUnreadReactions, seeReactions, seenReactions } from './reactions';

/** Marks the contents of messages (voice, round video, mentions, reactions to them, votes in them) as heard or seen. */
export function* readContents(change: Change, body: ReadContents): Effect {
  if (body.ids.length > DELETE_IDS_MAX) return change.refuse('LIMIT_INVALID');
  const ids = [...new Set(body.ids)].sort((a, b) => a - b);
  const unread = (yield* readMessages(ids)).filter((record): record is MessageRecord => {
    return record !== undefined && record.deletedVersion === 0n && (record.mediaUnread || hasUnreadReactions(change, record) || hasUnreadVotes(change, record));
  });
  if (unread.length === 0) return;
  for (const record of unread) {
    const seen = hasUnreadReactions(change, record);
    const counted = hasUnreadVotes(change, record);
    const heard = record.mediaUnread ? { mediaUnread: false, contentsReadVersion: change.version } : undefined;
    change.rows.push({ kind: 'message', record: { ...record, ...heard, ...(seen ? seenReactions(change, record) : undefined), ...(counted ? seenVotes(change, record) : undefined) } });
    if (counted) seeVotes(change.editDialog(Number(record.peer)), new Set([record.id]));
    if (seen) seeReactions(change, Number(record.peer), new Set([record.id]));
    if (record.mentioned && record.mediaUnread) seeMention(change.editDialog(Number(record.peer)));
  }
  const read = unread.map((record) => record.id);
  change.keep(change.update({ case: 'contentsRead', value: create(ContentsReadSchema, { ids: read }) }, read.length));
}
