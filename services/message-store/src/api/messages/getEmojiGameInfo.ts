import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** There are no emoji games (docs: core.telegram.org/method/messages.getEmojiGameInfo). */
export const getEmojiGameInfo: Method<Deps, 'messages.getEmojiGameInfo'> = async () => ({ _: 'messages.emojiGameUnavailable' });
