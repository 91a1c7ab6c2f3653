import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Quick replies are not built: there are none (docs: core.telegram.org/method/messages.getQuickReplies). */
export const getQuickReplies: Method<Deps, 'messages.getQuickReplies'> = async () => ({ _: 'messages.quickReplies', quick_replies: [], messages: [], chats: [], users: [] });
