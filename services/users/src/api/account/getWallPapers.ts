import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** No wallpapers are offered. */
export const getWallPapers: Method<Deps, 'account.getWallPapers'> = async () => ({ _: 'account.wallPapers', hash: 0n, wallpapers: [] });
