import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** No deep links beyond those that clients know. */
export const getDeepLinkInfo: Method<Deps, 'help.getDeepLinkInfo'> = async () => ({ _: 'help.deepLinkInfoEmpty' });
