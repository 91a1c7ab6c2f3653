import type { BoxUpdate, MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { MessageReplies } from '@heliograph/tl/api';

/** Who looks at a channel's messages, which no box has a copy of, and what is shown to him beside what their records say. */
export interface ChannelSight {
  /** A user; 0: nobody in particular, as most see it. */
  readonly viewer: number;
  /** Whether a message that names the viewer is new to him. Absent: all are. */
  isUnread?(id: number): boolean;
  /** Whether somebody's reaction to a message of the viewer is new to him. Absent: that isn't known. */
  isUnreadReaction?(id: number, user: number): boolean;
  /** How many have seen a broadcast's post, and how often it was forwarded. */
  countsOf?(id: number): { views: number; forwards: number } | undefined;
  /** The comments on a broadcast's post; undefined: there are none to be had. Absent: what is pushed says of a new post that there are none yet. */
  commentsOn?(id: number): MessageReplies | undefined;
  /** Up to where the viewer has read the thread that begins with a message; 0: nothing of it. */
  readUpTo?(id: number): number;
  /** What the author of a supergroup's message is called now. Absent: what he was called when he wrote it. */
  rankOf?(user: number): string | undefined;
}

export const EVERYBODY: ChannelSight = { viewer: 0 };

/** Whether what only the viewer's own box and votes say is known. It isn't where something is pushed to those who are there. */
export const isOfOne = (sight: ChannelSight): boolean => sight.isUnreadReaction !== undefined;

type Written = Pick<MessageRecord, 'author' | 'from'>;

/** The user who wrote it, by whatever name it was posted. */
export const authorOf = ({ author, from }: Written): number => Number(author || from);

/** Whether it is the viewer's own. */
export const isOutgoingTo = (viewer: number, record: Written): boolean => viewer !== 0 && authorOf(record) === viewer;

/** Whether it names the viewer, or answers him; nobody names himself. */
export const isMentioned = (viewer: number, record: Written & Pick<MessageRecord, 'mentions'>): boolean => {
  return viewer !== 0 && record.mentions.some((user) => Number(user) === viewer) && !isOutgoingTo(viewer, record);
};

/** Users to whom a change of a channel's box looks otherwise than to most, and how: those of equal marks see the same. */
export function viewersApart(updates: readonly BoxUpdate[]): Map<number, string> {
  const marks = new Map<number, string>();
  updates.forEach(({ change }, index) => {
    const mark = (user: number, kind: string): void => {
      if (user > 0) marks.set(user, `${marks.get(user) ?? ''}${index}${kind}`);
    };
    if (change.case === 'message' || change.case === 'edited') {
      const author = authorOf(change.value);
      mark(author, 'o');
      for (const user of new Set(change.value.mentions.map(Number))) if (user !== author) mark(user, 'm');
    } else if (change.case === 'reactions') {
      mark(Number(change.value.author), 'a');
    } else if (change.case === 'channel') {
      mark(Number(change.value.firstReader), 'r');
      mark(Number(change.value.participant), 'p');
    }
  });
  return marks;
}
