import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Link previews are not built: no text has one (docs: core.telegram.org/method/messages.getWebPagePreview). */
export const getWebPagePreview: Method<Deps, 'messages.getWebPagePreview'> = async () => ({ _: 'messages.webPagePreview', media: { _: 'messageMediaEmpty' }, chats: [], users: [] });
