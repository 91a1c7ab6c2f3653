import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { READ_MARKS_MEMBERS_MAX } from '../../limits';
import { countUnread } from '../../messages/channel-dialogs';
import { openChannel } from '../../messages/named-channel';
import { submit } from '../../messages/submit';

/** Marks messages of a channel up to max_id (0: all) as read; in a supergroup its authors are told (docs: core.telegram.org/method/channels.readHistory). */
export const readHistory: Method<Deps, 'channels.readHistory'> = async (deps, caller, request) => {
  const channel = await openChannel(deps, caller, request.channel);
  const { box, record, topId, pts } = channel;
  const dialog = (await deps.engine.read(caller.userId)).dialog(box);
  const maxId = request.max_id > 0 ? Math.min(request.max_id, topId) : topId;
  if (dialog?.membership?.present && (maxId > dialog.readInboxMaxId || dialog.unreadMark)) {
    const stillUnread = await countUnread(channel, maxId);
    await submit(deps, caller, { case: 'readChannel', value: { channel: BigInt(box), maxId, stillUnread, pts } });
  }
  // Who read is known in small ones; in others what anybody has read, which most readers don't change.
  const counts = record.memberCount <= READ_MARKS_MEMBERS_MAX || maxId > record.secondReadId;
  if (!record.broadcast && channel.member?.present && counts && maxId > 0) await deps.channels.act(caller, box, { act: { case: 'read', value: { maxId } } });
  return true;
};
