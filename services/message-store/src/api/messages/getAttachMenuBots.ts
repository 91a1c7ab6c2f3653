import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Bots in the attachment menu are not built: there are none (docs: core.telegram.org/method/messages.getAttachMenuBots). */
export const getAttachMenuBots: Method<Deps, 'messages.getAttachMenuBots'> = async () => ({ _: 'attachMenuBots', hash: 0n, bots: [], users: [] });
