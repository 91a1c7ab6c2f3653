import type { DialogFilterRecord, OrderDialogFilters, SetDialogFilter, SetDialogFilterTags } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Change, Effect } from '../change';
import { BOX_ITSELF } from '../ids';
import { DIALOG_FILTERS_MAX } from '../limits';
import { editSettings } from './settings';

/** Stands in the order for the list of all chats. */
const ALL_CHATS: DialogFilterRecord = { $typeName: 'heliograph.box.v1.DialogFilterRecord', id: 0, sealed: new Uint8Array(0), shared: false };

/**
 * Makes a filter (as the last), changes it where it stands, or deletes it, and what it was shared by with it. Refuses FILTER_ID_INVALID where there is none to delete,
 * DIALOG_FILTERS_TOO_MUCH, and FILTER_NOT_SUPPORTED for one that is shared: it stays a list of chats.
 */
export function* setDialogFilter(change: Change, { id, sealed }: SetDialogFilter): Effect {
  const filters = filtersOf(change);
  const before = filters.find((filter) => filter.id === id);
  if (id === ALL_CHATS.id || (before === undefined && sealed.length === 0)) return change.refuse('FILTER_ID_INVALID');
  if (sealed.length > 0 && before?.chatlist !== undefined && (before.shared || before.chatlist.joined.length > 0)) return change.refuse('FILTER_NOT_SUPPORTED');
  if (before === undefined && isFull(filters)) return change.refuse('DIALOG_FILTERS_TOO_MUCH');
  const made: DialogFilterRecord = { $typeName: 'heliograph.box.v1.DialogFilterRecord', id, sealed, shared: false };
  editSettings(change, () => ({ filters: sealed.length === 0 ? filters.filter((filter) => filter.id !== id) : withFilter(filters, made) }));
  change.announce({ case: 'dialogFilter', value: made });
}

/** Whether there can be no further one; one of them is the list of all chats. */
export const isFull = (filters: readonly DialogFilterRecord[]): boolean => filters.length > DIALOG_FILTERS_MAX;

/** The filters with this one, in the place of the one of its id or as the last. */
export function withFilter(filters: readonly DialogFilterRecord[], made: DialogFilterRecord): DialogFilterRecord[] {
  return filters.some(({ id }) => id === made.id) ? filters.map((filter) => (filter.id === made.id ? made : filter)) : [...filters, made];
}

/** Puts the filters in this order; those not named follow in theirs. Ids of none are passed over. */
export function* orderDialogFilters(change: Change, { order }: OrderDialogFilters): Effect {
  const before = filtersOf(change);
  const named = [...new Set(order)].map((id) => before.find((filter) => filter.id === id)).filter((filter) => filter !== undefined);
  const after = [...named, ...before.filter((filter) => !named.includes(filter))];
  if (after.every((filter, index) => filter === before[index])) return;
  editSettings(change, () => ({ filters: after }));
  change.announce({ case: 'dialogFilterOrder', value: { $typeName: 'heliograph.box.v1.DialogFilterOrderChanged', order: after.map(({ id }) => id) } });
}

/** Shows the filters of a chat beside its name, or no longer. */
export function* setDialogFilterTags(change: Change, { enabled }: SetDialogFilterTags): Effect {
  if ((change.dialog(BOX_ITSELF)?.settings?.filterTags ?? false) === enabled) return;
  editSettings(change, () => ({ filterTags: enabled }));
  change.announce({ case: 'dialogFilters', value: true });
}

/** The owner's filters in their order, the list of all chats among them. */
export function filtersOf(change: Change): readonly DialogFilterRecord[] {
  const filters = change.dialog(BOX_ITSELF)?.settings?.filters ?? [];
  return filters.length === 0 ? [ALL_CHATS] : filters;
}
