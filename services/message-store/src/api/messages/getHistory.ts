import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { openMessages } from '../../messages/chat-messages';
import { pageLimit, readDialogPage } from '../../messages/page';

/** A page of a chat (docs: core.telegram.org/method/messages.getHistory). `hash` is ignored: the answer is always the messages. */
export const getHistory: Method<Deps, 'messages.getHistory'> = async (deps, caller, request) => {
  const chat = await openMessages(deps, caller, request.peer);
  const [count, records] = await Promise.all([chat.count(), readDialogPage(chat.reader, chat.peer, request)]);
  const whole = records.length >= count && pageLimit(request.limit) > 0;
  return chat.page(records, count, whole);
};
