import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Groups of emoji are not built: there are none (docs: core.telegram.org/method/messages.getEmojiGroups). */
export const getEmojiGroups: Method<Deps, 'messages.getEmojiGroups'> = async () => ({ _: 'messages.emojiGroups', hash: 0, groups: [] });
