import { dialogSeal } from '@heliograph/box/dialog-key';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Method } from '@heliograph/client-api/method';
import type { MessagesSendMessageRequest, Updates, UpdateShortSentMessage } from '@heliograph/tl/api';
import type { Deps } from '../../deps';
import type { Outcome } from '../../engine/contract';
import type { CallerContext } from '@heliograph/client-api/method';
import { formatText } from '../../domain/formatted-text';
import { emptyUpdates } from '../../messages/answer';
import { findMentions } from '../../messages/mentions';
import { isChannel } from '../../messages/named-channel';
import { namedPeer, refuseSendAs, tryUser } from '../../messages/peer';
import { resolveReply } from '../../messages/reply';
import { admitToSchedule, keepForLater, scheduleTime } from '../../messages/schedule';
import { admit, send, sentMessage, sentUpdates, type Outgoing } from '../../messages/send';
import { sendInChannel } from '../../messages/send-in-channel';

/**
 * Sends a text to a user, to Saved Messages, to a basic group or to a channel (docs: core.telegram.org/method/messages.sendMessage). A repeated random_id is
 * answered like the first time. With a date to come it waits until then.
 */
export const sendMessage: Method<Deps, 'messages.sendMessage'> = async (deps, caller, request) => {
  refuseWhatIsNotBuilt(request);
  const { text, entities } = formatText(request.message, request.entities, (input) => tryUser(deps, caller, input));
  if (isChannel(request.peer)) return sendInChannel(deps, caller, request, { message: text, entities, no_webpage: request.no_webpage });
  refuseSendAs(deps, caller, request.send_as);
  const at = scheduleTime(request.schedule_date, caller.date);
  const peer = await namedPeer(deps, caller, request.peer);
  const [admission, reply, mentions] = await Promise.all([admit(deps, caller.userId, peer), resolveReply(deps, caller, peer, request.reply_to), findMentions(deps, peer, text, entities)]);
  const outgoing: Outgoing = {
    peer,
    randomId: request.random_id,
    content: { _: 'heliograph.messageContent', message: text, entities, no_webpage: request.no_webpage, invert_media: request.invert_media, ...reply.content },
    silent: request.silent,
    noforwards: request.noforwards,
    clearDraft: request.clear_draft,
    replyTo: reply.replyTo,
    mentions,
  };
  if (at !== undefined) return keep(deps, caller, at, outgoing);
  const outcome = await send(deps, caller, admission, outgoing);
  deps.presence.touch(caller.userId);
  // The short answer repeats nothing that the client sent, so it serves only where nothing of that was changed or is asked back.
  const asSent = text === request.message && peer > 0 && peer !== caller.userId && !request.reply_to && !request.silent && !request.noforwards && !request.clear_draft;
  return asSent && !outcome.duplicate ? shortAnswer(outcome, entities) : fullAnswer(deps, caller, request.random_id, outcome);
};

function shortAnswer(outcome: Outcome, entities: UpdateShortSentMessage['entities']): UpdateShortSentMessage {
  const record = outcome.message;
  if (!record) throw new Error('a send was applied without a message');
  return { _: 'updateShortSentMessage', out: true, id: record.id, pts: record.pts, pts_count: 1, date: record.date, entities, ttl_period: record.ttlPeriod || undefined };
}

async function keep(deps: Deps, caller: CallerContext, at: number, outgoing: Outgoing): Promise<Updates> {
  await admitToSchedule(deps, caller, outgoing.peer);
  const seal = await dialogSeal(deps.keyring, deps.dc, caller.userId, outgoing.peer);
  return emptyUpdates(caller, await keepForLater(deps, caller, seal, at, outgoing));
}

async function fullAnswer(deps: Deps, caller: CallerContext, randomId: bigint, outcome: Outcome): Promise<Updates> {
  return emptyUpdates(caller, sentUpdates(randomId, await sentMessage(deps, caller, outcome)));
}

function refuseWhatIsNotBuilt(request: MessagesSendMessageRequest): void {
  const unsupported = request.schedule_repeat_period !== undefined || request.quick_reply_shortcut !== undefined || request.suggested_post !== undefined
    || request.rich_message !== undefined || request.reply_markup !== undefined && request.reply_markup._ !== 'replyKeyboardHide';
  if (unsupported) throw badRequest('NOT_IMPLEMENTED');
  if (request.effect !== undefined) throw badRequest('EFFECT_ID_INVALID');
}
