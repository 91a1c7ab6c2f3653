import type { DataKey } from '@heliograph/crypto/keyring';
import { CONTENT_TOKENS_MAX } from './limits';

/** Bytes of one blind-index token (DataKey.token). */
export const TOKEN_BYTES = 8;

const SEPARATORS = /[^\p{L}\p{N}\p{M}]+/u;
/** Scripts that are written without spaces between words: each character is a word of its own. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const ASCII = /^[\x00-\x7f]*$/;
const ASCII_WORDS = /[a-z0-9]+/g;

/** Text as searches compare it: NFKC, lower case. */
export function normalizeText(text: string): string {
  return (ASCII.test(text) ? text : text.normalize('NFKC')).toLowerCase();
}

/** Unique words of a text in order of appearance: runs of letters and digits, at most `limit`. */
export function wordsOf(text: string, limit: number): string[] {
  const words = new Set<string>();
  // Most texts: the general expressions take three times as long.
  const isPlain = ASCII.test(text);
  for (const run of isPlain ? (text.toLowerCase().match(ASCII_WORDS) ?? []) : normalizeText(text).split(SEPARATORS)) {
    if (run === '') continue;
    if (isPlain || !UNSPACED.test(run)) words.add(run);
    else for (const part of splitUnspaced(run)) words.add(part);
    if (words.size >= limit) break;
  }
  return words.size <= limit ? [...words] : [...words].slice(0, Math.max(0, limit));
}

function splitUnspaced(run: string): string[] {
  const parts: string[] = [];
  let spaced = '';
  for (const character of run) {
    if (!UNSPACED.test(character)) {
      spaced += character;
      continue;
    }
    if (spaced) parts.push(spaced);
    spaced = '';
    parts.push(character);
  }
  if (spaced) parts.push(spaced);
  return parts;
}

/** The pseudo-word under which messages of one media class (one bit) are indexed; no text has it. */
export const classWord = (bit: number): string => `\u0001class:${bit}`;

/** The pseudo-word under which the messages of a channel's thread are indexed, by the id of its first message. */
export const threadWord = (first: number): string => `\u0001thread:${first}`;

/** The pseudo-word under which the messages of a part of Saved Messages are indexed, by the chat that they are from. */
export const savedWord = (peer: number): string => `\u0001saved:${peer}`;

/** Tokens of a message, concatenated: one of its thread and of its part of Saved Messages (0: none), one per media class, then one per word, at most CONTENT_TOKENS_MAX; further words are not found by search. */
export function contentTokens(key: DataKey, text: string, classes: number, { thread = 0, saved = 0 }: { thread?: number; saved?: number } = {}): Uint8Array {
  const words: string[] = thread === 0 ? [] : [threadWord(thread)];
  if (saved !== 0) words.push(savedWord(saved));
  for (let bit = 1; bit <= classes; bit <<= 1) if (classes & bit) words.push(classWord(bit));
  words.push(...wordsOf(text, CONTENT_TOKENS_MAX - words.length));
  const tokens = new Uint8Array(words.length * TOKEN_BYTES);
  words.forEach((word, index) => tokens.set(key.token(word), index * TOKEN_BYTES));
  return tokens;
}
