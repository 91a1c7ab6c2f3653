import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { PAGE_ROWS_MAX, PARTICIPANT_REACTIONS_MESSAGES_MAX } from '../../limits';
import { deleteReactions, reactionsOf } from '../../messages/reactions-of';

/**
 * Takes away somebody's reactions in a group, those to its newest PARTICIPANT_REACTIONS_MESSAGES_MAX messages, for its admins who may delete messages
 * (docs: core.telegram.org/method/messages.deleteParticipantReactions). Throws as `reactionsOf`.
 */
export const deleteParticipantReactions: Method<Deps, 'messages.deleteParticipantReactions'> = async (deps, caller, request) => {
  const whose = await reactionsOf(deps, caller, request.peer, request.participant);
  let maxId = 0;
  for (let seen = 0; seen < PARTICIPANT_REACTIONS_MESSAGES_MAX;) {
    const page = await whose.reader.history({ peer: whose.peer, maxId, minId: 0, limit: PAGE_ROWS_MAX });
    const last = page.at(-1);
    if (last === undefined) break;
    await deleteReactions(deps, caller, whose, page);
    seen += page.length;
    maxId = last.id;
  }
  return true;
};
