import { sealContent, type MessageContent } from '@heliograph/box/content';
import { dialogSeal } from '@heliograph/box/dialog-key';
import { badRequest, RpcError } from '@heliograph/client-api/rpc-error';
import type { Method } from '@heliograph/client-api/method';
import { isDeepStrictEqual } from 'node:util';
import type { Deps } from '../../deps';
import { formatText } from '../../domain/formatted-text';
import { isChannelBox, isGroupBox } from '@heliograph/box/box-id';
import { EDIT_PERIOD_SECONDS } from '../../limits';
import { outcomeUpdates } from '../../messages/answer';
import { editInChannel } from '../../messages/edit-in-channel';
import { editScheduled } from '../../messages/edit-scheduled';
import { submitAct } from '../../messages/group-act';
import { namedPeer, tryUser } from '../../messages/peer';
import { closeOwnPoll } from '../../messages/polls';
import { submit } from '../../messages/submit';
import { openAll } from '../../messages/views';

/**
 * Changes the text of one's own message, within 48 hours (Saved Messages: at any time), or ends an own poll, in all boxes that have it
 * (docs: core.telegram.org/method/messages.editMessage). With a date it is one that waits to be sent, by its id in the chat's queue.
 */
export const editMessage: Method<Deps, 'messages.editMessage'> = async (deps, caller, request) => {
  if (request.schedule_repeat_period !== undefined || request.quick_reply_shortcut_id !== undefined || request.rich_message || request.reply_markup) throw badRequest('NOT_IMPLEMENTED');
  const peer = await namedPeer(deps, caller, request.peer);
  const { media } = request;
  if (media && media._ !== 'inputMediaEmpty' && media._ !== 'inputMediaPoll') throw badRequest('NOT_IMPLEMENTED');
  if (request.schedule_date !== undefined && media?._ === 'inputMediaPoll') throw badRequest('NOT_IMPLEMENTED');
  if (isChannelBox(peer) && request.schedule_date === undefined) return editInChannel(deps, caller, request);
  if (request.schedule_date !== undefined) return editScheduled(deps, caller, peer, request);
  const reader = await deps.engine.read(caller.userId);
  const [record] = await reader.messages([request.id]);
  if (!record || Number(record.peer) !== peer || record.content?.service) throw badRequest('MESSAGE_ID_INVALID');
  if (!record.out || Number(record.from) !== caller.userId) throw new RpcError(403, 'MESSAGE_AUTHOR_REQUIRED');
  const saved = peer === caller.userId;
  // A poll may be ended at any time.
  if (!saved && media?._ !== 'inputMediaPoll' && caller.date - record.date > EDIT_PERIOD_SECONDS) throw badRequest('MESSAGE_EDIT_TIME_EXPIRED');
  const [opened] = await openAll(deps, caller.userId, [record]);
  if (!opened) throw badRequest('MESSAGE_ID_INVALID');
  if (opened.content.fwd_from && !saved) throw new RpcError(403, 'MESSAGE_AUTHOR_REQUIRED');
  if (media?._ === 'inputMediaPoll') return closeOwnPoll(deps, caller, record, opened.content, media);
  if (request.message === undefined) throw badRequest('MESSAGE_NOT_MODIFIED');
  const { text, entities } = formatText(request.message, request.entities, (input) => tryUser(deps, caller, input));
  if (text === opened.content.message && isDeepStrictEqual(entities ?? [], opened.content.entities ?? [])) throw badRequest('MESSAGE_NOT_MODIFIED');
  const content: MessageContent = { ...opened.content, message: text, entities, no_webpage: request.no_webpage, invert_media: request.invert_media };
  const seal = await dialogSeal(deps.keyring, deps.dc, caller.userId, peer);
  const sealed = sealContent(seal, caller.userId, peer, content);
  const outcome = isGroupBox(peer)
    ? await submitAct(deps, caller, -peer, { case: 'edit', value: { id: record.uid?.id ?? 0, content: sealed } })
    : await submit(deps, caller, { case: 'edit', value: { id: record.id, content: sealed } });
  deps.presence.touch(caller.userId);
  return outcomeUpdates(deps, caller, outcome);
};
