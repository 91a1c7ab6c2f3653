import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** The list of stories at its one state: nobody posts any here. */
export const getAllStories: Method<Deps, 'stories.getAllStories'> = async () => ({
  _: 'stories.allStories',
  count: 0,
  state: '',
  peer_stories: [],
  chats: [],
  users: [],
  stealth_mode: { _: 'storiesStealthMode' },
});
