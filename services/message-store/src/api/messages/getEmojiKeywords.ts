import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Emoji keywords are not built: no language has any (docs: core.telegram.org/method/messages.getEmojiKeywords). */
export const getEmojiKeywords: Method<Deps, 'messages.getEmojiKeywords'> = async (_deps, _caller, request) => ({ _: 'emojiKeywordsDifference', lang_code: request.lang_code, from_version: 0, version: 0, keywords: [] });
