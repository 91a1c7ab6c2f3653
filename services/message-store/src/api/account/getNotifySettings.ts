import { renderNotifySettings, settingsScope } from '@heliograph/box/notify-settings';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { notifyTargetOf, storedNotify } from '../../messages/notify';

/** How notifications of a chat, or by default of all chats of a kind, are to be (docs: core.telegram.org/method/account.getNotifySettings). */
export const getNotifySettings: Method<Deps, 'account.getNotifySettings'> = async (deps, caller, { peer }) => {
  const reader = await deps.engine.read(caller.userId);
  const target = notifyTargetOf(deps, caller, reader, peer);
  return renderNotifySettings(await deps.keyring.dataKey(settingsScope(caller.userId)), caller.userId, target, storedNotify(reader, target));
};
