import type { MessageContent } from '@heliograph/box/content';
import { dialogScope } from '@heliograph/box/dialog-key';
import { mediaClass } from '@heliograph/box/media-class';
import { classWord } from '@heliograph/box/search-words';
import type { MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Deps } from '../deps';
import type { SearchQuery } from '../domain/search-query';
import type { BoxReader } from '../engine/contract';
import { PAGE_ROWS_MAX, SEARCH_CHECKED_MAX } from '../limits';
import type { PageSource } from './page';
import { openAll } from './views';

/** What a message must be to be found. */
export interface SearchConditions {
  query: SearchQuery;
  /** Bit set of MediaClass: one of them; 0: any. */
  classes: number;
  /** Author, 0: anybody. */
  from: number;
  /** Unix seconds, exclusive; 0: no bound. */
  minDate: number;
  maxDate: number;
}

type Query = Parameters<PageSource>[0];

/**
 * Messages of one dialog that meet the conditions, as a source of pages. The index is asked for what it knows (words, or a single
 * media class); the rest is checked on opened messages, SEARCH_CHECKED_MAX at the most per call of this function.
 */
export function searchSource(deps: Pick<Deps, 'keyring'>, reader: BoxReader, box: number, peer: number, conditions: SearchConditions): PageSource {
  let budget = SEARCH_CHECKED_MAX;
  return async (query) => {
    const found: MessageRecord[] = [];
    const tokens = await tokensOf(deps, box, peer, conditions);
    const bounded = await boundByDates(reader, peer, query, conditions);
    if (!bounded) return found;
    let bounds = bounded;
    while (found.length < query.limit && budget > 0) {
      const candidates = await readCandidates(reader, peer, tokens, bounds);
      budget -= candidates.length;
      const fitting = await fit(deps, box, candidates, conditions);
      if (query.oldestFirst) found.unshift(...fitting.slice(-(query.limit - found.length)));
      else found.push(...fitting.slice(0, query.limit - found.length));
      const end = query.oldestFirst ? candidates[0] : candidates.at(-1);
      if (!end || candidates.length < PAGE_ROWS_MAX) break;
      bounds = query.oldestFirst ? { ...bounds, minId: end.id } : { ...bounds, maxId: end.id };
    }
    return found;
  };
}

/** The ids that the dates leave; undefined: none. */
async function boundByDates(reader: BoxReader, peer: number, query: Query, { minDate, maxDate }: SearchConditions): Promise<Query | undefined> {
  let { minId, maxId } = query;
  if (minDate > 0) {
    const first = await reader.findIdAtDate(peer, minDate + 1);
    if (first === 0) return undefined;
    minId = Math.max(minId, first - 1);
  }
  if (maxDate > 0) {
    const end = await reader.findIdAtDate(peer, maxDate);
    if (end > 0) maxId = maxId > 0 ? Math.min(maxId, end) : end;
  }
  return { ...query, minId, maxId };
}

async function readCandidates(reader: BoxReader, peer: number, tokens: Uint8Array[], { maxId, minId, oldestFirst }: Query): Promise<MessageRecord[]> {
  if (tokens.length === 0) return reader.history({ peer, maxId, minId, limit: PAGE_ROWS_MAX, oldestFirst });
  if (!oldestFirst) return reader.searchToken({ peer, tokens, maxId, minId, limit: PAGE_ROWS_MAX });
  // The index walks from new to old only: the oldest above minId are the last of all above it.
  let above: MessageRecord[] = [];
  for (let from = maxId; ;) {
    const some = await reader.searchToken({ peer, tokens, maxId: from, minId, limit: PAGE_ROWS_MAX });
    above = [...above, ...some].slice(-PAGE_ROWS_MAX);
    const last = some.at(-1);
    if (!last || some.length < PAGE_ROWS_MAX) return above;
    from = last.id;
  }
}

async function tokensOf(deps: Pick<Deps, 'keyring'>, box: number, peer: number, { query, classes }: SearchConditions): Promise<Uint8Array[]> {
  const words = [...query.words];
  if (classes !== 0 && (classes & (classes - 1)) === 0) words.push(classWord(classes));
  if (words.length === 0) return [];
  const key = await deps.keyring.dataKey(dialogScope(box, peer));
  return words.map((word) => key.token(word));
}

async function fit(deps: Pick<Deps, 'keyring'>, box: number, candidates: readonly MessageRecord[], conditions: SearchConditions): Promise<MessageRecord[]> {
  const { query, classes, from, minDate, maxDate } = conditions;
  const quick = candidates.filter((record) => {
    if (from !== 0 && Number(record.from) !== from) return false;
    if (minDate > 0 && record.date <= minDate) return false;
    if (maxDate > 0 && record.date >= maxDate) return false;
    return classes === 0 || ((record.content?.mediaClass ?? 0) & classes) !== 0;
  });
  if (query.words.length === 0) return quick;
  const opened = await openAll(deps, box, quick);
  return opened.filter(({ content }) => isFound(content, query, classes)).map(({ record }) => record);
}

function isFound(content: MessageContent, query: SearchQuery, classes: number): boolean {
  return query.matches(content.message) && (classes === 0 || (mediaClass(content) & classes) !== 0);
}

/** How many messages a source has, walking all of it within its budget; `exact` false where the budget ended first. */
export async function countSource(source: PageSource): Promise<{ count: number; exact: boolean }> {
  let count = 0;
  for (let maxId = 0; count < SEARCH_CHECKED_MAX;) {
    const some = await source({ maxId, minId: 0, limit: PAGE_ROWS_MAX });
    count += some.length;
    const last = some.at(-1);
    if (!last || some.length < PAGE_ROWS_MAX) return { count, exact: true };
    maxId = last.id;
  }
  return { count, exact: false };
}
