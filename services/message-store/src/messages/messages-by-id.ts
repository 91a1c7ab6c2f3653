import { badRequest } from '@heliograph/client-api/rpc-error';
import type { MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { TypeInputMessage, TypeMessage } from '@heliograph/tl/api';
import { REQUEST_IDS_MAX } from '../limits';
import type { ChatMessages } from './chat-messages';

/** Messages by id, those that the named ones reply to, or the one pinned last; messageEmpty where there is none. Throws LIMIT_INVALID. */
export async function messagesById({ reader, peer, views }: Pick<ChatMessages, 'reader' | 'peer' | 'views'>, inputs: readonly TypeInputMessage[]): Promise<TypeMessage[]> {
  if (inputs.length > REQUEST_IDS_MAX) throw badRequest('LIMIT_INVALID');
  const named = inputs.map((input) => {
    if (input._ === 'inputMessageID' || input._ === 'inputMessageReplyTo') return input.id;
    return input._ === 'inputMessagePinned' ? (reader.dialog(peer)?.pinnedIds.at(-1) ?? 0) : 0;
  });
  const ids = [...named];
  const replied = named.filter((_, index) => inputs[index]?._ === 'inputMessageReplyTo');
  const replies: (MessageRecord | undefined)[] = replied.length === 0 ? [] : await reader.messages(replied);
  let next = 0;
  inputs.forEach((input, index) => {
    if (input._ === 'inputMessageReplyTo') ids[index] = replies[next++]?.replyToId ?? 0;
  });
  const records = await reader.messages(ids);
  const rendered = await views(records.filter((record) => record !== undefined));
  let view = 0;
  return records.map((record, index): TypeMessage => (record ? (rendered[view++] as TypeMessage) : { _: 'messageEmpty', id: named[index] ?? 0 }));
}
