import type { MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { BoxReader } from '../engine/contract';
import { MENTION_ROWS_MAX, PAGE_ROWS_MAX } from '../limits';

/** Messages of a dialog that mention its owner and were not seen, newest first: as many as the dialog counts, among its newest MENTION_ROWS_MAX messages. */
export async function readUnreadMentions(reader: BoxReader, peer: number): Promise<MessageRecord[]> {
  const found: MessageRecord[] = [];
  const wanted = reader.dialog(peer)?.unreadMentionsCount ?? 0;
  let maxId = 0;
  for (let seen = 0; found.length < wanted && seen < MENTION_ROWS_MAX;) {
    const page = await reader.history({ peer, maxId, minId: 0, limit: PAGE_ROWS_MAX });
    const last = page.at(-1);
    if (last === undefined) break;
    found.push(...page.filter(({ mentioned, mediaUnread }) => mentioned && mediaUnread));
    seen += page.length;
    maxId = last.id;
  }
  return found;
}
