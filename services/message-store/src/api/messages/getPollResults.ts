import { renderPollUpdate } from '@heliograph/box/polls';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { emptyUpdates } from '../../messages/answer';
import { findPoll } from '../../messages/polls';

/**
 * How a poll looks now; its question and answers only where the client has others (docs: core.telegram.org/method/messages.getPollResults).
 * Throws MESSAGE_ID_INVALID.
 */
export const getPollResults: Method<Deps, 'messages.getPollResults'> = async (deps, caller, request) => {
  const { record, media } = await findPoll(deps, caller, request.peer, request.msg_id, 'MESSAGE_ID_INVALID');
  const update = renderPollUpdate(record, media, caller.userId);
  if (request.poll_hash !== 0n && update.poll?.hash === request.poll_hash) delete update.poll;
  return emptyUpdates(caller, [update]);
};
