import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { migrateGroup } from '../../messages/migrate-group';

/** Makes a supergroup of a basic group, with the same people; its creator's to do (docs: core.telegram.org/method/messages.migrateChat). Throws CHAT_ID_INVALID, CHAT_ADMIN_REQUIRED. */
export const migrateChat: Method<Deps, 'messages.migrateChat'> = async (deps, caller, request) => (await migrateGroup(deps, caller, request.chat_id)).updates;
