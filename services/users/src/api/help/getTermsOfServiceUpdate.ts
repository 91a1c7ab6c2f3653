import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** There are no terms to accept; asked again in a day. */
export const getTermsOfServiceUpdate: Method<Deps, 'help.getTermsOfServiceUpdate'> = async (_deps, caller) => ({ _: 'help.termsOfServiceUpdateEmpty', expires: caller.date + 86_400 });
