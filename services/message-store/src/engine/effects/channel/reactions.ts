import { ADMIN, BANNED } from '@heliograph/box/group-rights';
import type { ChannelReact, ChannelSetReactions } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { readMessages, type Effect } from '../../change';
import { GROUP_REACTIONS_MAX } from '../../limits';
import { areEqualReactions, takesReaction } from '../group/reactions';
import { applyReaction } from '../reactions';
import type { Channel } from './channel';

/** Somebody reacts to a message. Who may not react any more can still take back. */
export function* reactToPost(channel: Channel, { id, reaction }: ChannelReact): Effect {
  const { change, actor, record } = channel;
  const [before] = yield* readMessages([id]);
  if (before === undefined || before.deletedVersion !== 0n || reaction === undefined) return change.refuse('MESSAGE_ID_INVALID');
  if (reaction.sealed.length > 0) {
    if (channel.admin(actor) === undefined && !channel.isFree(BANNED.send_reactions)) return change.refuse('CHAT_WRITE_FORBIDDEN');
    if (!takesReaction(record.reactions, reaction.token)) return change.refuse('REACTION_INVALID');
  }
  const user = BigInt(actor);
  const { author } = before;
  const takenBack = reaction.sealed.length === 0;
  // Who writes for a broadcast is told nothing of its readers.
  const told = !record.broadcast && author > 0n && author !== user;
  applyReaction(change, before, { ...reaction, user }, told && !takenBack ? author : 0n);
  if (!told) return;
  change.derived.push({ box: Number(author), body: { case: 'channelReaction', value: { $typeName: 'heliograph.box.v1.ChannelReaction', channel: BigInt(channel.box), id, user, takenBack } } });
}

/** Which reactions the channel takes: those who may change its description say so. */
export function setReactions(channel: Channel, { reactions }: ChannelSetReactions): void {
  const { change, record } = channel;
  if (!channel.may(ADMIN.change_info, BANNED.change_info)) return change.refuse('CHAT_ADMIN_REQUIRED');
  if (reactions === undefined || reactions.some.length > GROUP_REACTIONS_MAX) return change.refuse('REACTION_INVALID');
  if (areEqualReactions(record.reactions, reactions)) return change.refuse('CHAT_NOT_MODIFIED');
  channel.editRecord({ reactions });
  channel.tell();
}
