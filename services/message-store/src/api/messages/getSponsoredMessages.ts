import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** There is no advertising (docs: core.telegram.org/method/messages.getSponsoredMessages). */
export const getSponsoredMessages: Method<Deps, 'messages.getSponsoredMessages'> = async () => ({ _: 'messages.sponsoredMessagesEmpty' });
