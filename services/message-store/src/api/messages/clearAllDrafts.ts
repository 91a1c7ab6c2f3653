import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { ANNOTATED_DIALOGS_MAX } from '../../limits';
import { submit } from '../../messages/submit';

/** Erases every draft (docs: core.telegram.org/method/messages.clearAllDrafts). */
export const clearAllDrafts: Method<Deps, 'messages.clearAllDrafts'> = async (deps, caller) => {
  const reader = await deps.engine.read(caller.userId);
  const drafts = reader.annotatedDialogs(ANNOTATED_DIALOGS_MAX).filter((dialog) => dialog.draftSealed.length > 0);
  for (const dialog of drafts) await submit(deps, caller, { case: 'saveDraft', value: { peer: dialog.peer, sealed: new Uint8Array(0) } });
  return true;
};
