import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** No profile colors are offered. */
export const getPeerProfileColors: Method<Deps, 'help.getPeerProfileColors'> = async () => ({ _: 'help.peerColors', hash: 0, colors: [] });
