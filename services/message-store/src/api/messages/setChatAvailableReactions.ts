import { reactionSeal, sealReaction } from '@heliograph/box/reactions';
import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { emojiOf } from '../../domain/reactions';
import { groupBox } from '@heliograph/box/box-id';
import { outcomeUpdates } from '../../messages/answer';
import { submitAct } from '../../messages/group-act';
import { namedGroup } from '../../messages/group-view';

/**
 * Which reactions members of a basic group may give; none takes nothing back that was given (docs: core.telegram.org/method/messages.setChatAvailableReactions).
 * Custom emoji are for premium accounts, of which there are none: to allow them changes nothing. A limit of one's own and paid reactions are for channels: NOT_IMPLEMENTED.
 */
export const setChatAvailableReactions: Method<Deps, 'messages.setChatAvailableReactions'> = async (deps, caller, request) => {
  const { chatId } = await namedGroup(deps, caller, request.peer);
  if (request.reactions_limit !== undefined || request.paid_enabled) throw badRequest('NOT_IMPLEMENTED');
  const available = request.available_reactions;
  const emoji = available._ === 'chatReactionsSome' ? [...new Set(available.reactions.map(emojiOf))] : [];
  const group = groupBox(chatId);
  const seal = await reactionSeal(deps.keyring, deps.dc, caller.userId, group);
  const reactions = { all: available._ === 'chatReactionsAll', some: emoji.map((each) => sealReaction(seal, caller.userId, group, each)) };
  return outcomeUpdates(deps, caller, await submitAct(deps, caller, chatId, { case: 'setReactions', value: { reactions } }));
};
