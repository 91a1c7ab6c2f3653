import { badRequest } from '@heliograph/client-api/rpc-error';
import type { CallerContext } from '@heliograph/client-api/method';
import type { MessageContent } from '@heliograph/box/content';
import { peerUser } from '@heliograph/box/render-message';
import type { TypeInputReplyTo } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import { formatText } from '../domain/formatted-text';
import { findQuote } from '../domain/quote';
import { QUOTE_CHARACTERS_MAX } from '../limits';
import type { Outgoing } from './send';
import { tryUser, namedPeer } from './peer';
import { openAll } from './views';

export interface Reply {
  replyTo: Outgoing['replyTo'];
  /** What the content says about the reply. */
  content: Pick<MessageContent, 'quote_text' | 'quote_entities' | 'quote_offset' | 'reply_from'>;
}

/**
 * What a message replies to. A reply to a message of another chat carries its author and a quote instead of an id, which the
 * other side couldn't resolve (docs: core.telegram.org/api/replies).
 * Throws REPLY_MESSAGE_ID_INVALID, QUOTE_TEXT_INVALID, and 400 NOT_IMPLEMENTED for stories and monoforums.
 */
export async function resolveReply(deps: Deps, caller: CallerContext, peer: number, input: TypeInputReplyTo | undefined): Promise<Reply> {
  if (!input) return { replyTo: undefined, content: {} };
  if (input._ !== 'inputReplyToMessage' || input.monoforum_peer_id) throw badRequest('NOT_IMPLEMENTED');
  const chat = input.reply_to_peer_id && input.reply_to_peer_id._ !== 'inputPeerEmpty' ? await namedPeer(deps, caller, input.reply_to_peer_id) : peer;
  const reader = await deps.engine.read(caller.userId);
  const [record] = await reader.messages([input.reply_to_msg_id]);
  if (!record || Number(record.peer) !== chat) throw badRequest('REPLY_MESSAGE_ID_INVALID');
  const content: Reply['content'] = {};
  const given = input.quote_text;
  if (given) {
    if (given.length > QUOTE_CHARACTERS_MAX) throw badRequest('QUOTE_TEXT_INVALID');
    const [original] = await openAll(deps, caller.userId, [record]);
    const text = original?.content.message ?? '';
    const offset = findQuote(text, given, input.quote_offset ?? 0);
    if (offset === undefined) throw badRequest('QUOTE_TEXT_INVALID');
    content.quote_text = given;
    content.quote_offset = offset;
    const entities = quoteEntities(deps, caller, given, input.quote_entities);
    if (entities) content.quote_entities = entities;
  }
  if (chat === peer) return { replyTo: { uid: record.uid, localId: record.id }, content };
  content.reply_from = { _: 'messageFwdHeader', from_id: peerUser(Number(record.from)), date: record.date };
  if (!given) {
    const [original] = await openAll(deps, caller.userId, [record]);
    const text = original?.content.message.slice(0, QUOTE_CHARACTERS_MAX);
    if (text) content.quote_text = text;
  }
  return { replyTo: undefined, content };
}

/** A quote keeps the styles that its author could see; white space around it stays, so a quote that trimming would move goes plain. */
function quoteEntities(deps: Deps, caller: CallerContext, text: string, entities: Parameters<typeof formatText>[1]): MessageContent['quote_entities'] {
  if (!entities || entities.length === 0) return undefined;
  const formatted = formatText(text, entities, (input) => tryUser(deps, caller, input));
  return formatted.text === text ? formatted.entities : undefined;
}
