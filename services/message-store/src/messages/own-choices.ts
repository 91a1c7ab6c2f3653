import type { BoxUpdate, MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { BoxReader } from '../engine/contract';

/** What people choose at messages of a channel in rows of their own (votes, reactions): the message has a tally of it, and says nothing of most who chose. */
export interface Choices<T> {
  /** Whether there are such rows of the message. */
  isTallied(record: MessageRecord): boolean;
  /** What somebody chose at these messages, in the order asked. */
  read(reader: BoxReader, user: number, ids: readonly number[]): Promise<(T | undefined)[]>;
  /** The message with what somebody chose (undefined: nothing) among what it names. */
  put(record: MessageRecord, user: number, chosen: T | undefined): MessageRecord;
}

/** Those of others, and `chosen`, oldest first. */
export function besideOthers<T extends { user: bigint; version: bigint }>(all: readonly T[], user: number, chosen: T | undefined): T[] {
  const others = all.filter((each) => Number(each.user) !== user);
  return chosen === undefined ? others : [...others, chosen].sort((a, b) => (a.version < b.version ? -1 : 1));
}

/** The message that a change shows. */
export function messageIn({ change }: BoxUpdate): MessageRecord | undefined {
  return change.case === 'message' || change.case === 'edited' || change.case === 'poll' ? change.value : undefined;
}

/** Messages of a channel as they are, with what the viewer (0: nobody) chose, in the order given. */
export async function withOwn<T>(choices: Choices<T>, reader: BoxReader, viewer: number, records: readonly MessageRecord[]): Promise<MessageRecord[]> {
  const tallied = viewer === 0 ? [] : records.filter((record) => choices.isTallied(record));
  if (tallied.length === 0) return [...records];
  const chosen = await choices.read(reader, viewer, tallied.map(({ id }) => id));
  const own = new Map(tallied.map((record, index) => [record, chosen[index]]));
  return records.map((record) => (own.has(record) ? choices.put(record, viewer, own.get(record)) : record));
}

/** The same for changes of a channel. `open`: its box, which is read where a message needs it. */
export async function changesWithOwn<T>(choices: Choices<T>, open: () => Promise<BoxReader>, viewer: number, changes: readonly BoxUpdate[]): Promise<BoxUpdate[]> {
  const talliedIn = (update: BoxUpdate): MessageRecord | undefined => {
    const record = messageIn(update);
    return record !== undefined && choices.isTallied(record) ? record : undefined;
  };
  if (viewer === 0 || !changes.some((update) => talliedIn(update) !== undefined)) return [...changes];
  const reader = await open();
  return Promise.all(changes.map(async (update) => {
    const record = talliedIn(update);
    if (record === undefined) return update;
    const [value] = await withOwn(choices, reader, viewer, [record]);
    return { ...update, change: { ...update.change, value } as BoxUpdate['change'] };
  }));
}
