import { isChannelBox } from '@heliograph/box/box-id';
import { openContent, sealContent, type MessageContent } from '@heliograph/box/content';
import { dialogKeys, dialogSeal } from '@heliograph/box/dialog-key';
import type { CallerContext } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { MessagesEditMessageRequest, Updates } from '@heliograph/tl/api';
import { isDeepStrictEqual } from 'node:util';
import type { Deps } from '../deps';
import { formatText } from '../domain/formatted-text';
import { outcomeUpdates } from './answer';
import { findMentions } from './mentions';
import { tryUser } from './peer';
import { getScheduled, scheduleTime, unlessChanged } from './schedule';
import { submit } from './submit';

/** Changes the time of a message that waits, or its text. Throws MESSAGE_ID_INVALID, MESSAGE_NOT_MODIFIED, and as `scheduleTime` does. */
export function editScheduled(deps: Deps, caller: CallerContext, peer: number, request: MessagesEditMessageRequest): Promise<Updates> {
  const at = scheduleTime(request.schedule_date, caller.date) ?? caller.date;
  const given = request.message === undefined ? undefined : formatText(request.message, request.entities, (input) => tryUser(deps, caller, input));
  return unlessChanged(async () => {
    const before = await getScheduled(deps, caller, peer, request.id);
    const original = openContent(await dialogKeys(deps.keyring, caller.userId, [before]), caller.userId, before);
    const same = given === undefined || (given.text === original.message && isDeepStrictEqual(given.entities ?? [], original.entities ?? []));
    if (same && at === before.at) throw badRequest('MESSAGE_NOT_MODIFIED');
    const message = { ...before, at };
    if (given !== undefined && !same) {
      const content: MessageContent = { ...original, message: given.text, entities: given.entities, no_webpage: request.no_webpage, invert_media: request.invert_media };
      const sealed = sealContent(await dialogSeal(deps.keyring, deps.dc, caller.userId, peer), caller.userId, peer, content, await threadOf(deps, caller, peer, before.replyTo?.id ?? 0));
      message.content = { $typeName: 'heliograph.box.v1.Content', ...sealed };
      message.mentions = (await findMentions(deps, peer, given.text, given.entities)).map(BigInt);
      message.editDate = caller.date;
    }
    return outcomeUpdates(deps, caller, await submit(deps, caller, { case: 'schedule', value: { message } }));
  });
}

/** The thread that a message to a supergroup will be in: its search finds it by that, too; 0: none. */
async function threadOf(deps: Pick<Deps, 'channels'>, caller: CallerContext, peer: number, answered: number): Promise<number> {
  const channel = answered > 0 && isChannelBox(peer) ? await deps.channels.open(caller.userId, peer) : undefined;
  if (channel === undefined || channel.record.broadcast) return 0;
  const [record] = await channel.messages([answered]);
  return record ? record.threadId || record.id : 0;
}
