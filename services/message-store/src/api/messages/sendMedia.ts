import { dialogSeal } from '@heliograph/box/dialog-key';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { CallerContext, Method } from '@heliograph/client-api/method';
import type { MessagesSendMediaRequest, TypeMessageMedia } from '@heliograph/tl/api';
import type { Deps } from '../../deps';
import { formatText, type FormattedText } from '../../domain/formatted-text';
import { newPoll } from '../../domain/poll';
import { CAPTION_CHARACTERS_MAX } from '../../limits';
import { emptyUpdates } from '../../messages/answer';
import { findMentions } from '../../messages/mentions';
import { isChannel } from '../../messages/named-channel';
import { namedPeer, refuseSendAs, tryUser } from '../../messages/peer';
import { newPollId } from '../../messages/polls';
import { resolveReply } from '../../messages/reply';
import { admitToSchedule, keepForLater, scheduleTime } from '../../messages/schedule';
import { admit, send, sentMessage, sentUpdates, type Outgoing } from '../../messages/send';
import { sendInChannel } from '../../messages/send-in-channel';

/**
 * Sends a poll to a basic group, a channel or Saved Messages (docs: core.telegram.org/method/messages.sendMedia, core.telegram.org/api/poll); to a user: MEDIA_INVALID.
 * Other media are not built. A repeated random_id is answered like the first time. With a date to come it waits until then.
 */
export const sendMedia: Method<Deps, 'messages.sendMedia'> = async (deps, caller, request) => {
  refuseWhatIsNotBuilt(request);
  const at = scheduleTime(request.schedule_date, caller.date);
  const media = mediaOf(deps, caller, request, at ?? caller.date);
  const { text, entities } = captionOf(deps, caller, request);
  if (isChannel(request.peer)) return sendInChannel(deps, caller, request, { message: text, entities, media });
  refuseSendAs(deps, caller, request.send_as);
  const peer = await namedPeer(deps, caller, request.peer);
  if (peer > 0 && peer !== caller.userId) throw badRequest('MEDIA_INVALID');
  const [admission, reply, mentions] = await Promise.all([admit(deps, caller.userId, peer), resolveReply(deps, caller, peer, request.reply_to), findMentions(deps, peer, text, entities)]);
  const outgoing: Outgoing = {
    peer,
    randomId: request.random_id,
    content: { _: 'heliograph.messageContent', message: text, entities, media, invert_media: request.invert_media, ...reply.content },
    silent: request.silent,
    noforwards: request.noforwards,
    clearDraft: request.clear_draft,
    replyTo: reply.replyTo,
    mentions,
  };
  if (at !== undefined) {
    await admitToSchedule(deps, caller, peer);
    return emptyUpdates(caller, await keepForLater(deps, caller, await dialogSeal(deps.keyring, deps.dc, caller.userId, peer), at, outgoing));
  }
  const outcome = await send(deps, caller, admission, outgoing);
  deps.presence.touch(caller.userId);
  return emptyUpdates(caller, sentUpdates(request.random_id, await sentMessage(deps, caller, outcome)));
};

function mediaOf(deps: Deps, caller: CallerContext, { media }: MessagesSendMediaRequest, at: number): TypeMessageMedia {
  if (media._ === 'inputMediaEmpty') throw badRequest('MEDIA_EMPTY');
  if (media._ !== 'inputMediaPoll') throw badRequest('NOT_IMPLEMENTED');
  return newPoll(media, { id: newPollId(deps), hash: newPollId(deps), at }, (input) => tryUser(deps, caller, input));
}

function captionOf(deps: Deps, caller: CallerContext, { message, entities }: MessagesSendMediaRequest): FormattedText {
  if (message.trim() === '') return { text: '' };
  const caption = formatText(message, entities, (input) => tryUser(deps, caller, input));
  if ([...caption.text].length > CAPTION_CHARACTERS_MAX) throw badRequest('MEDIA_CAPTION_TOO_LONG');
  return caption;
}

function refuseWhatIsNotBuilt(request: MessagesSendMediaRequest): void {
  const unsupported = request.schedule_repeat_period !== undefined || request.quick_reply_shortcut !== undefined || request.suggested_post !== undefined
    || request.reply_markup !== undefined && request.reply_markup._ !== 'replyKeyboardHide';
  if (unsupported) throw badRequest('NOT_IMPLEMENTED');
  if (request.effect !== undefined) throw badRequest('EFFECT_ID_INVALID');
}
