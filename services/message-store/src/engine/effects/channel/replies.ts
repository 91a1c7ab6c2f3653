import type { MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { readMessages, type Effect } from '../../change';
import { LAST_REPLIERS_MAX } from '../../limits';
import type { Channel } from './channel';

/** The first message of a thread knows of one more answer. */
export function* countReply(channel: Channel, threadId: number, reply: MessageRecord): Effect {
  const [first] = yield* readMessages([threadId]);
  if (first === undefined) return;
  editReplies(channel, first, ({ replyCount, lastRepliers }) => ({
    replyCount: replyCount + 1,
    lastReplyId: reply.id,
    lastRepliers: [speakerOf(reply), ...lastRepliers.filter((user) => user !== speakerOf(reply))].slice(0, LAST_REPLIERS_MAX),
  }));
}

const speakerOf = (reply: MessageRecord): bigint => (reply.from === 0n ? reply.author : reply.from);

/** Answers that are gone count no more. */
export function* discountReplies(channel: Channel, gone: readonly MessageRecord[]): Effect {
  const ids = new Set(gone.map(({ id }) => id));
  const byThread = new Map<number, number>();
  for (const { threadId } of gone) if (threadId !== 0 && !ids.has(threadId)) byThread.set(threadId, (byThread.get(threadId) ?? 0) + 1);
  const threads = [...byThread.keys()].sort((a, b) => a - b);
  for (const first of yield* readMessages(threads)) {
    if (first === undefined) continue;
    editReplies(channel, first, ({ id, replyCount }) => ({ replyCount: Math.max(0, replyCount - (byThread.get(id) ?? 0)) }));
  }
}

/**
 * A repetition finds what it did itself, or what later commands did beside it: nothing may be counted twice.
 *
 * | the row says it was changed by | then |
 * |---|---|
 * | an earlier command | it changes |
 * | this one | it is written as it is |
 * | a later one | that row stands above what this one would write |
 */
function editReplies({ change }: Channel, first: MessageRecord, edit: (first: MessageRecord) => Partial<MessageRecord>): void {
  if (first.deletedVersion !== 0n || first.repliesVersion > change.version) return;
  const record = first.repliesVersion === change.version ? first : { ...first, ...edit(first), repliesVersion: change.version };
  change.rows.push({ kind: 'message', record });
}
