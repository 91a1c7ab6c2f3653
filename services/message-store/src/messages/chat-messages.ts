import { isChannelBox } from '@heliograph/box/box-id';
import type { CallerContext } from '@heliograph/client-api/method';
import type { MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { MessagesChannelMessages, MessagesMessages, MessagesMessagesSlice, TypeInputPeer, TypeMessage } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import type { BoxReader } from '../engine/contract';
import { messagesPage } from './answer';
import { channelMessageViews } from './channel-views';
import type { ChannelReader } from './channels';
import { openForMessages } from './named-channel';
import { pageLimit, readPage, sourceOf, type PageRequest } from './page';
import { savedDialog } from './saved-dialogs';
import { namedPeer } from './peer';
import { messageViews } from './views';

/** What reads the messages of one chat: the caller's own box, or a channel. */
export type ChatReader = Pick<BoxReader, 'dialog' | 'messages' | 'history' | 'findIdAtDate' | 'countAbove' | 'searchToken' | 'listPostings'>;

/** The messages of one chat, as the caller may see them. */
export interface ChatMessages {
  /** The chat by its number (box-id.ts). */
  readonly peer: number;
  /** Whose ids its messages have: the caller's box, or the channel's. */
  readonly box: number;
  readonly reader: ChatReader;
  /** Of a part of Saved Messages: its dialog (savedPart), which lists its messages as `peer` lists those of a chat. */
  readonly part?: number;
  /** Present if it is one. */
  readonly channel: ChannelReader | undefined;
  /** Its message of that id; undefined where there is none. */
  find(id: number): Promise<MessageRecord | undefined>;
  /** How many there are. */
  count(): Promise<number>;
  views(records: readonly MessageRecord[]): Promise<TypeMessage[]>;
  /** A page of messages out of `count`; `whole`: there is no more. */
  page(records: readonly MessageRecord[], count: number, whole: boolean, exact?: boolean): Promise<MessagesMessages | MessagesMessagesSlice | MessagesChannelMessages>;
}

/** The messages of the chat that an InputPeer names. Throws as `namedPeer`, and CHANNEL_PRIVATE for a channel that is not the caller's to see. */
export async function openMessages(deps: Pick<Deps, 'channels' | 'comments' | 'engine' | 'keyring' | 'peers' | 'postCounts'>, caller: CallerContext, input: TypeInputPeer): Promise<ChatMessages> {
  const peer = await namedPeer(deps, caller, input);
  return isChannelBox(peer) ? channelMessages(deps, caller, await openForMessages(deps, caller, input)) : ownMessages(deps, caller, peer);
}

/**
 * The same, or the part of Saved Messages that `saved_peer_id` names; undefined: a part that holds nothing, as each of another chat. Throws as `openMessages`, and as
 * `namedPeer` for the part.
 */
export async function openPart(deps: Pick<Deps, 'channels' | 'comments' | 'engine' | 'keyring' | 'peers' | 'postCounts'>, caller: CallerContext, request: { peer: TypeInputPeer; saved_peer_id?: TypeInputPeer }): Promise<ChatMessages | undefined> {
  const chat = await openMessages(deps, caller, request.peer);
  const { saved_peer_id: input } = request;
  if (input === undefined || input._ === 'inputPeerEmpty') return chat;
  const peer = await namedPeer(deps, caller, input);
  if (chat.peer !== caller.userId) return undefined;
  const { reader } = chat;
  const part = savedDialog(reader, caller.userId, peer);
  if (part === undefined || Number(part.peer) === caller.userId) return part && chat;
  return { ...chat, part: Number(part.peer), count: async () => part.messageCount };
}

/** Those of a chat that the caller's own box has. */
export async function ownMessages(deps: Pick<Deps, 'engine' | 'keyring'>, caller: CallerContext, peer: number): Promise<ChatMessages> {
  const reader = await deps.engine.read(caller.userId);
  const views = (records: readonly MessageRecord[]): Promise<TypeMessage[]> => messageViews(deps, reader, caller.userId, records);
  return {
    peer, box: caller.userId, reader, channel: undefined, views,
    async find(id) {
      const [record] = await reader.messages([id]);
      return record && Number(record.peer) === peer ? record : undefined;
    },
    count: async () => reader.dialog(peer)?.messageCount ?? 0,
    async page(records, count, whole, exact = true) {
      const page = messagesPage(await views(records), count, whole);
      return exact || page._ === 'messages.messages' ? page : { ...page, inexact: true };
    },
  };
}

/** A page of some messages of a chat, newest first, which are at hand. */
export async function pageOf(chat: ChatMessages, messages: readonly MessageRecord[], request: PageRequest): Promise<MessagesMessages | MessagesMessagesSlice | MessagesChannelMessages> {
  const records = await readPage(sourceOf(messages), request);
  return chat.page(records, messages.length, records.length >= messages.length && pageLimit(request.limit) > 0);
}

/** The messages of a channel that is open. */
export function channelMessages(deps: Pick<Deps, 'comments' | 'engine' | 'keyring' | 'postCounts'>, caller: CallerContext, channel: ChannelReader): ChatMessages {
  const { box } = channel;
  const views = (records: readonly MessageRecord[]): Promise<TypeMessage[]> => channelMessageViews(deps, caller, channel, records);
  return {
    peer: box, box, reader: channel, channel, views,
    find: async (id) => (await channel.messages([id]))[0],
    count: () => channel.countAbove(box, 0),
    page: async (records, count, _whole, exact = true) => ({
      _: 'messages.channelMessages', inexact: exact ? undefined : true, pts: channel.pts, count: Math.max(count, records.length), messages: await views(records), topics: [], chats: [], users: [],
    }),
  };
}
