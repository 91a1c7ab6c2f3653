import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Nobody pays to be found here. */
export const getSponsoredPeers: Method<Deps, 'contacts.getSponsoredPeers'> = async () => ({ _: 'contacts.sponsoredPeersEmpty' });
