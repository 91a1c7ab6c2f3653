import { badRequest } from '@heliograph/client-api/rpc-error';
import type { CallerContext } from '@heliograph/client-api/method';
import type { MessagesSendMessageRequest, Updates } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import { formatText } from '../domain/formatted-text';
import { emptyUpdates } from './answer';
import { clearDraft, postInChannel, postedUpdates, speakerOf } from './channel-post';
import { findMentions } from './mentions';
import { openChannel } from './named-channel';
import { tryUser } from './peer';
import { resolveReply } from './reply';

/** Posts a text in a channel. */
export async function sendInChannel(deps: Deps, caller: CallerContext, request: MessagesSendMessageRequest): Promise<Updates> {
  if (request.schedule_date !== undefined) throw badRequest('NOT_IMPLEMENTED');
  const { text, entities } = formatText(request.message, request.entities, (input) => tryUser(deps, caller, input));
  const channel = await openChannel(deps, caller, request.peer);
  const [sendAs, reply, mentions] = await Promise.all([
    speakerOf(deps, caller, channel, request.send_as), resolveReply(deps, caller, channel.box, request.reply_to, channel), findMentions(deps, channel.box, text, entities),
  ]);
  const answers = await postInChannel(deps, caller, channel, [{
    randomId: request.random_id,
    content: { _: 'heliograph.messageContent', message: text, entities, no_webpage: request.no_webpage, invert_media: request.invert_media, ...reply.content },
    silent: request.silent,
    noforwards: request.noforwards,
    replyToId: reply.replyTo?.localId,
    thread: reply.thread,
    mentions,
    sendAs,
  }]);
  deps.presence.touch(caller.userId);
  if (request.clear_draft) await clearDraft(deps, caller, channel.box);
  return emptyUpdates(caller, await postedUpdates(deps, caller, channel.box, [request.random_id], answers));
}
