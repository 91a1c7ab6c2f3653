import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { savedDialogs } from '../../messages/saved-dialogs';

/** The one part of Saved Messages is not pinned (docs: core.telegram.org/method/messages.getPinnedSavedDialogs). */
export const getPinnedSavedDialogs: Method<Deps, 'messages.getPinnedSavedDialogs'> = async (deps, caller) => savedDialogs(deps, caller.userId, false);
