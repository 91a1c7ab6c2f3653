import { badRequest } from '@heliograph/client-api/rpc-error';
import type { CallerContext } from '@heliograph/client-api/method';
import type { MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { TypeInputPeer } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import { parseQuery } from '../domain/search-query';
import { openMessages, type ChatMessages } from './chat-messages';
import { DialogSearch } from './search';

/** A thread of a supergroup: the messages that answer its first one, or an answer to it. */
export interface Thread {
  readonly chat: ChatMessages;
  readonly first: MessageRecord;
  readonly answers: DialogSearch;
}

/** The thread that begins with a message. Throws MSG_ID_INVALID where there is no such message (or the chat has no threads), and as `openMessages`. */
export async function openThread(deps: Deps, caller: CallerContext, peer: TypeInputPeer, id: number): Promise<Thread> {
  const chat = await openMessages(deps, caller, peer);
  const first = chat.channel && !chat.channel.record.broadcast ? await chat.find(id) : undefined;
  if (first === undefined) throw badRequest('MSG_ID_INVALID');
  const answers = new DialogSearch(deps, chat.reader, chat.box, chat.peer, { query: parseQuery(''), classes: 0, from: 0, minDate: 0, maxDate: 0, thread: id });
  return { chat, first, answers };
}
