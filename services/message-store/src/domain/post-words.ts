import { normalizeText, wordsOf } from '@heliograph/box/search-words';
import type { MessageContent } from '@heliograph/box/content';
import { POST_TAGS_MAX, POST_WORDS_MAX } from '../engine/limits';
import { findEntities } from './auto-entities';

/** Hashtags and cashtags of a text, with their marks, as searches compare them; each once, in their order. */
export function tagsOf({ message, entities = [] }: Pick<MessageContent, 'message' | 'entities'>): string[] {
  const tags = entities.filter(({ _ }) => _ === 'messageEntityHashtag' || _ === 'messageEntityCashtag');
  return [...new Set(tags.map(({ offset, length }) => normalizeText(message.slice(offset, offset + length))))];
}

/** What a post is found by anywhere: tags with their marks, and words. A word has no mark, so that none is like a tag. */
export function postWords(content: Pick<MessageContent, 'message' | 'entities'>): string[] {
  return [...tagsOf(content).slice(0, POST_TAGS_MAX), ...wordsOf(content.message, POST_WORDS_MAX)];
}

/** The tag that somebody asks for, with its mark, or without where it is a hashtag's; undefined: none could be called so. */
export function askedTag(given: string): string | undefined {
  const tag = /^[#$]/.test(given) ? given : `#${given}`;
  // Cashtags are written in capitals, and meant in any case.
  const written = tag.startsWith('$') ? tag.toUpperCase() : tag;
  const [entity, ...others] = findEntities(written, []);
  if (entity === undefined || others.length > 0 || entity.length !== written.length) return undefined;
  return entity._ === 'messageEntityHashtag' || entity._ === 'messageEntityCashtag' ? normalizeText(written) : undefined;
}
