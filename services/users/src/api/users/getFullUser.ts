import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import { NO_PEER_SETTINGS, peerSettingsOf } from '@heliograph/client-api/peer-settings';
import { userEmpty } from '@heliograph/client-api/user';
import type { PeerNotifySettings } from '@heliograph/tl/api';
import { readObject } from '@heliograph/tl/reader';
import type { Deps } from '../../deps';
import { SERVICE_USER_ID } from '../../domain/user-id';
import { areBlocked } from '../../tables/blocked';
import { findContacts } from '../../tables/contacts';
import { findViews } from '../../views';

/** A profile as the caller may see it. Throws 400 USER_ID_INVALID. */
export const getFullUser: Method<Deps, 'users.getFullUser'> = async (deps, caller, { id: input }) => {
  const id = deps.peers.user(caller.userId, input);
  const [[view], [blocked = false], [contact], dialog] = await Promise.all([
    findViews(deps, caller.userId, [id]),
    areBlocked(deps.storage, [{ owner: caller.userId, peer: id }]),
    findContacts(deps, caller.userId, [id]),
    deps.messages.getDialogSettings({ userId: BigInt(caller.userId), peer: BigInt(id) }, { routeKey: caller.userId }),
  ]);
  if (!view) throw badRequest('USER_ID_INVALID');
  const self = id === caller.userId;
  return {
    _: 'users.userFull',
    full_user: {
      _: 'userFull',
      id,
      blocked: blocked || undefined,
      can_pin_message: true,
      about: view.about || undefined,
      birthday: view.birthday && { _: 'birthday', day: view.birthday.day ?? 1, month: view.birthday.month ?? 1, year: view.birthday.year || undefined },
      note: contact?.saved.note,
      settings: self || id === SERVICE_USER_ID || view.deleted ? NO_PEER_SETTINGS : peerSettingsOf({ contact: contact !== undefined, bot: view.bot, blocked, hidden: dialog.barHidden }),
      notify_settings: readObject(dialog.notifySettings, 'PeerNotifySettings') as PeerNotifySettings,
      folder_id: dialog.folderId || undefined,
      pinned_msg_id: dialog.pinnedMessageId || undefined,
      ttl_period: dialog.ttlPeriod || undefined,
      has_scheduled: dialog.hasScheduled || undefined,
      common_chats_count: dialog.commonChatsCount,
    },
    chats: [],
    users: [userEmpty(id)],
  };
};
