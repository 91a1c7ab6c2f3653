import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { Person } from '../client/person';
import { describe, MESSAGE, type Outcome } from '../client/session';
import type { TlValue } from '../requests/definitions';
import { encodeMarked } from '../requests/marked-encoder';
import type { KnownUser } from '../requests/sample-requests';

/** Flags of chatBannedRights that default rights can take from members. */
export const RIGHTS = [
  'change_info', 'invite_users', 'pin_messages', 'send_messages', 'send_plain', 'send_media', 'send_stickers', 'send_gifs', 'send_games', 'send_inline', 'embed_links', 'send_polls',
  'manage_topics', 'edit_rank', 'send_photos', 'send_videos', 'send_roundvideos', 'send_audios', 'send_voices', 'send_docs',
] as const;
export type Right = (typeof RIGHTS)[number];

export const random = (): bigint => randomBytes(8).readBigInt64LE(0);
export const word = (): string => randomBytes(6).toString('hex');
export const inputUser = (user: KnownUser): TlValue => ({ _: 'inputUser', ...user });
export const SELF: TlValue = { _: 'inputUserSelf' };
export const bannedRights = (...off: readonly string[]): TlValue => ({ _: 'chatBannedRights', until_date: 0, ...Object.fromEntries(off.map((right) => [right, true])) });
export const PAGE = { offset_id: 0, offset_date: 0, add_offset: 0, limit: 50, max_id: 0, min_id: 0, hash: 0n };
export const hashOf = (link: string): string => link.slice(link.lastIndexOf('+') + 1);

export const ask = (person: Person, request: TlValue): Promise<Outcome> => person.raw(encodeMarked(request).bytes);
/** A request that must succeed. */
export async function must(person: Person, request: TlValue): Promise<void> {
  const outcome = await ask(person, request);
  assert.ok(wasAllowed(outcome), `${request._}: ${describe(outcome)}`);
}

/** That it is so already is no refusal. */
export const wasAllowed = (outcome: Outcome): boolean => outcome.error === undefined || outcome.error.type.endsWith('NOT_MODIFIED');

/** What is wrong with how a group answered one act; undefined when nothing is. */
export function judgeAct(role: string, name: string, allowed: boolean, outcome: Outcome, error = /./): string | undefined {
  if (outcome.error !== undefined && outcome.error.code >= 500) return `${role}, ${name}: ${describe(outcome)}`;
  if (allowed !== wasAllowed(outcome)) return `${role}, ${name}: ${allowed ? 'may, and got' : 'may not, and got'} ${describe(outcome)}`;
  return outcome.error === undefined || allowed || error.test(outcome.error.type) ? undefined : `${role}, ${name}: refused with ${describe(outcome)}`;
}

export const isPush = ({ constructor }: { constructor: number }): boolean => !([MESSAGE.rpcResult, MESSAGE.ack, MESSAGE.pong, MESSAGE.newSession] as number[]).includes(constructor);
