import { normalizeText } from '@heliograph/box/search-words';
import type { Keyring } from '@heliograph/crypto/keyring';
import type { Storage } from '@heliograph/storage/storage';
import type { SearchPostsFlood } from '@heliograph/tl/api';
import { POST_SEARCH_STARS, POST_SEARCHES_DAILY_MAX } from '../limits';
import { postQuery } from '../tables/post-query';
import { wordTokens } from './post-tokens';

const DAY_SECONDS = 86_400;

/** What a user has left of the day's searches of public posts by text. */
export interface SearchesLeft {
  readonly remains: number;
  /** The text was searched for today: again, and for its further pages, it takes none. */
  readonly isFree: boolean;
  /** When there are more, unix seconds. */
  readonly nextDay: number;
}

/** Counts searches of public posts by text: each text takes one of POST_SEARCHES_DAILY_MAX a day (UTC). Calls that are under way at once may each take the last one. */
export class PostSearches {
  constructor(private readonly storage: Pick<Storage, 'range' | 'put'>, private readonly keyring: Pick<Keyring, 'secret'>) {}

  /** `date`: now, unix seconds. No text: what is left at all. */
  async look(user: number, date: number, text?: string): Promise<SearchesLeft> {
    const day = Math.floor(date / DAY_SECONDS);
    const rows = await this.storage.range(postQuery, { user, day }, { limit: POST_SEARCHES_DAILY_MAX * 10 });
    const [query] = text === undefined ? [] : await wordTokens(this.keyring, [text]);
    return { remains: Math.max(0, POST_SEARCHES_DAILY_MAX - rows.length), isFree: rows.some((row) => row.query === query), nextDay: (day + 1) * DAY_SECONDS };
  }

  /** The same after a search for the text; undefined: none is left for it. */
  async take(user: number, date: number, text: string): Promise<SearchesLeft | undefined> {
    const before = await this.look(user, date, text);
    if (before.isFree) return before;
    if (before.remains === 0) return undefined;
    const [query = 0n] = await wordTokens(this.keyring, [text]);
    await this.storage.put(postQuery, { user, day: Math.floor(date / DAY_SECONDS), query, at: date });
    return { ...before, remains: before.remains - 1, isFree: true };
  }
}

/** The text of a search, as those that were made are told apart. */
export const searchedText = (query: string): string => normalizeText(query.trim());

export function searchesLeft({ remains, isFree, nextDay }: SearchesLeft): SearchPostsFlood {
  return {
    _: 'searchPostsFlood', query_is_free: isFree || undefined, total_daily: POST_SEARCHES_DAILY_MAX, remains, wait_till: remains === 0 ? nextDay : undefined, stars_amount: BigInt(POST_SEARCH_STARS),
  };
}
