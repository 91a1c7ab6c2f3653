import { isGroupBox } from '@heliograph/box/box-id';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { chosenOptions } from '../../domain/poll';
import { outcomeUpdates } from '../../messages/answer';
import { submitAct } from '../../messages/group-act';
import { namedPeer } from '../../messages/peer';
import { findPoll } from '../../messages/polls';
import { admit } from '../../messages/send';
import { submit } from '../../messages/submit';

/**
 * Votes in a poll, in place of the caller's earlier vote; without options it takes that back (docs: core.telegram.org/method/messages.sendVote).
 * Throws MESSAGE_ID_INVALID, OPTION_INVALID, OPTIONS_TOO_MUCH, MESSAGE_POLL_CLOSED, REVOTE_NOT_ALLOWED.
 */
export const sendVote: Method<Deps, 'messages.sendVote'> = async (deps, caller, request) => {
  const peer = await namedPeer(deps, caller, request.peer);
  const { record, media } = await findPoll(deps, caller, peer, request.msg_id, 'MESSAGE_ID_INVALID');
  const options = chosenOptions(media, request.options);
  const outcome = isGroupBox(peer)
    ? await submitAct(deps, caller, -peer, { case: 'vote', value: { id: record.uid?.id ?? 0, options } })
    : await submit(deps, caller, { case: 'vote', value: { id: record.id, options, noDeliver: (await admit(deps, caller.userId, peer)).noDeliver } });
  deps.presence.touch(caller.userId);
  return outcomeUpdates(deps, caller, outcome);
};
