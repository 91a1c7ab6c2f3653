import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { suggestFilters } from '../../domain/dialog-filter';
import { getDialogFilters } from './getDialogFilters';

/** Folders that the caller may want and doesn't have (docs: core.telegram.org/method/messages.getSuggestedDialogFilters). */
export const getSuggestedDialogFilters: Method<Deps, 'messages.getSuggestedDialogFilters'> = async (deps, caller) => suggestFilters((await getDialogFilters(deps, caller, { _: 'messages.getDialogFilters' })).filters);
