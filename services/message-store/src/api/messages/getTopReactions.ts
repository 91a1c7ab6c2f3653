import type { Method } from '@heliograph/client-api/method';
import { AVAILABLE_REACTIONS } from '@heliograph/client-api/reaction-emoji';
import type { Deps } from '../../deps';
import { emojiList, recentEmoji } from '../../messages/reactions';

/** Reactions to offer first: those that the caller used lately, then the others (docs: core.telegram.org/method/messages.getTopReactions). */
export const getTopReactions: Method<Deps, 'messages.getTopReactions'> = async (deps, caller, request) =>
  emojiList([...new Set([...await recentEmoji(deps, caller), ...AVAILABLE_REACTIONS])], request);
