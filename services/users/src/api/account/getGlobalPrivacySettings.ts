import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Every switch is off: none can be turned on here yet. */
export const getGlobalPrivacySettings: Method<Deps, 'account.getGlobalPrivacySettings'> = async () => ({ _: 'globalPrivacySettings' });
