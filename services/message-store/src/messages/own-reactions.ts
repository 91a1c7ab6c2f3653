import type { BoxUpdate, MessageRecord, Reaction } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { BoxReader } from '../engine/contract';
import { messageIn } from './own-votes';

type ReactionReader = Pick<BoxReader, 'reactionsOf'>;

/** Whether it is a message of a channel whose reactions are rows of their own, and there are some. */
const isTallied = (record: MessageRecord | undefined): record is MessageRecord => (record?.reactionTally?.people ?? 0) > 0;

/** The message with somebody's reaction among those that it names (undefined: without). */
export function withReaction(record: MessageRecord, user: number, reaction: Reaction | undefined): MessageRecord {
  const others = record.reactions.filter((each) => Number(each.user) !== user);
  return { ...record, reactions: reaction === undefined ? others : [...others, reaction].sort((a, b) => (a.version < b.version ? -1 : 1)) };
}

/** Messages of a channel as they are, with how the viewer (0: nobody) reacted, in the order given. */
export async function withOwnReactions(reader: ReactionReader, viewer: number, records: readonly MessageRecord[]): Promise<MessageRecord[]> {
  const tallied = viewer === 0 ? [] : records.filter(isTallied);
  if (tallied.length === 0) return [...records];
  const found = await reader.reactionsOf(viewer, tallied.map(({ id }) => id));
  const own = new Map(tallied.map((record, index) => [record, found[index]]));
  return records.map((record) => (own.has(record) ? withReaction(record, viewer, own.get(record)) : record));
}

/** The same for changes of a channel. `open`: its box, which is read where a message needs it. */
export async function changesWithOwnReactions(open: () => Promise<ReactionReader>, viewer: number, changes: readonly BoxUpdate[]): Promise<BoxUpdate[]> {
  if (viewer === 0 || !changes.some((update) => isTallied(messageIn(update)))) return [...changes];
  const reader = await open();
  return Promise.all(changes.map(async (update) => {
    const record = messageIn(update);
    if (!isTallied(record)) return update;
    const [value] = await withOwnReactions(reader, viewer, [record]);
    return { ...update, change: { ...update.change, value } as BoxUpdate['change'] };
  }));
}

/** What a reaction itself changed, as who gave it sees it: rows may not have it yet. */
export function changesOfReaction(changes: readonly BoxUpdate[], reaction: Reaction): BoxUpdate[] {
  return changes.map((update) => {
    const { change } = update;
    if (change.case !== 'edited' || change.value.reactionTally === undefined) return update;
    return { ...update, change: { case: 'edited', value: withReaction(change.value, Number(reaction.user), reaction.sealed.length > 0 ? reaction : undefined) } };
  });
}
