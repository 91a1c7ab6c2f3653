import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Passkeys of the account: none, as none can be registered. */
export const getPasskeys: Method<Deps, 'account.getPasskeys'> = async () => ({ _: 'account.passkeys', passkeys: [] });
