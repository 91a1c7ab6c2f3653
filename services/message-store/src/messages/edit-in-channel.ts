import { adminRights } from '@heliograph/box/channel-rights';
import { sealContent, type MessageContent } from '@heliograph/box/content';
import { dialogSeal } from '@heliograph/box/dialog-key';
import { ADMIN } from '@heliograph/box/group-rights';
import { badRequest, RpcError } from '@heliograph/client-api/rpc-error';
import type { CallerContext } from '@heliograph/client-api/method';
import type { MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { InputMediaPoll, MessagesEditMessageRequest, Updates } from '@heliograph/tl/api';
import { isDeepStrictEqual } from 'node:util';
import type { Deps } from '../deps';
import { formatText } from '../domain/formatted-text';
import { EDIT_PERIOD_SECONDS } from '../limits';
import { changeInChannel } from './channel-answer';
import type { ChannelReader } from './channels';
import { openForMessages } from './named-channel';
import { tryUser } from './peer';
import { closeOwnPoll } from './polls';
import { openAll } from './views';

/** Changes the text of a message of a channel. Throws as editMessage does, and what the channel refuses. */
export async function editInChannel(deps: Deps, caller: CallerContext, request: MessagesEditMessageRequest): Promise<Updates> {
  const channel = await openForMessages(deps, caller, request.peer);
  // A poll may be ended at any time; whose it is, the channel looks.
  if (request.media?._ === 'inputMediaPoll') return closeInChannel(deps, caller, channel, request.id, request.media);
  const record = await editableMessage(caller, channel, request.id);
  const [opened] = await openAll(deps, channel.box, [record]);
  if (!opened) throw badRequest('MESSAGE_ID_INVALID');
  if (opened.content.fwd_from) throw new RpcError(403, 'MESSAGE_AUTHOR_REQUIRED');
  if (request.message === undefined) throw badRequest('MESSAGE_NOT_MODIFIED');
  const { text, entities } = formatText(request.message, request.entities, (input) => tryUser(deps, caller, input));
  if (text === opened.content.message && isDeepStrictEqual(entities ?? [], opened.content.entities ?? [])) throw badRequest('MESSAGE_NOT_MODIFIED');
  const content: MessageContent = { ...opened.content, message: text, entities, no_webpage: request.no_webpage, invert_media: request.invert_media };
  const sealed = sealContent(await dialogSeal(deps.keyring, deps.dc, caller.userId, channel.box), caller.userId, channel.box, content, record.threadId);
  deps.presence.touch(caller.userId);
  return changeInChannel(deps, caller, channel.box, { act: { case: 'edit', value: { id: record.id, content: { $typeName: 'heliograph.box.v1.Content', ...sealed } } } });
}

async function closeInChannel(deps: Deps, caller: CallerContext, channel: ChannelReader, id: number, media: InputMediaPoll): Promise<Updates> {
  const [record] = await channel.messages([id]);
  if (!record || record.content?.service) throw badRequest('MESSAGE_ID_INVALID');
  const [opened] = await openAll(deps, channel.box, [record]);
  if (!opened) throw badRequest('MESSAGE_ID_INVALID');
  if (opened.content.fwd_from) throw new RpcError(403, 'MESSAGE_AUTHOR_REQUIRED');
  return closeOwnPoll(deps, caller, record, opened.content, media);
}

/**
 * A message that the caller may edit: his own for EDIT_PERIOD_SECONDS, for longer with the right to pin; with the right to edit those of others, in a broadcast, all.
 * Throws MESSAGE_ID_INVALID, MESSAGE_AUTHOR_REQUIRED, MESSAGE_EDIT_TIME_EXPIRED.
 */
export async function editableMessage(caller: CallerContext, channel: ChannelReader, id: number): Promise<MessageRecord> {
  const [record] = await channel.messages([id]);
  if (!record || record.content?.service) throw badRequest('MESSAGE_ID_INVALID');
  const rights = adminRights(channel.record, caller.userId);
  if (channel.record.broadcast && rights & ADMIN.edit_messages) return record;
  if (Number(record.author) !== caller.userId) throw new RpcError(403, 'MESSAGE_AUTHOR_REQUIRED');
  if (caller.date - record.date > EDIT_PERIOD_SECONDS && !(rights & ADMIN.pin_messages)) throw badRequest('MESSAGE_EDIT_TIME_EXPIRED');
  return record;
}
