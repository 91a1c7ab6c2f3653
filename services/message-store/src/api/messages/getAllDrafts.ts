import { openDraft } from '@heliograph/box/content';
import { draftScope } from '@heliograph/box/dialog-key';
import { peerOf } from '@heliograph/box/render-peer';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { ANNOTATED_DIALOGS_MAX } from '../../limits';
import { emptyUpdates } from '../../messages/answer';

/** Every draft as an updateDraftMessage (docs: core.telegram.org/method/messages.getAllDrafts). */
export const getAllDrafts: Method<Deps, 'messages.getAllDrafts'> = async (deps, caller) => {
  const reader = await deps.engine.read(caller.userId);
  const key = await deps.keyring.dataKey(draftScope(caller.userId));
  return emptyUpdates(caller, reader.annotatedDialogs(ANNOTATED_DIALOGS_MAX).filter((dialog) => dialog.draftSealed.length > 0).map((dialog) => {
    const peer = Number(dialog.peer);
    return { _: 'updateDraftMessage', peer: peerOf(peer), draft: openDraft(key, caller.userId, peer, dialog.draftSealed) };
  }));
};
