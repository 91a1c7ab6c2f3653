import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** This server distributes no apps, so there is never an update. */
export const getAppUpdate: Method<Deps, 'help.getAppUpdate'> = async () => ({ _: 'help.noAppUpdate' });
