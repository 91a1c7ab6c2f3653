import { create } from '@bufbuild/protobuf';
import { MessageUidSchema } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { CallerContext } from '@heliograph/client-api/method';
import type { MessageContent } from '@heliograph/box/content';
import type { InputReplyToMessage, TypeInputReplyTo } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import { formatText } from '../domain/formatted-text';
import { findQuote } from '../domain/quote';
import { QUOTE_CHARACTERS_MAX } from '../limits';
import type { ChannelReader } from './channels';
import { channelMessages, openMessages, ownMessages, type ChatMessages } from './chat-messages';
import { originOf } from './origin';
import type { Outgoing } from './send';
import { tryUser } from './peer';
import { openAll } from './views';

export interface Reply {
  replyTo: Outgoing['replyTo'];
  /** In a supergroup: the first message of the thread that the reply is in; else 0. */
  thread: number;
  /** What the content says about the reply. */
  content: Pick<MessageContent, 'quote_text' | 'quote_entities' | 'quote_offset' | 'reply_from'>;
}

const NO_REPLY: Reply = { replyTo: undefined, thread: 0, content: {} };

/**
 * What a message to `peer` replies to; `channel`: that peer, where it is one. A reply to a message of another chat carries its author and a quote instead of
 * an id, which the other side couldn't resolve (docs: core.telegram.org/api/replies).
 * Throws REPLY_MESSAGE_ID_INVALID, QUOTE_TEXT_INVALID, and 400 NOT_IMPLEMENTED for stories and monoforums.
 */
export async function resolveReply(deps: Deps, caller: CallerContext, peer: number, input: TypeInputReplyTo | undefined, channel?: ChannelReader): Promise<Reply> {
  if (!input) return NO_REPLY;
  if (input._ !== 'inputReplyToMessage' || input.monoforum_peer_id) throw badRequest('NOT_IMPLEMENTED');
  const source = await sourceOfReply(deps, caller, peer, input, channel);
  // What is answered may be gone meanwhile: then it is the thread that is.
  const record = (await source.find(input.reply_to_msg_id)) ?? (input.top_msg_id && source.peer === peer ? await source.find(input.top_msg_id) : undefined);
  if (!record) throw badRequest('REPLY_MESSAGE_ID_INVALID');
  const content: Reply['content'] = {};
  const given = input.quote_text;
  if (given) {
    if (given.length > QUOTE_CHARACTERS_MAX) throw badRequest('QUOTE_TEXT_INVALID');
    const [original] = await openAll(deps, source.box, [record]);
    const text = original?.content.message ?? '';
    const offset = findQuote(text, given, input.quote_offset ?? 0);
    if (offset === undefined) throw badRequest('QUOTE_TEXT_INVALID');
    content.quote_text = given;
    content.quote_offset = offset;
    const entities = quoteEntities(deps, caller, given, input.quote_entities);
    if (entities) content.quote_entities = entities;
  }
  if (source.peer === peer) {
    const thread = channel === undefined || channel.record.broadcast ? 0 : record.threadId || record.id;
    const uid = channel ? create(MessageUidSchema, { box: record.peer, id: record.id }) : record.uid;
    return { replyTo: { uid, localId: record.id }, thread, content };
  }
  const { author, channelPost } = originOf(record);
  content.reply_from = { _: 'messageFwdHeader', from_id: author, date: record.date, channel_post: channelPost };
  if (!given) {
    const [original] = await openAll(deps, source.box, [record]);
    const text = original?.content.message.slice(0, QUOTE_CHARACTERS_MAX);
    if (text) content.quote_text = text;
  }
  return { ...NO_REPLY, content };
}

function sourceOfReply(deps: Deps, caller: CallerContext, peer: number, input: InputReplyToMessage, channel: ChannelReader | undefined): Promise<ChatMessages> | ChatMessages {
  const chat = input.reply_to_peer_id;
  if (chat && chat._ !== 'inputPeerEmpty') return openMessages(deps, caller, chat);
  return channel ? channelMessages(deps, caller, channel) : ownMessages(deps, caller, peer);
}

/** A quote keeps the styles that its author could see; white space around it stays, so a quote that trimming would move goes plain. */
function quoteEntities(deps: Deps, caller: CallerContext, text: string, entities: Parameters<typeof formatText>[1]): MessageContent['quote_entities'] {
  if (!entities || entities.length === 0) return undefined;
  const formatted = formatText(text, entities, (input) => tryUser(deps, caller, input));
  return formatted.text === text ? formatted.entities : undefined;
}
