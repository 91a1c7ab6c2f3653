import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/**
 * Ranges of message ids by which clients count or copy all messages, each with invokeWithMessagesRange (docs: core.telegram.org/method/messages.getSplitRanges).
 * The messages of a user are in one box: one range has them all.
 */
export const getSplitRanges: Method<Deps, 'messages.getSplitRanges'> = async () => [{ _: 'messageRange', min_id: 1, max_id: 0x7fffffff }];
