import { normalizeText, wordsOf } from '@heliograph/box/search-words';
import { SEARCH_QUERY_CHARACTERS_MAX, SEARCH_QUERY_WORDS_MAX } from '../limits';

export interface SearchQuery {
  /** Words looked up in the index; empty: no condition on the text. */
  words: string[];
  /** Whether carrying the words is all that is asked, so that an indexed message needs no look at its text. */
  isWholeInWords: boolean;
  /** Whether a text has all that is asked: every word, and marks (#tag, $CASH, @name). */
  matches(text: string): boolean;
}

/** A query as it is searched for: all of its words, in any order; a mark before a word must be there too. */
export function parseQuery(given: string): SearchQuery {
  const query = given.slice(0, SEARCH_QUERY_CHARACTERS_MAX).trim();
  const words = wordsOf(query, Number.MAX_SAFE_INTEGER);
  const marks = (query.match(/[#$@][\p{L}\p{N}\p{M}_]+/gu) ?? []).map(normalizeText);
  return {
    words: words.slice(0, SEARCH_QUERY_WORDS_MAX),
    isWholeInWords: words.length <= SEARCH_QUERY_WORDS_MAX && marks.length === 0,
    matches: (text) => {
      const present = new Set(wordsOf(text, Number.MAX_SAFE_INTEGER));
      if (!words.every((word) => present.has(word))) return false;
      if (marks.length === 0) return true;
      const normal = normalizeText(text);
      return marks.every((mark) => normal.includes(mark));
    },
  };
}

/** Whether a query has nothing that could be found: only marks and punctuation. */
export const isUnfindable = (given: string): boolean => given.trim() !== '' && wordsOf(given, 1).length === 0;
