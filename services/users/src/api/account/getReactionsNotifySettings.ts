import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Reactions notify nobody yet, and there are no settings to change that. */
export const getReactionsNotifySettings: Method<Deps, 'account.getReactionsNotifySettings'> = async () => ({ _: 'reactionsNotifySettings', sound: { _: 'notificationSoundDefault' }, show_previews: true });
