import type { BoxUpdate, MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { BoxReader } from '../engine/contract';

type VoteReader = Pick<BoxReader, 'votesOf'>;

/** Whether it is a poll of a channel whose votes are rows of their own, and there are some. */
const isTallied = (record: MessageRecord | undefined): record is MessageRecord => (record?.pollTally?.voters ?? 0) > 0;

/** The message that a change shows. */
export function messageIn({ change }: BoxUpdate): MessageRecord | undefined {
  return change.case === 'message' || change.case === 'edited' || change.case === 'poll' ? change.value : undefined;
}

/** Messages of a channel as they are, polls among them with what the viewer (0: nobody) chose, in the order given. */
export async function withOwnVotes(reader: VoteReader, viewer: number, records: readonly MessageRecord[]): Promise<MessageRecord[]> {
  const polls = viewer === 0 ? [] : records.filter(isTallied);
  if (polls.length === 0) return [...records];
  const votes = await reader.votesOf(viewer, polls.map(({ id }) => id));
  const own = new Map(polls.map((record, index) => [record, votes[index]]));
  return records.map((record) => {
    if (!own.has(record)) return record;
    const vote = own.get(record);
    const others = record.pollVotes.filter(({ user }) => Number(user) !== viewer);
    return { ...record, pollVotes: vote === undefined ? others : [...others, vote].sort((a, b) => (a.version < b.version ? -1 : 1)) };
  });
}

/** The same for changes of a channel. `open`: its box, which is read where a poll needs it. */
export async function changesWithOwnVotes(open: () => Promise<VoteReader>, viewer: number, changes: readonly BoxUpdate[]): Promise<BoxUpdate[]> {
  if (viewer === 0 || !changes.some((update) => isTallied(messageIn(update)))) return [...changes];
  const reader = await open();
  return Promise.all(changes.map(async (update) => {
    const record = messageIn(update);
    if (!isTallied(record)) return update;
    const [value] = await withOwnVotes(reader, viewer, [record]);
    return { ...update, change: { ...update.change, value } as BoxUpdate['change'] };
  }));
}
