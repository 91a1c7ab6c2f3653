import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** No colors beyond the seven that every client has. */
export const getPeerColors: Method<Deps, 'help.getPeerColors'> = async () => ({ _: 'help.peerColors', hash: 0, colors: [] });
