import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { pageLimit, readPage } from '../../messages/page';
import { openThread } from '../../messages/thread';

/** The answers in a supergroup's thread, by its first message (docs: core.telegram.org/method/messages.getReplies). */
export const getReplies: Method<Deps, 'messages.getReplies'> = async (deps, caller, request) => {
  const { chat, first, answers } = await openThread(deps, caller, request.peer, request.msg_id);
  const byDate = request.offset_id <= 0 && request.offset_date > 0;
  const offset_id = byDate ? await chat.reader.findIdAtDate(chat.peer, request.offset_date) : request.offset_id;
  const records = await readPage(answers.source, { ...request, offset_id });
  return chat.page(records, first.replyCount, records.length >= first.replyCount && pageLimit(request.limit) > 0);
};
