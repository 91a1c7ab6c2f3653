import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** No content is hidden as sensitive here, and nothing can be changed about that. */
export const getContentSettings: Method<Deps, 'account.getContentSettings'> = async () => ({ _: 'account.contentSettings' });
