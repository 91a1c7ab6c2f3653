import { emojiOf } from '@heliograph/client-api/reaction-emoji';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { TypeReaction } from '@heliograph/tl/api';

/**
 * What a client asks for: an emoji, or to take its reaction back (none, or as some libraries say it the empty one alone). Throws as `emojiOf`, and
 * REACTIONS_TOO_MANY for more than the one that everybody has.
 */
export function chosenEmoji(reactions: readonly TypeReaction[] | undefined): string | undefined {
  if (reactions?.length === 1 && reactions[0]?._ === 'reactionEmpty') return undefined;
  const emoji = (reactions ?? []).map(emojiOf);
  if (emoji.length > 1) throw badRequest('REACTIONS_TOO_MANY');
  return emoji[0];
}
