import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Groups of emoji for profile photos are not built: there are none (docs: core.telegram.org/method/messages.getEmojiProfilePhotoGroups). */
export const getEmojiProfilePhotoGroups: Method<Deps, 'messages.getEmojiProfilePhotoGroups'> = async () => ({ _: 'messages.emojiGroups', hash: 0, groups: [] });
