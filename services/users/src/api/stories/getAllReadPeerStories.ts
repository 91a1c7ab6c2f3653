import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Up to where stories have been read: nobody posts any here. */
export const getAllReadPeerStories: Method<Deps, 'stories.getAllReadPeerStories'> = async (_deps, caller) => ({ _: 'updates', updates: [], users: [], chats: [], date: caller.date, seq: 0 });
