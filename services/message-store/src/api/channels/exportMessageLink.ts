import { channelOfBox } from '@heliograph/box/box-id';
import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { openChannel } from '../../messages/named-channel';

/** What links begin with; config.me_url_prefix tells clients. */
const ME = 'https://t.me/';

/** A link to a message: for everybody where the channel is public, else for its members (docs: core.telegram.org/method/channels.exportMessageLink). Throws MESSAGE_ID_INVALID. */
export const exportMessageLink: Method<Deps, 'channels.exportMessageLink'> = async (deps, caller, request) => {
  const channel = await openChannel(deps, caller, request.channel);
  const [message] = await channel.messages([request.id]);
  if (!message) throw badRequest('MESSAGE_ID_INVALID');
  const { record, box } = channel;
  const place = record.username === '' ? `c/${channelOfBox(box)}` : record.username;
  const thread = request.thread && message.threadId > 0 ? `?thread=${message.threadId}` : '';
  return { _: 'exportedMessageLink', link: `${ME}${place}/${message.id}${thread}`, html: '' };
};
