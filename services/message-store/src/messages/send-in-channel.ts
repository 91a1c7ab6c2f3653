import { dialogSeal } from '@heliograph/box/dialog-key';
import type { CallerContext } from '@heliograph/client-api/method';
import type { MessageContent } from '@heliograph/box/content';
import type { MessagesSendMediaRequest, MessagesSendMessageRequest, Updates } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import { emptyUpdates } from './answer';
import { clearDraft, postInChannel, postedUpdates, signature } from './channel-post';
import { findMentions } from './mentions';
import { openForMessages } from './named-channel';
import { resolveReply } from './reply';
import { admitToSchedule, keepForLater, scheduleTime } from './schedule';
import type { Outgoing } from './send';
import { speakerOf } from './send-as';

/** Posts in a channel. `what` is said is checked already. */
export async function sendInChannel(deps: Deps, caller: CallerContext, request: MessagesSendMessageRequest | MessagesSendMediaRequest, what: Omit<MessageContent, '_'>): Promise<Updates> {
  const at = scheduleTime(request.schedule_date, caller.date);
  const channel = await openForMessages(deps, caller, request.peer);
  const [sendAs, reply, mentions] = await Promise.all([
    speakerOf(deps, caller, channel, request.send_as), resolveReply(deps, caller, channel.box, request.reply_to, channel), findMentions(deps, channel.box, what.message, what.entities),
  ]);
  const { box } = channel;
  const outgoing: Outgoing & { sendAs: number } = {
    peer: box,
    randomId: request.random_id,
    content: { _: 'heliograph.messageContent', ...what, invert_media: request.invert_media, ...reply.content },
    silent: request.silent,
    noforwards: request.noforwards,
    replyTo: reply.replyTo,
    thread: reply.thread,
    mentions,
    clearDraft: request.clear_draft,
    sendAs,
  };
  if (at !== undefined) {
    await admitToSchedule(deps, caller, box);
    outgoing.content.post_author = await signature(deps, caller, channel);
    return emptyUpdates(caller, await keepForLater(deps, caller, await dialogSeal(deps.keyring, deps.dc, caller.userId, box), at, outgoing));
  }
  const answers = await postInChannel(deps, caller, channel, [{ ...outgoing, replyToId: reply.replyTo?.localId }]);
  deps.presence.touch(caller.userId);
  if (request.clear_draft) await clearDraft(deps, caller, box);
  return emptyUpdates(caller, await postedUpdates(deps, caller, box, [request.random_id], answers));
}
