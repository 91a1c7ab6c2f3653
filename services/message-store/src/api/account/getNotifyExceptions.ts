import { openNotifySettings, renderNotifyPeer, renderNotifySettings, settingsScope, type NotifyTarget } from '@heliograph/box/notify-settings';
import type { Method } from '@heliograph/client-api/method';
import type { DialogRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { HeliographNotifySettings } from '@heliograph/tl/api';
import type { Deps } from '../../deps';
import { kindOf } from '../../engine/effects/notify';
import { NOTIFY_EXCEPTIONS_MAX } from '../../limits';
import { emptyUpdates } from '../../messages/answer';
import { notifyTargetOf } from '../../messages/notify';

/** Chats whose notifications are not as the defaults of their kind say (docs: core.telegram.org/method/account.getNotifyExceptions). */
export const getNotifyExceptions: Method<Deps, 'account.getNotifyExceptions'> = async (deps, caller, { peer: input, compare_sound, compare_stories }) => {
  const reader = await deps.engine.read(caller.userId);
  const asked = input && notifyTargetOf(deps, caller, reader, input);
  const key = await deps.keyring.dataKey(settingsScope(caller.userId));
  const found = reader.notifyExceptions(NOTIFY_EXCEPTIONS_MAX).filter((dialog) => {
    const { peer, notify } = dialog;
    if (asked && !isAmong(asked, dialog)) return false;
    return differs(openNotifySettings(key, caller.userId, { peer: Number(peer) }, notify), compare_sound ?? false, compare_stories ?? false);
  });
  return emptyUpdates(caller, found.map(({ peer: id, notify }) => {
    const target = { peer: Number(id) };
    return { _: 'updateNotifySettings', peer: renderNotifyPeer(target), notify_settings: renderNotifySettings(key, caller.userId, target, notify) };
  }));
};

const isAmong = (asked: NotifyTarget, dialog: DialogRecord): boolean => (asked.kind === undefined ? asked.peer === Number(dialog.peer) : asked.kind === kindOf(dialog));

function differs(set: HeliographNotifySettings | undefined, sound: boolean, stories: boolean): boolean {
  if (set === undefined) return false;
  if (set.mute_until !== undefined || set.silent !== undefined || set.show_previews !== undefined) return true;
  if (sound && set.sound !== undefined) return true;
  return stories && (set.stories_muted !== undefined || set.stories_hide_sender !== undefined || set.stories_sound !== undefined);
}
