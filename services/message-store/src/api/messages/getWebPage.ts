import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Link previews are not built: no page has one (docs: core.telegram.org/method/messages.getWebPage). */
export const getWebPage: Method<Deps, 'messages.getWebPage'> = async (_deps, _caller, request) => ({ _: 'messages.webPage', webpage: { _: 'webPageEmpty', id: 0n, url: request.url }, chats: [], users: [] });
