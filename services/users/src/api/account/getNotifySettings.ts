import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** The client's own defaults: nobody's settings differ from them while account.updateNotifySettings is not served. */
export const getNotifySettings: Method<Deps, 'account.getNotifySettings'> = async () => ({ _: 'peerNotifySettings' });
