import type { TypeReaction } from '@heliograph/tl/api';
import { badRequest, RpcError } from './rpc-error';

/** Every emoji that one may react with (docs: core.telegram.org/api/reactions). */
export const AVAILABLE_REACTIONS: readonly string[] = [
  '👍', '👎', '❤', '🔥', '🥰', '👏', '😁', '🤔', '🤯', '😱', '🤬', '😢', '🎉', '🤩', '🤮',
  '💩', '🙏', '👌', '🕊', '🤡', '🥱', '🥴', '😍', '🐳', '❤‍🔥', '🌚', '🌭', '💯', '🤣', '⚡',
  '🍌', '🏆', '💔', '🤨', '😐', '🍓', '🍾', '💋', '🖕', '😈', '😴', '😭', '🤓', '👻', '👨‍💻',
  '👀', '🎃', '🙈', '😇', '😨', '🤝', '✍', '🤗', '🫡', '🎅', '🎄', '☃', '💅', '🤪', '🗿',
  '🆒', '💘', '🙉', '🦄', '😘', '💊', '🙊', '😎', '👾', '🤷‍♂', '🤷', '🤷‍♀', '😡',
];

/** Without the signs that ask for a coloured picture, which some clients leave out. */
const plain = (emoji: string): string => emoji.replaceAll('\ufe0f', '');
const KNOWN: ReadonlySet<string> = new Set(AVAILABLE_REACTIONS.map(plain));

/**
 * The emoji that a reaction names. Throws REACTION_EMPTY, REACTION_INVALID (no emoji that one may react with, or one to be paid), and 403
 * PREMIUM_ACCOUNT_REQUIRED for custom emoji.
 */
export function emojiOf(reaction: TypeReaction): string {
  switch (reaction._) {
    case 'reactionEmoji': {
      const emoji = plain(reaction.emoticon);
      if (!KNOWN.has(emoji)) throw badRequest('REACTION_INVALID');
      return emoji;
    }
    case 'reactionCustomEmoji': throw new RpcError(403, 'PREMIUM_ACCOUNT_REQUIRED');
    case 'reactionEmpty': throw badRequest('REACTION_EMPTY');
    case 'reactionPaid': throw badRequest('REACTION_INVALID');
  }
}
