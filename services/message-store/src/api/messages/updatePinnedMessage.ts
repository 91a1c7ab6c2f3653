import { renderUpdates } from '@heliograph/box/render-update';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { CallerContext, Method } from '@heliograph/client-api/method';
import type { MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { MessagesUpdatePinnedMessageRequest, TypeUpdate, Updates } from '@heliograph/tl/api';
import type { Deps } from '../../deps';
import { isChannelBox, isGroupBox } from '@heliograph/box/box-id';
import { sealContent } from '@heliograph/box/content';
import { dialogSeal } from '@heliograph/box/dialog-key';
import { emptyUpdates } from '../../messages/answer';
import { submitAct } from '../../messages/group-act';
import { changeInChannel } from '../../messages/channel-answer';
import { openChannel } from '../../messages/named-channel';
import { namedPeer } from '../../messages/peer';
import { admit, send, sentMessage } from '../../messages/send';
import { submit } from '../../messages/submit';

/**
 * Pins a message for all in the chat (`pm_oneside`, in private chats: for oneself alone, without a notice) or lets it go. A pin for all leaves a
 * notice in the chat (docs: core.telegram.org/method/messages.updatePinnedMessage).
 */
export const updatePinnedMessage: Method<Deps, 'messages.updatePinnedMessage'> = async (deps, caller, request) => {
  const peer = await namedPeer(deps, caller, request.peer);
  if (isChannelBox(peer)) return pinInChannel(deps, caller, request);
  const reader = await deps.engine.read(caller.userId);
  const [record] = await reader.messages([request.id]);
  if (!record || Number(record.peer) !== peer || record.content?.service) throw badRequest('MESSAGE_ID_INVALID');
  const unpin = request.unpin ?? false;
  // Pinned or not as it is asked for (a repeated call): nothing is said again.
  if (isGroupBox(peer) && reader.dialog(peer)?.pinnedIds.includes(record.id) === !unpin) return emptyUpdates(caller);
  if (isGroupBox(peer)) return emptyUpdates(caller, await pinInGroup(deps, caller, -peer, record, unpin, request.silent ?? false));
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

/** In a group the group pins for all; the pin itself reaches this session like the others, as what came before the notice. */
async function pinInGroup(deps: Deps, caller: CallerContext, chatId: number, { uid }: MessageRecord, unpin: boolean, silent: boolean): Promise<TypeUpdate[]> {
  const outcome = await submitAct(deps, caller, chatId, { case: 'pin', value: { id: uid?.id ?? 0, unpin, silent } }, unpin ? undefined : { _: 'messageActionPinMessage' });
  return (await renderUpdates(deps.keyring, caller.userId, outcome.updates, caller.date)).updates;
}

/** In a channel, a pin leaves a notice in it. */
async function pinInChannel(deps: Deps, caller: CallerContext, { peer, id, unpin = false, silent }: MessagesUpdatePinnedMessageRequest): Promise<Updates> {
  const channel = await openChannel(deps, caller, peer);
  const { box } = channel;
  const [record] = await channel.messages([id]);
  if (!record || record.content?.service) throw badRequest('MESSAGE_ID_INVALID');
  const notice = unpin ? undefined : sealContent(await dialogSeal(deps.keyring, deps.dc, caller.userId, box), caller.userId, box, { _: 'heliograph.messageContent', message: '', action: { _: 'messageActionPinMessage' } });
  return changeInChannel(deps, caller, box, { act: { case: 'pin', value: { id, unpin, silent } }, notice: notice && { $typeName: 'heliograph.box.v1.Content', ...notice } });
}
