import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Music on one's own profile: none, as account.saveMusic is not served. */
export const getSavedMusicIds: Method<Deps, 'account.getSavedMusicIds'> = async () => ({ _: 'account.savedMusicIds', ids: [] });
