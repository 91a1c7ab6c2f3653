import type { MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { BoxReader } from '../engine/contract';
import { MENTION_ROWS_MAX, PAGE_ROWS_MAX } from '../limits';
import type { ChannelReader } from './channels';

/** Messages of a dialog that mention its owner and were not seen, newest first: as many as the dialog counts, among its newest MENTION_ROWS_MAX messages. */
export async function readUnreadMentions(reader: Pick<BoxReader, 'dialog' | 'history'>, peer: number): Promise<MessageRecord[]> {
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

/** Messages of a channel that mention its reader and were not seen, newest first. @param own the reader's box, which knows them */
export async function readChannelMentions(channel: ChannelReader, own: Pick<BoxReader, 'dialog'>): Promise<MessageRecord[]> {
  const ids = [...(own.dialog(channel.box)?.membership?.mentions ?? [])].sort((a, b) => b - a);
  if (ids.length === 0) return [];
  return (await channel.messages(ids)).filter((record) => record !== undefined);
}
