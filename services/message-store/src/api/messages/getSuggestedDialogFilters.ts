import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Folders are not built: none is suggested (docs: core.telegram.org/method/messages.getSuggestedDialogFilters). */
export const getSuggestedDialogFilters: Method<Deps, 'messages.getSuggestedDialogFilters'> = async () => [];
