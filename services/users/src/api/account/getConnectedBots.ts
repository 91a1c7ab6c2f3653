import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** No bot can be connected to an account here, so none is. */
export const getConnectedBots: Method<Deps, 'account.getConnectedBots'> = async () => ({ _: 'account.connectedBots', connected_bots: [], users: [] });
