import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Web logins are not served, so nobody has one. */
export const getWebAuthorizations: Method<Deps, 'account.getWebAuthorizations'> = async () => ({ _: 'account.webAuthorizations', authorizations: [], users: [] });
