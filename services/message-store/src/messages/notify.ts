import type { NotifyTarget } from '@heliograph/box/notify-settings';
import type { CallerContext } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import { NotifyKind, type NotifySettings } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { InputPeerNotifySettings, TypeInputNotifyPeer, TypeNotificationSound } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import type { BoxReader } from '../engine/contract';
import { defaultsOf } from '../engine/effects/notify';
import { BOX_ITSELF } from '../engine/ids';
import { NOTIFY_SOUND_CHARACTERS_MAX } from '../limits';
import { peerInBox } from './peer';

/** Whose notifications are meant. Throws PEER_ID_INVALID, CHANNEL_INVALID, and MSG_ID_INVALID for topics of forums: no group has them. */
export function notifyTargetOf(deps: Pick<Deps, 'peers'>, caller: CallerContext, reader: BoxReader, input: TypeInputNotifyPeer): NotifyTarget {
  switch (input._) {
    case 'inputNotifyPeer': return { peer: peerInBox(deps, caller, reader, input.peer) };
    case 'inputNotifyUsers': return { peer: 0, kind: NotifyKind.USERS };
    case 'inputNotifyChats': return { peer: 0, kind: NotifyKind.CHATS };
    case 'inputNotifyBroadcasts': return { peer: 0, kind: NotifyKind.BROADCASTS };
    case 'inputNotifyForumTopic':
      peerInBox(deps, caller, reader, input.peer);
      throw badRequest('MSG_ID_INVALID');
    case 'inputNotifyCommunity':
      throw badRequest('CHANNEL_INVALID');
  }
}

/** What is set for it now. */
export function storedNotify(reader: BoxReader, { peer, kind }: NotifyTarget): NotifySettings | undefined {
  if (kind === undefined) return reader.dialog(peer)?.notify;
  return defaultsOf(reader.dialog(BOX_ITSELF)?.settings, kind);
}

/** Throws SETTINGS_INVALID for what no client sends: a mute before all time, the name of a sound beyond bounds, a ringtone (nobody has saved one). */
export function checkNotifySettings({ mute_until = 0, sound, stories_sound }: InputPeerNotifySettings): void {
  if (mute_until < 0 || !isSound(sound) || !isSound(stories_sound)) throw badRequest('SETTINGS_INVALID');
}

function isSound(sound: TypeNotificationSound | undefined): boolean {
  if (sound?._ === 'notificationSoundRingtone') return false;
  return sound?._ !== 'notificationSoundLocal' || (sound.title.length <= NOTIFY_SOUND_CHARACTERS_MAX && sound.data.length <= NOTIFY_SOUND_CHARACTERS_MAX);
}
