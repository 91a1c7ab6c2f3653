import type { MessageEntityMentionName, TypeInputUser, TypeMessageEntity } from '@heliograph/tl/api';
import { badRequest } from '@heliograph/client-api/rpc-error';
import { ENTITIES_MAX, MESSAGE_CHARACTERS_MAX } from '../limits';
import { findEntities } from './auto-entities';

export interface FormattedText {
  text: string;
  /** By offset, the longer first; undefined when there are none. */
  entities?: TypeMessageEntity[];
}

/** Kinds that the server finds by itself: a client's word for them is not taken. */
const FOUND_BY_SERVER: ReadonlySet<TypeMessageEntity['_']> = new Set<TypeMessageEntity['_']>([
  'messageEntityUnknown', 'messageEntityMention', 'messageEntityHashtag', 'messageEntityCashtag', 'messageEntityBotCommand', 'messageEntityUrl', 'messageEntityEmail', 'messageEntityPhone',
]);
/**
 * A mention by id, without an access hash: only the server says it, of users whom the writer may name. Taken from a client it
 * would show anybody, access hash and all, to whoever writes an id.
 */
const SAID_BY_SERVER_ONLY = 'messageEntityMentionName';
/** Kinds that may lie in one another and whose touching parts of one kind become one. */
const STYLES: ReadonlySet<TypeMessageEntity['_']> = new Set<TypeMessageEntity['_']>(['messageEntityBold', 'messageEntityItalic', 'messageEntityUnderline', 'messageEntityStrike', 'messageEntitySpoiler']);
/** Monospace text carries no style of its own. */
const MONOSPACE: ReadonlySet<TypeMessageEntity['_']> = new Set<TypeMessageEntity['_']>(['messageEntityCode', 'messageEntityPre']);

/** Control characters but the line feed. */
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f]/;

/**
 * A text with its entities as the server stores them (docs: core.telegram.org/api/entities): control characters and white space
 * around it gone, offsets checked and moved along, links and the like marked.
 * `findUser` resolves the user of an inputMessageEntityMentionName; undefined when its access hash is wrong.
 * Throws MESSAGE_EMPTY, MESSAGE_TOO_LONG, ENTITIES_TOO_LONG, ENTITY_BOUNDS_INVALID, ENTITY_MENTION_USER_INVALID.
 */
export function formatText(given: string, givenEntities: readonly TypeMessageEntity[] | undefined, findUser: (input: TypeInputUser) => number | undefined): FormattedText {
  const entities = checked(given, givenEntities ?? [], findUser);
  const cleaned = CONTROL.test(given) ? clean(given, entities) : given;
  const text = trim(cleaned, entities);
  if (text === '') throw badRequest('MESSAGE_EMPTY');
  if (text.length > MESSAGE_CHARACTERS_MAX && codePoints(text) > MESSAGE_CHARACTERS_MAX) throw badRequest('MESSAGE_TOO_LONG');
  const kept = joinStyles(entities.filter((entity) => entity.length > 0));
  const all = [...withoutStylesInMonospace(kept), ...findEntities(text, kept)].sort(byPlace);
  return all.length > 0 ? { text, entities: all } : { text };
}

/** A draft's text: as it was typed, white space included, and it may be empty; only the entities' bounds are checked and offsets cleaned. */
export function formatDraft(given: string, givenEntities: readonly TypeMessageEntity[] | undefined, findUser: (input: TypeInputUser) => number | undefined): FormattedText {
  const entities = checked(given, givenEntities ?? [], findUser);
  const text = CONTROL.test(given) ? clean(given, entities) : given;
  if (text.length > MESSAGE_CHARACTERS_MAX && codePoints(text) > MESSAGE_CHARACTERS_MAX) throw badRequest('MESSAGE_TOO_LONG');
  const kept = joinStyles(entities.filter((entity) => entity.length > 0));
  return kept.length > 0 ? { text, entities: kept } : { text };
}

/** Own copies of the client's entities, in bounds, without those that only the server says. */
function checked(text: string, entities: readonly TypeMessageEntity[], findUser: (input: TypeInputUser) => number | undefined): TypeMessageEntity[] {
  if (entities.length > ENTITIES_MAX) throw badRequest('ENTITIES_TOO_LONG');
  const result: TypeMessageEntity[] = [];
  for (const entity of entities) {
    const { offset, length } = entity;
    if (offset < 0 || length < 0 || offset + length > text.length || splitsPair(text, offset) || splitsPair(text, offset + length)) throw badRequest('ENTITY_BOUNDS_INVALID');
    if (FOUND_BY_SERVER.has(entity._) || entity._ === SAID_BY_SERVER_ONLY) continue;
    result.push(entity._ === 'inputMessageEntityMentionName' ? mentionName(offset, length, findUser(entity.user_id)) : { ...entity });
  }
  return result;
}

function mentionName(offset: number, length: number, user: number | undefined): MessageEntityMentionName {
  if (user === undefined) throw badRequest('ENTITY_MENTION_USER_INVALID');
  return { _: 'messageEntityMentionName', offset, length, user_id: user };
}

/** Whether a boundary lies between the halves of a surrogate pair. */
function splitsPair(text: string, at: number): boolean {
  if (at <= 0 || at >= text.length) return false;
  return (text.charCodeAt(at - 1) & 0xfc00) === 0xd800 && (text.charCodeAt(at) & 0xfc00) === 0xdc00;
}

/** Drops carriage returns and turns other control characters into spaces; moves `entities` along. */
function clean(text: string, entities: TypeMessageEntity[]): string {
  // removed[i]: characters dropped before position i.
  const removed = new Int32Array(text.length + 1);
  let result = '';
  for (let i = 0; i < text.length; i += 1) {
    const character = text[i] as string;
    const dropped = character === '\r';
    removed[i + 1] = (removed[i] as number) + (dropped ? 1 : 0);
    if (!dropped) result += CONTROL.test(character) ? ' ' : character;
  }
  for (const entity of entities) {
    const end = entity.offset + entity.length;
    entity.offset -= removed[entity.offset] as number;
    entity.length = end - (removed[end] as number) - entity.offset;
  }
  return result;
}

/** Takes white space off both ends; moves and shortens `entities`. */
function trim(text: string, entities: TypeMessageEntity[]): string {
  const withoutEnd = text.trimEnd();
  const trimmed = withoutEnd.trimStart();
  if (trimmed.length === text.length) return text;
  const start = withoutEnd.length - trimmed.length;
  for (const entity of entities) {
    const from = Math.min(Math.max(entity.offset - start, 0), trimmed.length);
    const to = Math.min(Math.max(entity.offset + entity.length - start, 0), trimmed.length);
    entity.offset = from;
    entity.length = to - from;
  }
  return trimmed;
}

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

const byPlace = (a: TypeMessageEntity, b: TypeMessageEntity): number => a.offset - b.offset || b.length - a.length || (a._ < b._ ? -1 : a._ > b._ ? 1 : 0);

/** Sorts, and makes one of styles of one kind that touch or overlap. Of other kinds the first of several in one place stays. */
function joinStyles(entities: TypeMessageEntity[]): TypeMessageEntity[] {
  const result: TypeMessageEntity[] = [];
  const last = new Map<string, TypeMessageEntity>();
  for (const entity of entities.sort(byPlace)) {
    const before = last.get(entity._);
    const end = before ? before.offset + before.length : -1;
    if (before && STYLES.has(entity._) && entity.offset <= end) {
      before.length = Math.max(end, entity.offset + entity.length) - before.offset;
      continue;
    }
    if (before && !STYLES.has(entity._) && entity.offset < end) continue;
    last.set(entity._, entity);
    result.push(entity);
  }
  return result;
}

/** Cuts the parts of styles that lie in monospace text. */
function withoutStylesInMonospace(entities: TypeMessageEntity[]): TypeMessageEntity[] {
  const blocks = entities.filter((entity) => MONOSPACE.has(entity._));
  if (blocks.length === 0) return entities;
  return entities.flatMap((entity) => {
    if (!STYLES.has(entity._)) return [entity];
    let parts = [{ start: entity.offset, end: entity.offset + entity.length }];
    for (const block of blocks) {
      const end = block.offset + block.length;
      parts = parts.flatMap((part) => [{ start: part.start, end: Math.min(part.end, block.offset) }, { start: Math.max(part.start, end), end: part.end }].filter((piece) => piece.start < piece.end));
    }
    return parts.map((part) => ({ ...entity, offset: part.start, length: part.end - part.start }));
  });
}
