import type { Method } from '@heliograph/client-api/method';
import type { MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { SearchResultsCalendarPeriod } from '@heliograph/tl/api';
import type { Deps } from '../../deps';
import { CALENDAR_DAYS_MAX, CALENDAR_MESSAGES_MAX, REQUEST_IDS_MAX } from '../../limits';
import { openPart } from '../../messages/chat-messages';
import { MediaList } from '../../messages/media-list';

const DAY_SECONDS = 86_400;

/** Messages of one day (of UTC), newest first. */
interface Day {
  readonly start: number;
  readonly records: MessageRecord[];
}

/**
 * Messages with media of a kind by days, newest first, each with its first message; of the last day perhaps a part, and then one goes on from its message
 * (docs: core.telegram.org/method/messages.getSearchResultsCalendar).
 */
export const getSearchResultsCalendar: Method<Deps, 'messages.getSearchResultsCalendar'> = async (deps, caller, request) => {
  const chat = await openPart(deps, caller, request);
  const list = await MediaList.of(deps, chat, request.filter);
  const offset = chat && request.offset_id <= 0 && request.offset_date > 0 ? await chat.reader.findIdAtDate(chat.part ?? chat.peer, request.offset_date) : request.offset_id;
  const first = list.indexBelow(offset);
  const days: Day[] = [];
  const end = Math.min(list.ids.length, first + CALENDAR_MESSAGES_MAX);
  for (let at = first; at < end && days.length <= CALENDAR_DAYS_MAX; at += REQUEST_IDS_MAX) {
    const indexes = Array.from({ length: Math.min(REQUEST_IDS_MAX, end - at) }, (_, each) => at + each);
    for (const { record } of await list.read(indexes)) addTo(days, record);
  }
  const told = days.slice(0, CALENDAR_DAYS_MAX);
  // The message that stands for a day is its first one, from which clients go on.
  const shown = told.map(({ records }) => records.at(-1) as MessageRecord);
  const oldest = shown.at(-1);
  return {
    _: 'messages.searchResultsCalendar', inexact: list.isExact ? undefined : true, count: list.count,
    min_date: oldest?.date ?? 0, min_msg_id: oldest?.id ?? 0, offset_id_offset: list.place(first + Math.max((told[0]?.records.length ?? 0) - 1, 0)),
    periods: told.map(periodOf), messages: chat ? await chat.views(shown) : [], chats: [], users: [],
  };
};

function addTo(days: Day[], record: MessageRecord): void {
  const start = record.date - (record.date % DAY_SECONDS);
  const last = days.at(-1);
  if (last?.start === start) last.records.push(record);
  else days.push({ start, records: [record] });
}

const periodOf = ({ start, records }: Day): SearchResultsCalendarPeriod => ({
  _: 'searchResultsCalendarPeriod', date: start, min_msg_id: records.at(-1)?.id ?? 0, max_msg_id: records[0]?.id ?? 0, count: records.length,
});
