import { channelBox, channelOfBox } from '@heliograph/box/box-id';
import { copiedFrom } from '@heliograph/box/dialog-key';
import { readUpTo } from '@heliograph/box/discussion';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { CallerContext } from '@heliograph/client-api/method';
import type { MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { TypeInputPeer } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import { parseQuery } from '../domain/search-query';
import { channelMessages, openMessages, type ChatMessages } from './chat-messages';
import type { ChannelReader } from './channels';
import { openToReaders } from './named-channel';
import { DialogSearch } from './search';

/** A thread of a supergroup: the messages that answer its first one, or an answer to it. Comments on a broadcast's post are the thread of its copy in the discussion group. */
export interface Thread {
  readonly chat: ChatMessages;
  readonly channel: ChannelReader;
  readonly first: MessageRecord;
  readonly answers: DialogSearch;
}

/**
 * The thread that begins with a message of a supergroup, or with the copy of a broadcast's post. Throws MSG_ID_INVALID where there is no such message (or the chat has no threads,
 * or nobody can comment on the post), and as `openMessages`.
 */
export async function openThread(deps: Deps, caller: CallerContext, peer: TypeInputPeer, id: number): Promise<Thread> {
  const named = await openMessages(deps, caller, peer);
  const { chat, top } = named.channel?.record.broadcast ? await discussionOf(deps, caller, named.channel, id) : { chat: named, top: id };
  const { channel } = chat;
  const first = channel && top > 0 ? await chat.find(top) : undefined;
  if (channel === undefined || first === undefined) throw badRequest('MSG_ID_INVALID');
  const answers = new DialogSearch(deps, chat.reader, chat.box, chat.peer, { query: parseQuery(''), classes: 0, from: 0, minDate: 0, maxDate: 0, thread: top });
  return { chat, channel, first, answers };
}

/** Where a broadcast's post is discussed, and its copy there. */
async function discussionOf(deps: Deps, caller: CallerContext, broadcast: ChannelReader, id: number): Promise<{ chat: ChatMessages; top: number }> {
  const [post] = await broadcast.messages([id]);
  if (post === undefined || post.discussion === 0n || post.discussion !== broadcast.record.linked) throw badRequest('MSG_ID_INVALID');
  const group = channelBox(Number(post.discussion));
  const [copy] = await deps.channels.copies(group, broadcast.box, [id]);
  if (copy === undefined) throw badRequest('MSG_ID_INVALID');
  return { chat: channelMessages(deps, caller, await openToReaders(deps, caller, group)), top: copy.id };
}

/** Up to where the caller has read a thread, and up to where somebody else has read it: with the supergroup, or the thread by itself. */
export async function threadMarks(deps: Pick<Deps, 'engine'>, caller: CallerContext, { channel: { box, record }, first }: Thread): Promise<{ inbox: number; outbox: number }> {
  const inbox = readUpTo((await deps.engine.read(caller.userId)).dialog(box), first.id);
  return { inbox, outbox: Number(record.firstReader) === caller.userId ? record.secondReadId : record.firstReadId };
}

/** The broadcast's post that a thread is about: channel id and id; zeros where it is about none. */
export function postOf({ first }: Thread): { broadcast: bigint; post: number } {
  const box = copiedFrom(first);
  return box === 0 ? { broadcast: 0n, post: 0 } : { broadcast: BigInt(channelOfBox(box)), post: first.uid?.id ?? 0 };
}
