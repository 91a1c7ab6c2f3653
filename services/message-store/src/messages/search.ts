import { peerOfSavedPart } from '@heliograph/box/box-id';
import { isMentioned } from '@heliograph/box/channel-sight';
import { classWord, savedWord, threadWord } from '@heliograph/box/search-words';
import type { MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Deps } from '../deps';
import type { SearchQuery } from '../domain/search-query';
import { PAGE_ROWS_MAX, SEARCH_CHECKED_ROWS_MAX, SEARCH_COUNTED_ROWS_MAX } from '../limits';
import type { ChatReader } from './chat-messages';
import type { PageSource } from './page';
import { searchKeys } from './search-keys';
import { openAll } from './views';

/** What a message must be to be found. */
export interface SearchConditions {
  query: SearchQuery;
  /** Bit set of MediaClass: one of them; 0: any. */
  classes: number;
  /** Whom it is from, by number, 0: anybody. */
  from: number;
  /** A user whom it must mention. In an own box only the owner is known to be. */
  mentioned?: number;
  /** First message of the channel's thread that it is an answer in; absent: in any or none. */
  thread?: number;
  /** Part of Saved Messages (its dialog) that it is in; absent: in any. */
  part?: number;
  /** Unix seconds, exclusive; 0: no bound. */
  minDate: number;
  maxDate: number;
}

export interface SearchCount {
  count: number;
  /** False: there are more, which were not counted. */
  exact: boolean;
}

/** Ids that lie between, exclusive; maxId 0: no bound. */
interface Bounds {
  maxId: number;
  minId: number;
}

/**
 * The messages of one dialog that meet some conditions. The index is asked for what it knows (words, a single media class); other
 * conditions are checked on the messages, SEARCH_CHECKED_ROWS_MAX of them at the most. One instance serves one request.
 * `moved`: whether the box or the peer (a user) lives, or has lived, elsewhere than its id says; left out, it is asked for when needed.
 */
export class DialogSearch {
  private left = SEARCH_CHECKED_ROWS_MAX;
  private tokens: Promise<Uint8Array[][]> | undefined;
  private bounds: Promise<Bounds | undefined> | undefined;
  private newest: Promise<MessageRecord[]> | undefined;

  constructor(
    private readonly deps: Pick<Deps, 'dc' | 'dcs' | 'homes' | 'keyring'>, private readonly reader: ChatReader, private readonly box: number, private readonly peer: number,
    private readonly conditions: SearchConditions, private readonly moved?: boolean,
  ) {}

  /** The dialog that lists what is searched. */
  private get listed(): number {
    return this.conditions.part ?? this.peer;
  }

  readonly source: PageSource = async ({ maxId, minId, limit, oldestFirst }) => {
    const found: MessageRecord[] = [];
    let within = await this.within({ maxId, minId });
    while (within && found.length < limit && this.left > 0) {
      const candidates = await this.candidates(within, oldestFirst ?? false);
      const end = oldestFirst ? candidates[0] : candidates.at(-1);
      if (!end) break;
      this.left -= candidates.length;
      const fitting = await this.fit(candidates);
      if (oldestFirst) found.unshift(...fitting.slice(-(limit - found.length)));
      else found.push(...fitting.slice(0, limit - found.length));
      within = oldestFirst ? { ...within, minId: end.id } : { ...within, maxId: end.id };
    }
    return found;
  };

  /** How many there are, counting SEARCH_COUNTED_ROWS_MAX candidates at the most. */
  async count(): Promise<SearchCount> {
    const within = await this.within({ maxId: 0, minId: 0 });
    if (!within) return { count: 0, exact: true };
    if ((await this.wanted()).length > 0) {
      const candidates = await this.newestIndexed();
      return { count: (await this.fit(candidates)).length, exact: candidates.length < SEARCH_COUNTED_ROWS_MAX };
    }
    let count = 0;
    let { maxId } = within;
    for (let seen = 0; seen < SEARCH_COUNTED_ROWS_MAX;) {
      const candidates = await this.candidates({ ...within, maxId }, false);
      const end = candidates.at(-1);
      count += (await this.fit(candidates)).length;
      if (!end || candidates.length < PAGE_ROWS_MAX) return { count, exact: true };
      seen += candidates.length;
      maxId = end.id;
    }
    return { count, exact: false };
  }

  /** The ids that the dates leave of some bounds; undefined: none. */
  private async within({ maxId, minId }: Bounds): Promise<Bounds | undefined> {
    const dates = await (this.bounds ??= this.boundsOfDates());
    if (!dates) return undefined;
    const upper = maxId > 0 && dates.maxId > 0 ? Math.min(maxId, dates.maxId) : Math.max(maxId, dates.maxId);
    return { maxId: upper, minId: Math.max(minId, dates.minId) };
  }

  private async boundsOfDates(): Promise<Bounds | undefined> {
    const { minDate, maxDate } = this.conditions;
    let minId = 0;
    if (minDate > 0) {
      const first = await this.reader.findIdAtDate(this.listed, minDate + 1);
      if (first === 0) return undefined;
      minId = first - 1;
    }
    return { minId, maxId: maxDate > 0 ? await this.reader.findIdAtDate(this.listed, maxDate) : 0 };
  }

  /** Some of the messages that may fit, those nearest to the end that is walked from, newest first; none: there are no more. */
  private async candidates({ maxId, minId }: Bounds, oldestFirst: boolean): Promise<MessageRecord[]> {
    const { reader, listed: peer } = this;
    const tokens = await this.wanted();
    if (tokens.length === 0) return reader.history({ peer, maxId, minId, limit: PAGE_ROWS_MAX, oldestFirst });
    const newest = await this.newestIndexed();
    const lowest = newest.length < SEARCH_COUNTED_ROWS_MAX ? 0 : (newest.at(-1)?.id ?? 0);
    // The newest ones are here already, and reach down to `lowest`.
    if (oldestFirst ? minId >= lowest : maxId === 0 || maxId > lowest) return newest.filter((record) => record.id > minId && (maxId === 0 || record.id < maxId));
    if (!oldestFirst) return this.indexed(tokens, { maxId, minId }, PAGE_ROWS_MAX);
    // The index walks from new to old only: the oldest above minId are the last of all above it.
    return (await this.indexed(tokens, { maxId, minId }, SEARCH_CHECKED_ROWS_MAX)).slice(-PAGE_ROWS_MAX);
  }

  /** The newest messages that the index knows, SEARCH_COUNTED_ROWS_MAX at the most: what most requests need, asked for once. */
  private newestIndexed(): Promise<MessageRecord[]> {
    this.newest ??= Promise.all([this.wanted(), this.within({ maxId: 0, minId: 0 })]).then(([tokens, within]) => (within ? this.indexed(tokens, within, SEARCH_COUNTED_ROWS_MAX) : []));
    return this.newest;
  }

  /** Messages that carry all tokens of one of the sets, newest first. */
  private async indexed(sets: readonly (readonly Uint8Array[])[], bounds: Bounds, limit: number): Promise<MessageRecord[]> {
    const found = await Promise.all(sets.map((tokens) => this.reader.searchToken({ peer: this.peer, tokens, ...bounds, limit })));
    // A message is sealed, and so indexed, under one key: no two sets find the same.
    return found.length === 1 ? (found[0] as MessageRecord[]) : found.flat().sort((a, b) => b.id - a.id).slice(0, limit);
  }

  /** The tokens to look up, a set for each key that the dialog's messages may be sealed under; none: the index does not help. */
  private wanted(): Promise<Uint8Array[][]> {
    this.tokens ??= (async () => {
      const { query, classes, thread, part } = this.conditions;
      const words = [...query.words];
      if (classes !== 0 && (classes & (classes - 1)) === 0) words.push(classWord(classes));
      if (thread !== undefined) words.push(threadWord(thread));
      if (words.length === 0) return [];
      if (part !== undefined) words.push(savedWord(peerOfSavedPart(part)));
      const keys = await searchKeys(this.deps, this.reader, this.box, this.peer, this.moved);
      return keys.map((key) => words.map((word) => key.token(word)));
    })();
    return this.tokens;
  }

  private async fit(candidates: readonly MessageRecord[]): Promise<MessageRecord[]> {
    const { query, classes, from, mentioned, thread, minDate, maxDate } = this.conditions;
    const quick = candidates.filter((record) => {
      // A broadcast's posts are its own.
      if (from !== 0 && Number(record.from || record.peer) !== from) return false;
      if (mentioned !== undefined && !record.mentioned && !isMentioned(mentioned, record)) return false;
      if (thread !== undefined && record.threadId !== thread) return false;
      if (minDate > 0 && record.date <= minDate) return false;
      if (maxDate > 0 && record.date >= maxDate) return false;
      return classes === 0 || ((record.content?.mediaClass ?? 0) & classes) !== 0;
    });
    if (query.isWholeInWords) return quick;
    const opened = await openAll(this.deps, this.box, quick);
    return opened.filter(({ content }) => query.matches(content.message)).map(({ record }) => record);
  }
}
