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
  /** Its place among the ids asked for. */
  index: number;
}

/**
 * Messages of a chat that copies may be made of, in the order asked, without those that are gone or tell of an event. Clients may leave the chat open: ids of private chats and basic
 * groups are the box's own. Throws MESSAGE_ID_INVALID where none is left, CHAT_FORWARDS_RESTRICTED, and as `openMessages`.
 */
export async function forwardable(deps: Pick<Deps, 'channels' | 'comments' | 'engine' | 'keyring' | 'peers' | 'postCounts'>, caller: CallerContext, from: TypeInputPeer, ids: readonly number[]): Promise<Opened[]> {
  const chat = from._ === 'inputPeerEmpty' ? undefined : await openMessages(deps, caller, from);
  const reader = chat?.reader ?? (await deps.engine.read(caller.userId));
  const places: number[] = [];
  const records: MessageRecord[] = [];
  for (const [index, record] of (await reader.messages(ids)).entries()) {
    if (!record || (chat && Number(record.peer) !== chat.peer) || record.content?.service) continue;
    // What was written before a group was protected is, too.
    const inChat = chat?.channel ? chat.channel.record.noforwards : reader.dialog(Number(record.peer))?.view?.noforwards;
    if (record.noforwards || inChat) throw badRequest('CHAT_FORWARDS_RESTRICTED');
    places.push(index);
    records.push(record);
  }
  if (records.length === 0) throw badRequest('MESSAGE_ID_INVALID');
  const opened = await openAll(deps, chat?.box ?? caller.userId, records);
  return opened.map((message, place) => ({ ...message, index: places[place] as number }));
}
