import { isChannelBox, isGroupBox } from '@heliograph/box/box-id';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { chosenOptions } from '../../domain/poll';
import { outcomeUpdates } from '../../messages/answer';
import { changeInChannel } from '../../messages/channel-answer';
import { submitAct } from '../../messages/group-act';
import { findPoll } from '../../messages/polls';
import { admit } from '../../messages/send';
import { submit } from '../../messages/submit';

/**
 * Votes in a poll, in place of the caller's earlier vote; without options it takes that back (docs: core.telegram.org/method/messages.sendVote).
 * Throws MESSAGE_ID_INVALID, OPTION_INVALID, OPTIONS_TOO_MUCH, MESSAGE_POLL_CLOSED, REVOTE_NOT_ALLOWED.
 */
export const sendVote: Method<Deps, 'messages.sendVote'> = async (deps, caller, request) => {
  const { peer, record, media } = await findPoll(deps, caller, request.peer, request.msg_id, 'MESSAGE_ID_INVALID');
  const options = chosenOptions(media, request.options);
  deps.presence.touch(caller.userId);
  if (isChannelBox(peer)) return changeInChannel(deps, caller, peer, { act: { case: 'vote', value: { $typeName: 'heliograph.box.v1.ChannelVote', id: record.id, options } } });
  return outcomeUpdates(deps, caller, isGroupBox(peer)
    ? await submitAct(deps, caller, -peer, { case: 'vote', value: { id: record.uid?.id ?? 0, options } })
    : await submit(deps, caller, { case: 'vote', value: { id: record.id, options, noDeliver: (await admit(deps, caller.userId, peer)).noDeliver } }));
};
