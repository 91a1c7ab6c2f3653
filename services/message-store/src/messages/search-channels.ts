import { mayRead } from '@heliograph/box/channel-rights';
import type { CallerContext } from '@heliograph/client-api/method';
import type { MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { MessagesMessages, MessagesMessagesSlice, MessagesSearchGlobalRequest, TypeMessage } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import type { BoxReader } from '../engine/contract';
import { SEARCH_CHANNELS_MAX } from '../limits';
import { channelMessageViews } from './channel-views';
import type { ChannelReader } from './channels';
import { DialogSearch, type SearchConditions } from './search';

/** The message that a page of a search over all chats ended with. */
export interface SearchOffset {
  /** Unix seconds. */
  readonly date: number;
  /** Box of a channel; 0: the caller's own. */
  readonly channel: number;
  readonly id: number;
}

interface Found {
  readonly record: MessageRecord;
  readonly channel: ChannelReader;
}

type Answer = MessagesMessages | MessagesMessagesSlice;

/** The caller's channels (of a folder, of a kind), those with the newest messages, to be searched: SEARCH_CHANNELS_MAX of them. */
export async function searchableChannels(
  deps: Pick<Deps, 'channels'>, caller: CallerContext, own: BoxReader, folder: number | undefined, request: MessagesSearchGlobalRequest,
): Promise<ChannelReader[]> {
  if (request.users_only) return [];
  const rows = own.channels().filter(({ folderId }) => folder === undefined || folderId === folder);
  if (rows.length === 0) return [];
  const states = (await deps.channels.find(caller.userId, rows.map(({ peer }) => Number(peer)))).filter(({ record, member }) => {
    if (record === undefined || !mayRead(record, member, caller.date)) return false;
    return (!request.broadcasts_only || record.broadcast) && (!request.groups_only || !record.broadcast);
  });
  return states.sort((a, b) => b.topDate - a.topDate).slice(0, SEARCH_CHANNELS_MAX).flatMap((state) => deps.channels.reader(caller.userId, state) ?? []);
}

/**
 * Adds what channels have to a page of a search over the caller's own chats. All of it is in one order: by falling date, of one second the own ones first, then by
 * channel and id. `own`: its page, which holds only what comes after the offset.
 */
export async function withChannels(
  deps: Pick<Deps, 'comments' | 'dc' | 'dcs' | 'engine' | 'homes' | 'keyring' | 'postCounts'>, caller: CallerContext, channels: readonly ChannelReader[], conditions: SearchConditions,
  own: Answer, limit: number, offset: SearchOffset | undefined,
): Promise<Answer> {
  if (channels.length === 0) return own;
  const found = (await Promise.all(channels.map((channel) => searchChannel(deps, channel, conditions, limit + 1, offset)))).flat();
  if (found.length === 0) return own;
  const ofOwn = own.messages.map((message) => ({ date: dateOf(message), message }));
  const all = [...ofOwn, ...found.map((each) => ({ date: each.record.date, found: each }))].sort(inOrder);
  const shown = all.slice(0, limit);
  const views = new Map<MessageRecord, TypeMessage>();
  await Promise.all(channels.map(async (channel) => {
    const records = shown.flatMap((each) => ('found' in each && each.found.channel === channel ? [each.found.record] : []));
    (await channelMessageViews(deps, caller, channel, records)).forEach((view, index) => views.set(records[index] as MessageRecord, view));
  }));
  const messages = shown.map((each) => ('found' in each ? (views.get(each.found.record) as TypeMessage) : each.message));
  const hasMore = all.length > shown.length || (own._ === 'messages.messagesSlice' && own.next_rate !== undefined);
  const count = Math.max(all.length, own._ === 'messages.messagesSlice' ? own.count + found.length : 0);
  return { _: 'messages.messagesSlice', count, messages, topics: [], chats: [], users: [], inexact: hasMore || undefined, next_rate: hasMore ? shown.at(-1)?.date : undefined };
}

async function searchChannel(
  deps: Pick<Deps, 'dc' | 'dcs' | 'homes' | 'keyring'>, channel: ChannelReader, conditions: SearchConditions, limit: number, offset: SearchOffset | undefined,
): Promise<Found[]> {
  const { box } = channel;
  // After a message of its own: by id. After another channel's: of that second what that order leaves.
  const maxId = offset?.channel === box ? offset.id : 0;
  const leavesThatSecond = offset !== undefined && box < offset.channel;
  const before = offset === undefined || offset.channel === box ? 0 : offset.date + (leavesThatSecond ? 1 : 0);
  const maxDate = before === 0 ? conditions.maxDate : conditions.maxDate > 0 ? Math.min(conditions.maxDate, before) : before;
  const records = await new DialogSearch(deps, channel, box, box, { ...conditions, maxDate }).source({ maxId, minId: 0, limit });
  return records.map((record) => ({ record, channel }));
}

type Placed = { date: number; message: TypeMessage } | { date: number; found: Found };

/** By falling date; of one second own messages first, then channels by falling box, then by falling id. */
function inOrder(a: Placed, b: Placed): number {
  if (a.date !== b.date) return b.date - a.date;
  const [boxA, idA] = placeOf(a);
  const [boxB, idB] = placeOf(b);
  return boxB - boxA || idB - idA;
}

const placeOf = (each: Placed): [box: number, id: number] => ('found' in each ? [each.found.channel.box, each.found.record.id] : [0, each.message.id]);

const dateOf = (message: TypeMessage): number => (message._ === 'messageEmpty' ? 0 : message.date);
