import type { MessageRecord, UnreadReaction } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { BoxReader } from '../engine/contract';

/** The messages of which a dialog says that something about them (reactions, votes) was not seen, newest first. */
export async function unseenMessages(reader: Pick<BoxReader, 'messages'>, unseen: readonly UnreadReaction[] = []): Promise<MessageRecord[]> {
  const ids = [...new Set(unseen.map(({ id }) => id))].sort((a, b) => b - a);
  return ids.length === 0 ? [] : (await reader.messages(ids)).filter((record) => record !== undefined);
}
