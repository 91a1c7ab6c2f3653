import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { reactableMessage } from '../../messages/reactions';
import { deleteReactions, reactionsOf } from '../../messages/reactions-of';

/**
 * Takes somebody's reaction from a message of a group, for its admins who may delete messages (docs: core.telegram.org/method/messages.deleteParticipantReaction). Where there is none,
 * nothing changes. Throws MESSAGE_ID_INVALID, and as `reactionsOf`.
 */
export const deleteParticipantReaction: Method<Deps, 'messages.deleteParticipantReaction'> = async (deps, caller, request) => {
  const whose = await reactionsOf(deps, caller, request.peer, request.participant);
  return deleteReactions(deps, caller, whose, [await reactableMessage(whose.reader, whose.peer, request.msg_id, 'MESSAGE_ID_INVALID')]);
};
