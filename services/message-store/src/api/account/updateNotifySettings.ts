import { sealNotifySettings, settingsScope } from '@heliograph/box/notify-settings';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { checkNotifySettings, notifyTargetOf } from '../../messages/notify';
import { submit } from '../../messages/submit';

/** Sets all of them: what is absent is as the defaults say from now on (docs: core.telegram.org/method/account.updateNotifySettings). */
export const updateNotifySettings: Method<Deps, 'account.updateNotifySettings'> = async (deps, caller, { peer, settings }) => {
  checkNotifySettings(settings);
  const target = notifyTargetOf(deps, caller, await deps.engine.read(caller.userId), peer);
  const sealed = sealNotifySettings(await deps.keyring.dataKey(settingsScope(caller.userId)), caller.userId, target, settings);
  await submit(deps, caller, { case: 'setNotifySettings', value: { peer: BigInt(target.peer), kind: target.kind, settings: sealed } });
  return true;
};
