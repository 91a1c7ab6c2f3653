import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** The DC that a client without a login should use: the one that it reached. */
export const getNearestDc: Method<Deps, 'help.getNearestDc'> = async (deps, caller) => ({
  _: 'nearestDc',
  country: deps.country,
  this_dc: caller.dc || deps.dc.id,
  nearest_dc: deps.dc.id,
});
