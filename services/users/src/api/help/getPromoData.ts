import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Nothing is promoted here; asked again in a day. */
export const getPromoData: Method<Deps, 'help.getPromoData'> = async (_deps, caller) => ({ _: 'help.promoDataEmpty', expires: caller.date + 86_400 });
