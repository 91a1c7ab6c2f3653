import { groupBox } from '@heliograph/box/box-id';
import { reactionSeal, sealReaction } from '@heliograph/box/reactions';
import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import { emojiOf } from '@heliograph/client-api/reaction-emoji';
import type { Deps } from '../../deps';
import { REACTIONS_UNIQUE_MAX } from '../../limits';
import { outcomeUpdates } from '../../messages/answer';
import { changeChannel } from '../../messages/channel-act';
import { submitAct } from '../../messages/group-act';
import { namedGroup } from '../../messages/group-view';
import { isChannel, openChannel } from '../../messages/named-channel';

/**
 * Which reactions members of a group or a channel may give; none takes nothing back that was given (docs: core.telegram.org/method/messages.setChatAvailableReactions).
 * Custom emoji are for premium accounts, of which there are none: to allow them changes nothing. Of kinds of reactions on a message there may
 * be as many as everywhere, REACTIONS_UNIQUE_MAX, which apps say each time; fewer of one's own and paid reactions are not built: NOT_IMPLEMENTED.
 */
export const setChatAvailableReactions: Method<Deps, 'messages.setChatAvailableReactions'> = async (deps, caller, request) => {
  const channel = isChannel(request.peer) ? await openChannel(deps, caller, request.peer) : undefined;
  const box = channel?.box ?? groupBox((await namedGroup(deps, caller, request.peer)).chatId);
  if ((request.reactions_limit ?? REACTIONS_UNIQUE_MAX) !== REACTIONS_UNIQUE_MAX || request.paid_enabled) throw badRequest('NOT_IMPLEMENTED');
  const available = request.available_reactions;
  const emoji = available._ === 'chatReactionsSome' ? [...new Set(available.reactions.map(emojiOf))] : [];
  const seal = await reactionSeal(deps.keyring, deps.dc, caller.userId, box);
  const reactions = { all: available._ === 'chatReactionsAll', some: emoji.map((each) => sealReaction(seal, caller.userId, box, each)) };
  const act = { case: 'setReactions' as const, value: { reactions } };
  return channel ? changeChannel(deps, caller, box, act) : outcomeUpdates(deps, caller, await submitAct(deps, caller, -box, act));
};
