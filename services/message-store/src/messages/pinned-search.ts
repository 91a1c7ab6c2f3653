import type { MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Deps } from '../deps';
import type { ChatReader } from './chat-messages';
import { sourceOf, type PageSource } from './page';
import { isInPart } from './saved-dialogs';
import type { SearchConditions, SearchCount } from './search';
import { openAll } from './views';

/** The pinned messages of a dialog (at most 100, which the engine sees to) that meet some conditions. */
export class PinnedSearch {
  constructor(
    private readonly deps: Pick<Deps, 'keyring'>, private readonly reader: Pick<ChatReader, 'dialog' | 'messages'>, private readonly box: number, private readonly peer: number,
    private readonly conditions: SearchConditions,
  ) {}

  readonly source: PageSource = async (query) => sourceOf(await this.all())(query);

  async count(): Promise<SearchCount> {
    return { count: (await this.all()).length, exact: true };
  }

  private async all(): Promise<MessageRecord[]> {
    const { query, from, part, minDate, maxDate } = this.conditions;
    const ids = [...(this.reader.dialog(this.peer)?.pinnedIds ?? [])].sort((a, b) => b - a);
    const alive = (await this.reader.messages(ids)).filter((record) => record !== undefined);
    const quick = alive.filter((record) => isInPart(record, part) && (from === 0 || Number(record.from) === from) && (minDate <= 0 || record.date > minDate) && (maxDate <= 0 || record.date < maxDate));
    if (query.words.length === 0) return quick;
    return (await openAll(this.deps, this.box, quick)).filter(({ content }) => query.matches(content.message)).map(({ record }) => record);
  }
}
