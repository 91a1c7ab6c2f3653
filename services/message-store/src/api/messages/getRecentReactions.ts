import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { emojiList, recentEmoji } from '../../messages/reactions';

/** Reactions that the caller used lately, newest first (docs: core.telegram.org/method/messages.getRecentReactions). */
export const getRecentReactions: Method<Deps, 'messages.getRecentReactions'> = async (deps, caller, request) => emojiList(await recentEmoji(deps, caller), request);
