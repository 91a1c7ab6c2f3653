import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Method } from '@heliograph/client-api/method';
import type { TypeMessage } from '@heliograph/tl/api';
import type { Deps } from '../../deps';
import { REQUEST_IDS_MAX } from '../../limits';
import { messageViews } from '../../messages/views';

/** Messages of private chats by id, or those that the named ones reply to; messageEmpty where there is none (docs: core.telegram.org/method/messages.getMessages). */
export const getMessages: Method<Deps, 'messages.getMessages'> = async (deps, caller, request) => {
  if (request.id.length > REQUEST_IDS_MAX) throw badRequest('LIMIT_INVALID');
  const reader = await deps.engine.read(caller.userId);
  const named = request.id.map((input) => (input._ === 'inputMessageID' || input._ === 'inputMessageReplyTo' ? input.id : 0));
  const ids = [...named];
  const replies = await reader.messages(named.filter((_, index) => request.id[index]?._ === 'inputMessageReplyTo'));
  let next = 0;
  request.id.forEach((input, index) => {
    if (input._ === 'inputMessageReplyTo') ids[index] = replies[next++]?.replyToId ?? 0;
  });
  const records = await reader.messages(ids);
  const views = await messageViews(deps, reader, caller.userId, records.filter((record) => record !== undefined));
  let view = 0;
  const messages = records.map((record, index): TypeMessage => (record ? (views[view++] as TypeMessage) : { _: 'messageEmpty', id: named[index] ?? 0 }));
  return { _: 'messages.messages', messages, topics: [], chats: [], users: [] };
};
