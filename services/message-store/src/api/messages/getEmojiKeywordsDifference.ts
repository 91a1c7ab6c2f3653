import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Emoji keywords are not built: nothing changed about them (docs: core.telegram.org/method/messages.getEmojiKeywordsDifference). */
export const getEmojiKeywordsDifference: Method<Deps, 'messages.getEmojiKeywordsDifference'> = async (_deps, _caller, request) => ({ _: 'emojiKeywordsDifference', lang_code: request.lang_code, from_version: request.from_version, version: request.from_version, keywords: [] });
