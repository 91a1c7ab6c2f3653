import { openFilter } from '@heliograph/box/dialog-filter';
import { settingsScope } from '@heliograph/box/notify-settings';
import type { Method } from '@heliograph/client-api/method';
import type { TypeDialogFilter } from '@heliograph/tl/api';
import type { Deps } from '../../deps';
import { BOX_ITSELF } from '../../engine/ids';

/** The caller's folders in their order, the list of all chats among them (docs: core.telegram.org/method/messages.getDialogFilters). */
export const getDialogFilters: Method<Deps, 'messages.getDialogFilters'> = async (deps, caller) => {
  const reader = await deps.engine.read(caller.userId);
  const { filters: records = [], filterTags = false } = reader.dialog(BOX_ITSELF)?.settings ?? {};
  const tags_enabled = filterTags || undefined;
  if (records.length === 0) return { _: 'messages.dialogFilters', tags_enabled, filters: [{ _: 'dialogFilterDefault' }] };
  const key = await deps.keyring.dataKey(settingsScope(caller.userId));
  const filters = records.map((record): TypeDialogFilter => (record.id === 0 ? { _: 'dialogFilterDefault' } : openFilter(key, caller.userId, record)));
  return { _: 'messages.dialogFilters', tags_enabled, filters };
};
