import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { noMessages } from '../../messages/answer';

/** Media are not built: none was sent (docs: core.telegram.org/method/messages.searchSentMedia). */
export const searchSentMedia: Method<Deps, 'messages.searchSentMedia'> = async () => noMessages();
