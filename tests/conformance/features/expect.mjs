// Small readings of what clients report, so that features say what they mean.
import assert from 'node:assert/strict';

/** The message that an update brings: {id, text, out, peer, entities, silent}; undefined for other updates. */
export function incoming(update) {
  if (update._ === 'updateNewMessage') {
    const { id, message, out, peer_id: peer, entities, silent } = update.message;
    return { id, text: message, out: Boolean(out), peer: peer?.user_id, entities: entities ?? [], silent: Boolean(silent) };
  }
  if (update._ === 'updateShortMessage') {
    return { id: update.id, text: update.message, out: Boolean(update.out), peer: update.user_id, entities: update.entities ?? [], silent: Boolean(update.silent) };
  }
  return undefined;
}
export const isEdit = (update) => update._ === 'updateEditMessage';
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
