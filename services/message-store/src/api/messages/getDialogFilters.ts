import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Folders are not built: there is the list of all chats (docs: core.telegram.org/method/messages.getDialogFilters). */
export const getDialogFilters: Method<Deps, 'messages.getDialogFilters'> = async () => ({ _: 'messages.dialogFilters', filters: [{ _: 'dialogFilterDefault' }] });
