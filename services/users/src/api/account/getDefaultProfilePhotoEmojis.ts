import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** No custom emojis are offered for profile photos. */
export const getDefaultProfilePhotoEmojis: Method<Deps, 'account.getDefaultProfilePhotoEmojis'> = async () => ({ _: 'emojiList', hash: 0n, document_id: [] });
