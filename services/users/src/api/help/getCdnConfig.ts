import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** There are no CDN data centers, so there are no keys of them. */
export const getCdnConfig: Method<Deps, 'help.getCdnConfig'> = async () => ({ _: 'cdnConfig', public_keys: [] });
