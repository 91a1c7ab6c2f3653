import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Emoji keywords are not built: no language has any (docs: core.telegram.org/method/messages.getEmojiKeywordsLanguages). */
export const getEmojiKeywordsLanguages: Method<Deps, 'messages.getEmojiKeywordsLanguages'> = async () => [];
