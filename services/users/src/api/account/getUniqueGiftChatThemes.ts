import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Chat themes that come with one's gifts: nobody owns gifts here. */
export const getUniqueGiftChatThemes: Method<Deps, 'account.getUniqueGiftChatThemes'> = async () => ({ _: 'account.chatThemes', hash: 0n, themes: [], chats: [], users: [] });
