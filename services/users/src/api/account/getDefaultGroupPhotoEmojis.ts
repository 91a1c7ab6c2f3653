import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** No custom emojis are offered for group photos. */
export const getDefaultGroupPhotoEmojis: Method<Deps, 'account.getDefaultGroupPhotoEmojis'> = async () => ({ _: 'emojiList', hash: 0n, document_id: [] });
