import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** No ringtones can be uploaded before media are served, so none are saved. */
export const getSavedRingtones: Method<Deps, 'account.getSavedRingtones'> = async () => ({ _: 'account.savedRingtones', hash: 0n, ringtones: [] });
