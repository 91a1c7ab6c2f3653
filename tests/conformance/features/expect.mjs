// Small readings of what clients report, so that features say what they mean.
import assert from 'node:assert/strict';
import { markedChannel } from '../drivers/names.mjs';

/** A peer as drivers name it: a user's id, or the marked one of a group or channel. */
export function peerId(peer) {
  if (peer?.channel_id !== undefined) return markedChannel(peer.channel_id);
  return peer?.user_id ?? (peer?.chat_id === undefined ? undefined : -peer.chat_id);
}
const isNewMessage = (update) => update._ === 'updateNewMessage' || update._ === 'updateNewChannelMessage';

/** The message that an update brings: {id, text, out, peer, from, entities, silent, mentioned, replyTo, raw}; undefined for other updates. */
export function incoming(update) {
  if (isNewMessage(update)) {
    const { message } = update;
    return told(message, peerId(message.peer_id), peerId(message.from_id));
  }
  if (update._ === 'updateShortMessage') return told(update, update.user_id, undefined);
  if (update._ === 'updateShortChatMessage') return told(update, -update.chat_id, update.from_id);
  return undefined;
}
function told(raw, peer, from) {
  const { id, message, out, entities, silent, mentioned, reply_to: replyTo } = raw;
  return { id, text: message, out: Boolean(out), peer, from, entities: entities ?? [], silent: Boolean(silent), mentioned: Boolean(mentioned), replyTo: replyTo?.reply_to_msg_id ?? 0, raw };
}

/** The service message that an update brings: {id, peer, from, action}; undefined for other updates. */
export function notice(update, kind) {
  const { message } = update;
  if (!isNewMessage(update) || message._ !== 'messageService' || (kind && message.action._ !== `messageAction${kind}`)) return undefined;
  return { id: message.id, peer: peerId(message.peer_id), from: peerId(message.from_id), action: message.action, replyTo: message.reply_to?.reply_to_msg_id ?? 0 };
}
export const isEdit = (update) => update._ === 'updateEditMessage' || update._ === 'updateEditChannelMessage';
export const isRead = (update, side) => update._ === `updateReadHistory${side}`;
/** "page 7" → 7 */
export const numbered = (messages) => messages.map((message) => Number(message.text.split(' ').pop()));

/** Retries an assertion until it holds. */
export async function eventually(check, timeoutMs = 8000) {
  const until = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise((done) => setTimeout(done, 100));
    }
  }
}

/** The call fails with this Telegram error type (or a text that matches). */
export async function expectError(promise, type) {
  let answer;
  try {
    answer = await promise;
  } catch (error) {
    // Telethon spells the names of errors that it has classes for by its classes: FIRST_NAME_INVALID.
    if (typeof type === 'string' && error.type?.replaceAll('_', '') === type.replaceAll('_', '')) return;
    if (type instanceof RegExp ? type.test(error.type ?? error.message) || type.test(error.message) : error.type === type || error.message.includes(type)) return;
    throw new Error(`expected ${type}, got ${error.message}`);
  }
  assert.fail(`expected ${type}, got ${JSON.stringify(answer)?.slice(0, 200)}`);
}
