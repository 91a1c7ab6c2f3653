import { BANNED } from '@heliograph/box/group-rights';
import type { GroupDeleteReaction, GroupReact, GroupReactions, GroupSetReactions, MessageRecord, Reaction } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { readMessages, type Change, type Effect } from '../../change';
import { GROUP_REACTIONS_MAX } from '../../limits';
import { takenBack } from '../reactions';
import type { Group } from './group';
import { isAdmin, mayAct } from './rights';

/** A member reacts to a message, in everybody's box that has it; the group's own keeps none. Who may not react any more can still take back. */
export function* reactToPost(_change: Change, group: Group, { id, reaction }: GroupReact): Effect {
  const [record] = yield* readMessages([id]);
  if (record === undefined || record.deletedVersion !== 0n || reaction === undefined) return group.refuse('MESSAGE_ID_INVALID');
  if (reaction.sealed.length > 0) {
    if (!mayAct(group, BANNED.send_reactions)) return group.refuse('CHAT_WRITE_FORBIDDEN');
    if (!takesReaction(group.record?.reactions, reaction.token)) return group.refuse('REACTION_INVALID');
  }
  tellReaction(group, record, { ...reaction, user: BigInt(group.actor) });
}

/** An admin takes what a member, or who was one, felt about a message. */
export function* deleteReaction(group: Group, { id, participant }: GroupDeleteReaction): Effect {
  if (!isAdmin(group, group.actor)) return group.refuse('CHAT_ADMIN_REQUIRED');
  const [record] = yield* readMessages([id]);
  if (record === undefined || record.deletedVersion !== 0n) return group.refuse('MESSAGE_ID_INVALID');
  tellReaction(group, record, takenBack(participant));
}

function tellReaction(group: Group, { uid }: MessageRecord, reaction: Reaction): void {
  for (const user of group.present()) group.derive(user, { case: 'reactCopy', value: { $typeName: 'heliograph.box.v1.ReactCopy', uid, reaction } }, true);
}

/** Which reactions the group takes: those who may change its description say so. */
export function setReactions(group: Group, { reactions }: GroupSetReactions): void {
  if (!mayAct(group, BANNED.change_info)) return group.refuse('CHAT_ADMIN_REQUIRED');
  if (reactions === undefined || reactions.some.length > GROUP_REACTIONS_MAX) return group.refuse('REACTION_INVALID');
  if (areEqualReactions(group.record?.reactions, reactions)) return group.refuse('CHAT_NOT_MODIFIED');
  group.editRecord({ reactions });
  group.tell({ case: 'other', value: true });
}

export const takesReaction = (reactions: GroupReactions | undefined, token: bigint): boolean => reactions === undefined || reactions.all || reactions.some.some((each) => each.token === token);

/** Any, or the same ones, in whatever order. */
export function areEqualReactions(a: GroupReactions | undefined, b: GroupReactions): boolean {
  if (a === undefined || a.all || b.all) return (a === undefined || a.all) && b.all;
  const tokens = new Set(a.some.map(({ token }) => token));
  return tokens.size === new Set(b.some.map(({ token }) => token)).size && b.some.every(({ token }) => tokens.has(token));
}
