import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** No message waits to be notified of: pushes tell of each by themselves (docs: core.telegram.org/method/messages.receivedMessages). */
export const receivedMessages: Method<Deps, 'messages.receivedMessages'> = async () => [];
