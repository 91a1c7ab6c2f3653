import type { MessageContent } from '@heliograph/box/content';
import { dialogSeal } from '@heliograph/box/dialog-key';
import { peerOf, peerUser } from '@heliograph/box/render-message';
import { badRequest, RpcError } from '@heliograph/client-api/rpc-error';
import type { Method } from '@heliograph/client-api/method';
import type { MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { TypeUpdate } from '@heliograph/tl/api';
import type { Deps } from '../../deps';
import { forwardedContent } from '../../domain/forward';
import type { BoxReader } from '../../engine/contract';
import { REQUEST_IDS_MAX } from '../../limits';
import { emptyUpdates } from '../../messages/answer';
import { namedPeer, refuseSendAs } from '../../messages/peer';
import { pollToForward } from '../../messages/polls';
import { admitToSchedule, keepForLater, scheduleTime } from '../../messages/schedule';
import { admit, sendBody, sentMessage, sentUpdates, type Outgoing } from '../../messages/send';
import { submitSends } from '../../messages/set-ttl';
import { openAll } from '../../messages/views';

/**
 * Sends copies of messages of one chat to another, in the order asked, with a header that names the origin unless `drop_author`
 * (docs: core.telegram.org/method/messages.forwardMessages).
 */
export const forwardMessages: Method<Deps, 'messages.forwardMessages'> = async (deps, caller, request) => {
  if (request.schedule_repeat_period !== undefined || request.quick_reply_shortcut !== undefined || request.suggested_post || request.reply_to || request.from_ephemeral) throw badRequest('NOT_IMPLEMENTED');
  if (request.effect !== undefined) throw badRequest('EFFECT_ID_INVALID');
  refuseSendAs(deps, caller, request.send_as);
  if (request.id.length === 0) throw badRequest('MESSAGE_IDS_EMPTY');
  if (request.id.length > REQUEST_IDS_MAX) throw badRequest('LIMIT_INVALID');
  if (request.random_id.length !== request.id.length) throw badRequest('RANDOM_ID_INVALID');
  if (new Set(request.random_id).size !== request.random_id.length) throw new RpcError(500, 'RANDOM_ID_DUPLICATE');
  const at = scheduleTime(request.schedule_date, caller.date);
  const to = await namedPeer(deps, caller, request.to_peer);
  const reader = await deps.engine.read(caller.userId);
  const records = await reader.messages(request.id);
  // Clients may leave the source chat open: ids of private chats and basic groups are the box's own.
  const from = request.from_peer._ === 'inputPeerEmpty' ? undefined : await namedPeer(deps, caller, request.from_peer);
  const sources = records.map((record) => forwardable(reader, record, from));
  const admission = await admit(deps, caller.userId, to);
  const target = await dialogSeal(deps.keyring, deps.dc, caller.userId, to);
  const copies: Outgoing[] = [];
  for (const [index, { record, content: original }] of (await openAll(deps, caller.userId, sources)).entries()) {
    const peer = Number(record.peer);
    const content: MessageContent = forwardedContent(original, {
      author: peerUser(Number(record.from)),
      date: record.date,
      dropAuthor: request.drop_author ?? false,
      poll: pollToForward(deps, caller, record, original, request.drop_author ?? false),
      savedFrom: to === caller.userId ? { peer: peerOf(peer), id: record.id } : undefined,
    });
    copies.push({ peer: to, randomId: request.random_id[index] ?? 0n, content, silent: request.silent, noforwards: request.noforwards });
  }
  if (at !== undefined) {
    await admitToSchedule(deps, caller, to);
    const kept = await Promise.all(copies.map((copy) => keepForLater(deps, caller, target, at, copy)));
    return emptyUpdates(caller, kept.flat());
  }
  // Submitted in one go: the box applies them in this order.
  const outcomes = await submitSends(deps, caller, admission, to, copies.map((copy) => sendBody(caller.userId, target, admission, copy)));
  deps.presence.touch(caller.userId);
  const ids: TypeUpdate[] = [];
  const messages: TypeUpdate[] = [];
  for (const [index, outcome] of outcomes.entries()) {
    const [id, message] = sentUpdates(request.random_id[index] ?? 0n, await sentMessage(deps, caller, outcome));
    if (id) ids.push(id);
    if (message) messages.push(message);
  }
  return emptyUpdates(caller, [...ids, ...messages]);
};

function forwardable(reader: BoxReader, record: MessageRecord | undefined, from: number | undefined): MessageRecord {
  if (!record || (from !== undefined && Number(record.peer) !== from) || record.content?.service) throw badRequest('MESSAGE_ID_INVALID');
  // What was written before a group was protected is, too.
  if (record.noforwards || reader.dialog(Number(record.peer))?.view?.noforwards) throw badRequest('CHAT_FORWARDS_RESTRICTED');
  return record;
}
