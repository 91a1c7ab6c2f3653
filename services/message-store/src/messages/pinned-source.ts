import type { Deps } from '../deps';
import type { BoxReader } from '../engine/contract';
import type { PageSource } from './page';
import { openAll } from './views';
import type { SearchConditions } from './search';

/** The pinned messages of a dialog (at most 100, which the engine sees to) that meet the conditions, as a source of pages. */
export function pinnedSource(deps: Pick<Deps, 'keyring'>, reader: BoxReader, box: number, peer: number, { query, from }: SearchConditions): PageSource {
  return async ({ maxId, minId, limit, oldestFirst }) => {
    const ids = [...(reader.dialog(peer)?.pinnedIds ?? [])].filter((id) => id > minId && (maxId <= 0 || id < maxId)).sort((a, b) => b - a);
    const alive = (await reader.messages(ids)).filter((record) => record !== undefined).filter((record) => from === 0 || Number(record.from) === from);
    const fitting = query.words.length === 0 ? alive : (await openAll(deps, box, alive)).filter(({ content }) => query.matches(content.message)).map(({ record }) => record);
    return oldestFirst ? fitting.slice(-limit) : fitting.slice(0, limit);
  };
}
