import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { boxState } from '../../messages/state';

/** The state that updates build on; from now on this session is pushed to (docs: core.telegram.org/method/updates.getState). */
export const getState: Method<Deps, 'updates.getState'> = async (deps, caller) => {
  const reader = await deps.engine.read(caller.userId);
  caller.changeSession({ case: 'updatesWanted', value: true });
  return boxState(reader, caller);
};
