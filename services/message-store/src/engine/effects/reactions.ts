import type { MessageRecord, Reaction } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Change } from '../change';
import { REACTIONS_MAX, UNREAD_REACTIONS_MAX } from '../limits';
import { tellEdited } from './edited';

/**
 * Puts somebody's reaction in place of their earlier one, or takes it back (nothing is sealed in it). It takes a pts as an edit does, whatever was
 * there before: what a repetition finds may be later than the command (messageAsOf), so nothing but the row may depend on it. `before` is alive.
 * @param author in a supergroup: to whom the reaction is new
 */
export function applyReaction(change: Change, before: MessageRecord, { user, sealed, token, big }: Reaction, author = 0n): void {
  const isSet = sealed.length > 0;
  const unread = isSet && before.out && Number(user) !== change.box;
  const others = before.reactions.filter((other) => other.user !== user);
  const reactions = isSet ? [...others, { $typeName: 'heliograph.box.v1.Reaction' as const, user, date: change.date, sealed, token, big, unread, version: 0n, previous: 0n }].slice(-REACTIONS_MAX) : others;
  tellEdited(change, { ...before, reactions, reactionsVersion: change.version, editPts: change.pts + 1 });
  change.announce({ case: 'reactions', value: { $typeName: 'heliograph.box.v1.ReactionsChanged', peer: before.peer, id: before.id, reactions, author } });
  const peer = Number(before.peer);
  const known = change.dialog(peer)?.unreadReactions ?? [];
  const kept = known.filter((each) => each.id !== before.id || each.user !== user);
  if (!unread && kept.length === known.length) return;
  if (unread) kept.push({ $typeName: 'heliograph.box.v1.UnreadReaction', id: before.id, user });
  change.editDialog(peer).unreadReactions = kept.slice(-UNREAD_REACTIONS_MAX);
}

/** What takes somebody's reaction away. */
export const takenBack = (user: bigint): Reaction => ({ $typeName: 'heliograph.box.v1.Reaction', user, date: 0, sealed: new Uint8Array(0), token: 0n, big: false, unread: false, version: 0n, previous: 0n });

/** Whether reactions to the message were not seen. The dialog says so, which is as of the command. */
export function hasUnreadReactions(change: Change, { peer, id }: MessageRecord): boolean {
  return change.state.dialogs.get(Number(peer))?.unreadReactions.some((unread) => unread.id === id) ?? false;
}

/** What changes of a message when its reactions are seen. */
export function seenReactions(change: Change, { reactions }: MessageRecord): Pick<MessageRecord, 'reactions' | 'reactionsVersion'> {
  return { reactions: reactions.map((reaction) => ({ ...reaction, unread: false })), reactionsVersion: change.version };
}

/** The reactions to these messages count as seen in their dialog. */
export function seeReactions(change: Change, peer: number, ids: ReadonlySet<number>): void {
  const dialog = change.editDialog(peer);
  dialog.unreadReactions = dialog.unreadReactions.filter(({ id }) => !ids.has(id));
}
