import { isChannelBox } from '@heliograph/box/box-id';
import { sealNotifySettings, settingsScope } from '@heliograph/box/notify-settings';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { ARCHIVE } from '../../engine/ids';
import { checkNotifySettings, notifyTargetOf } from '../../messages/notify';
import { submit } from '../../messages/submit';
import { hasArchivedChannels, tellAsleep } from '../../messages/wake-channels';

/** Sets all of them: what is absent is as the defaults say from now on (docs: core.telegram.org/method/account.updateNotifySettings). */
export const updateNotifySettings: Method<Deps, 'account.updateNotifySettings'> = async (deps, caller, { peer, settings }) => {
  checkNotifySettings(settings);
  const reader = await deps.engine.read(caller.userId);
  const target = notifyTargetOf(deps, caller, reader, peer);
  const sealed = sealNotifySettings(await deps.keyring.dataKey(settingsScope(caller.userId)), caller.userId, target, settings);
  const archived = reader.dialog(target.peer)?.folderId === ARCHIVE && isChannelBox(target.peer);
  const [channel] = archived ? await deps.channels.find(caller.userId, [target.peer]) : [];
  await submit(deps, caller, { case: 'setNotifySettings', value: { peer: BigInt(target.peer), kind: target.kind, settings: sealed, topId: channel?.topId } });
  if (hasArchivedChannels(reader)) await tellAsleep(deps, caller);
  return true;
};
