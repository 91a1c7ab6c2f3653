import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Groups of emoji statuses are not built: there are none (docs: core.telegram.org/method/messages.getEmojiStatusGroups). */
export const getEmojiStatusGroups: Method<Deps, 'messages.getEmojiStatusGroups'> = async () => ({ _: 'messages.emojiGroups', hash: 0, groups: [] });
