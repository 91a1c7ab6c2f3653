import type { BoxUpdate, Reaction } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { besideOthers, type Choices } from './own-choices';

/** Reactions to messages of channels. */
export const REACTIONS: Choices<Reaction> = {
  isTallied: ({ reactionTally }) => (reactionTally?.people ?? 0) > 0,
  read: (reader, user, ids) => reader.reactionsOf(user, ids),
  put: (record, user, reaction) => ({ ...record, reactions: besideOthers(record.reactions, user, reaction) }),
};

/** What a reaction itself changed, as who gave it sees it: rows may not have it yet. */
export function changesOfReaction(changes: readonly BoxUpdate[], reaction: Reaction): BoxUpdate[] {
  return changes.map((update) => {
    const { change } = update;
    if (change.case !== 'edited' || change.value.reactionTally === undefined) return update;
    return { ...update, change: { case: 'edited', value: REACTIONS.put(change.value, Number(reaction.user), reaction.sealed.length > 0 ? reaction : undefined) } };
  });
}
