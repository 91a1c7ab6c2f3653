import { renderUpdates } from '@heliograph/box/render-update';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { emptyUpdates } from '../../messages/answer';
import { userPeer } from '../../messages/peer';
import { admit, send, sentMessage } from '../../messages/send';
import { submit } from '../../messages/submit';

/**
 * Pins a message for both sides (`pm_oneside`: for oneself alone, without a notice) or lets it go. A pin for both leaves a notice in
 * the chat (docs: core.telegram.org/method/messages.updatePinnedMessage).
 */
export const updatePinnedMessage: Method<Deps, 'messages.updatePinnedMessage'> = async (deps, caller, request) => {
  const peer = userPeer(deps, caller, request.peer);
  const reader = await deps.engine.read(caller.userId);
  const [record] = await reader.messages([request.id]);
  if (!record || Number(record.peer) !== peer || record.content?.service) throw badRequest('MESSAGE_ID_INVALID');
  const unpin = request.unpin ?? false;
  const admission = unpin ? { noDeliver: false } : await admit(deps, caller.userId, peer);
  const oneside = (request.pm_oneside ?? false) || peer === caller.userId || admission.noDeliver;
  const outcome = await submit(deps, caller, { case: 'pin', value: { peer: BigInt(peer), id: record.id, unpin, oneside } });
  const { updates } = await renderUpdates(deps.keyring, caller.userId, outcome.updates, caller.date);
  // A pin that changed nothing (a repeated call) leaves no second notice.
  if (unpin || request.pm_oneside || updates.length === 0) return emptyUpdates(caller, updates);
  const notice = await send(deps, caller, admission, {
    peer,
    randomId: Buffer.from(deps.random(8)).readBigInt64LE(0),
    content: { _: 'heliograph.messageContent', message: '', action: { _: 'messageActionPinMessage' } },
    silent: request.silent,
    replyTo: { uid: record.uid, localId: record.id },
  });
  const { message, pts } = await sentMessage(deps, caller, notice);
  return emptyUpdates(caller, [...updates, { _: 'updateNewMessage', message, pts, pts_count: 1 }]);
};
