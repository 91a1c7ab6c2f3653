import type { MessageContent } from '@heliograph/box/content';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { CallerContext } from '@heliograph/client-api/method';
import type { MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { TypeInputPeer } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import { openMessages } from './chat-messages';
import { openAll } from './views';

interface Opened {
  record: MessageRecord;
  content: MessageContent;
}

/**
 * Messages of a chat that copies may be made of, in the order asked. Clients may leave the chat open: ids of private chats and basic groups are the box's own.
 * Throws MESSAGE_ID_INVALID, CHAT_FORWARDS_RESTRICTED, and as `openMessages`.
 */
export async function forwardable(deps: Pick<Deps, 'channels' | 'comments' | 'engine' | 'keyring' | 'peers' | 'postCounts'>, caller: CallerContext, from: TypeInputPeer, ids: readonly number[]): Promise<Opened[]> {
  const chat = from._ === 'inputPeerEmpty' ? undefined : await openMessages(deps, caller, from);
  const reader = chat?.reader ?? (await deps.engine.read(caller.userId));
  const records: MessageRecord[] = [];
  for (const record of await reader.messages(ids)) {
    if (!record || (chat && Number(record.peer) !== chat.peer) || record.content?.service) throw badRequest('MESSAGE_ID_INVALID');
    // What was written before a group was protected is, too.
    const inChat = chat?.channel ? chat.channel.record.noforwards : reader.dialog(Number(record.peer))?.view?.noforwards;
    if (record.noforwards || inChat) throw badRequest('CHAT_FORWARDS_RESTRICTED');
    records.push(record);
  }
  return openAll(deps, chat?.box ?? caller.userId, records);
}
