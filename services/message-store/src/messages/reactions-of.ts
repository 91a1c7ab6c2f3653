import { groupBox, isChannelBox } from '@heliograph/box/box-id';
import { adminRights } from '@heliograph/box/channel-rights';
import { ADMIN } from '@heliograph/box/group-rights';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { CallerContext } from '@heliograph/client-api/method';
import type { MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { TypeInputPeer, Updates } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import { emptyUpdates, outcomeUpdates } from './answer';
import { changeInChannel } from './channel-answer';
import { participantOf } from './channel-participants';
import type { ChatReader } from './chat-messages';
import { submitAct } from './group-act';
import { isAdminOf, namedGroup } from './group-view';
import { isChannel, openChannel } from './named-channel';

/** Reactions in a group that an admin takes away: whose, and where. */
export interface ReactionsOf {
  readonly peer: number;
  readonly reader: Pick<ChatReader, 'history' | 'messages'>;
  readonly participant: number;
}

/**
 * The reactions of somebody in a basic group or supergroup, for its admins who may delete messages.
 * Throws PEER_ID_INVALID (another chat), PARTICIPANT_ID_INVALID, CHAT_ADMIN_REQUIRED, and as `openChannel`.
 */
export async function reactionsOf(deps: Pick<Deps, 'channels' | 'engine' | 'peers'>, caller: CallerContext, input: TypeInputPeer, whose: TypeInputPeer): Promise<ReactionsOf> {
  const chat = isChannel(input) ? await inSupergroup(deps, caller, input) : await inGroup(deps, caller, input);
  const participant = participantOf(deps, caller, whose);
  if (participant === undefined) throw badRequest('PARTICIPANT_ID_INVALID');
  return { ...chat, participant };
}

async function inSupergroup(deps: Pick<Deps, 'channels' | 'peers'>, caller: CallerContext, input: TypeInputPeer): Promise<Omit<ReactionsOf, 'participant'>> {
  const channel = await openChannel(deps, caller, input);
  if (channel.record.broadcast) throw badRequest('PEER_ID_INVALID');
  if (!(adminRights(channel.record, caller.userId) & ADMIN.delete_messages)) throw badRequest('CHAT_ADMIN_REQUIRED');
  return { peer: channel.box, reader: channel };
}

async function inGroup(deps: Pick<Deps, 'engine' | 'peers'>, caller: CallerContext, input: TypeInputPeer): Promise<Omit<ReactionsOf, 'participant'>> {
  const { chatId, view } = await namedGroup(deps, caller, input);
  if (!isAdminOf(view, caller.userId)) throw badRequest('CHAT_ADMIN_REQUIRED');
  return { peer: groupBox(chatId), reader: await deps.engine.read(caller.userId) };
}

/** Takes those to these messages away; what changed, for the caller's own session. */
export async function deleteReactions(deps: Pick<Deps, 'channels' | 'dc' | 'engine' | 'keyring'>, caller: CallerContext, { peer, participant }: ReactionsOf, messages: readonly MessageRecord[]): Promise<Updates> {
  // Of reactions that are rows the channel knows whose they are.
  const reacted = messages.filter(({ reactions, reactionTally }) => (reactionTally === undefined ? reactions.some(({ user }) => Number(user) === participant) : reactionTally.people > 0));
  if (reacted.length === 0) return emptyUpdates(caller);
  if (isChannelBox(peer)) return changeInChannel(deps, caller, peer, { act: { case: 'deleteReactions', value: { participant: BigInt(participant), ids: reacted.map(({ id }) => id) } } });
  const told: Updates[] = [];
  for (const { uid } of reacted) {
    told.push(await outcomeUpdates(deps, caller, await submitAct(deps, caller, -peer, { case: 'deleteReaction', value: { id: uid?.id ?? 0, participant: BigInt(participant) } })));
  }
  return emptyUpdates(caller, told.flatMap(({ updates }) => updates));
}
