import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { submit } from '../../messages/submit';

/** Shows the names of a chat's folders beside it, on all of the caller's devices (docs: core.telegram.org/method/messages.toggleDialogFilterTags). */
export const toggleDialogFilterTags: Method<Deps, 'messages.toggleDialogFilterTags'> = async (deps, caller, { enabled }) => {
  await submit(deps, caller, { case: 'setDialogFilterTags', value: { enabled } });
  return true;
};
