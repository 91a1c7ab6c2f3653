import type { MessageContent } from '@heliograph/box/content';
import { dialogSeal } from '@heliograph/box/dialog-key';
import { isChannelBox } from '@heliograph/box/box-id';
import { peerOf } from '@heliograph/box/render-peer';
import { badRequest, RpcError } from '@heliograph/client-api/rpc-error';
import type { CallerContext, Method } from '@heliograph/client-api/method';
import type { MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { MessagesForwardMessagesRequest, TypeUpdate, Updates } from '@heliograph/tl/api';
import type { Deps } from '../../deps';
import { forwardedContent } from '../../domain/forward';
import { REQUEST_IDS_MAX } from '../../limits';
import { emptyUpdates } from '../../messages/answer';
import { postInChannel, postedUpdates } from '../../messages/channel-post';
import { forwardable } from '../../messages/forwardable';
import { openChannel } from '../../messages/named-channel';
import { originOf } from '../../messages/origin';
import { namedPeer, refuseSendAs } from '../../messages/peer';
import { pollToForward } from '../../messages/polls';
import { admitToSchedule, keepForLater, scheduleTime } from '../../messages/schedule';
import { admit, sendBody, sentMessage, sentUpdates, type Outgoing } from '../../messages/send';
import { speakerOf } from '../../messages/send-as';
import { submitSends } from '../../messages/set-ttl';

/**
 * Sends copies of messages of one chat to another, in the order asked, with a header that names the origin unless `drop_author`
 * (docs: core.telegram.org/method/messages.forwardMessages).
 * Those that are gone are passed over: their random ids are not in the answer.
 */
export const forwardMessages: Method<Deps, 'messages.forwardMessages'> = async (deps, caller, request) => {
  if (request.schedule_repeat_period !== undefined || request.quick_reply_shortcut !== undefined || request.suggested_post || request.reply_to || request.from_ephemeral) throw badRequest('NOT_IMPLEMENTED');
  if (request.effect !== undefined) throw badRequest('EFFECT_ID_INVALID');
  if (request.id.length === 0) throw badRequest('MESSAGE_IDS_EMPTY');
  if (request.id.length > REQUEST_IDS_MAX) throw badRequest('LIMIT_INVALID');
  if (request.random_id.length !== request.id.length) throw badRequest('RANDOM_ID_INVALID');
  if (new Set(request.random_id).size !== request.random_id.length) throw new RpcError(500, 'RANDOM_ID_DUPLICATE');
  const at = scheduleTime(request.schedule_date, caller.date);
  const to = await namedPeer(deps, caller, request.to_peer);
  const sources = await forwardable(deps, caller, request.from_peer, request.id);
  const copies: Outgoing[] = [];
  for (const { record, content: original, index } of sources) {
    const peer = Number(record.peer);
    const content: MessageContent = forwardedContent(original, {
      ...originOf(record),
      date: record.date,
      dropAuthor: request.drop_author ?? false,
      poll: pollToForward(deps, caller, record, original, request.drop_author ?? false),
      savedFrom: to === caller.userId ? { peer: peerOf(peer), id: record.id } : undefined,
    });
    copies.push({ peer: to, randomId: request.random_id[index] ?? 0n, content, silent: request.silent, noforwards: request.noforwards });
  }
  if (isChannelBox(to) && at === undefined) return forwardToChannel(deps, caller, request, copies).then((updates) => counted(deps, sources, updates));
  if (!isChannelBox(to)) refuseSendAs(deps, caller, request.send_as);
  const admission = await admit(deps, caller.userId, to);
  const target = await dialogSeal(deps.keyring, deps.dc, caller.userId, to);
  if (at !== undefined) {
    await admitToSchedule(deps, caller, to);
    const sendAs = isChannelBox(to) ? await speakerOf(deps, caller, await openChannel(deps, caller, request.to_peer), request.send_as) : 0;
    const kept = await Promise.all(copies.map((copy) => keepForLater(deps, caller, target, at, { ...copy, sendAs })));
    return emptyUpdates(caller, kept.flat());
  }
  // Submitted in one go: the box applies them in this order.
  const outcomes = await submitSends(deps, caller, admission, to, copies.map((copy) => sendBody(caller.userId, target, admission, copy)));
  deps.presence.touch(caller.userId);
  const ids: TypeUpdate[] = [];
  const messages: TypeUpdate[] = [];
  for (const [index, outcome] of outcomes.entries()) {
    const [id, message] = sentUpdates(copies[index]?.randomId ?? 0n, await sentMessage(deps, caller, outcome));
    if (id) ids.push(id);
    if (message) messages.push(message);
  }
  return counted(deps, sources, emptyUpdates(caller, [...ids, ...messages]));
};

/** Posts of a broadcast know how often they were forwarded. */
async function counted<T>(deps: Pick<Deps, 'postCounts'>, sources: readonly { record: MessageRecord }[], answer: T): Promise<T> {
  const posts = sources.filter(({ record }) => record.from === 0n && isChannelBox(Number(record.peer)));
  const [first] = posts;
  if (first) await deps.postCounts.count(Number(first.record.peer), posts.map(({ record }) => record.id), { forwarded: true });
  return answer;
}

async function forwardToChannel(deps: Deps, caller: CallerContext, request: MessagesForwardMessagesRequest, copies: readonly Outgoing[]): Promise<Updates> {
  const channel = await openChannel(deps, caller, request.to_peer);
  const sendAs = await speakerOf(deps, caller, channel, request.send_as);
  const answers = await postInChannel(deps, caller, channel, copies.map((copy) => ({ ...copy, sendAs })));
  deps.presence.touch(caller.userId);
  return emptyUpdates(caller, await postedUpdates(deps, caller, channel.box, copies.map(({ randomId }) => randomId), answers));
}
