import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Stickers are not built: there are none of custom emoji, so no id names one (docs: core.telegram.org/method/messages.getCustomEmojiDocuments). */
export const getCustomEmojiDocuments: Method<Deps, 'messages.getCustomEmojiDocuments'> = async () => [];
