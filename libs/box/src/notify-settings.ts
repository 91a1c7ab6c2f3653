import type { DataKey } from '@heliograph/crypto/keyring';
import { NotifyKind, type NotifySettings } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { HeliographNotifySettings, InputPeerNotifySettings, NotificationSoundDefault, PeerNotifySettings, TypeNotifyPeer } from '@heliograph/tl/api';
import { readObject } from '@heliograph/tl/reader';
import { writeObject } from '@heliograph/tl/writer';
import { draftScope } from './dialog-key';
import { peerOf } from './render-peer';

/** Scope of the key that a user's notification settings are sealed under: that of all that only the owner may see. */
export const settingsScope = draftScope;

/** Whose notifications are meant: a dialog's (user > 0, group < 0), or by default those of all dialogs of a kind. */
export type NotifyTarget = { readonly peer: number; readonly kind?: undefined } | { readonly peer: 0; readonly kind: NotifyKind };

const place = (box: number, { peer, kind }: NotifyTarget): string => (kind === undefined ? `notify/user:${box}/${peer}` : `notify/user:${box}/kind:${kind}`);

/** Settings as commands carry them; undefined when nothing is set. */
export function sealNotifySettings(key: DataKey, box: number, target: NotifyTarget, { _: _name, ...settings }: InputPeerNotifySettings): Omit<NotifySettings, '$typeName'> | undefined {
  if (Object.values(settings).every((value) => value === undefined)) return undefined;
  const stored: HeliographNotifySettings = { _: 'heliograph.notifySettings', ...settings };
  return { muteUntil: settings.mute_until, sealed: key.seal(writeObject(stored, 'newest'), place(box, target)) };
}

/** What the owner set, undefined where nothing is. Throws SealBroken when the bytes were changed or are another dialog's. */
export function openNotifySettings(key: DataKey, box: number, target: NotifyTarget, record: Pick<NotifySettings, 'sealed'> | undefined): HeliographNotifySettings | undefined {
  return record && (readObject(key.open(record.sealed, place(box, target)), 'heliograph.NotifySettings') as HeliographNotifySettings);
}

/** Settings of a peer as clients are shown them: what is absent is as the defaults of its kind say. */
function peerNotifySettings(stored: HeliographNotifySettings | undefined): PeerNotifySettings {
  const { show_previews, silent, mute_until, sound, stories_muted, stories_hide_sender, stories_sound } = stored ?? { _: 'heliograph.notifySettings' };
  return {
    _: 'peerNotifySettings',
    show_previews, silent, mute_until,
    ios_sound: sound, android_sound: sound, other_sound: sound,
    stories_muted, stories_hide_sender,
    stories_ios_sound: stories_sound, stories_android_sound: stories_sound, stories_other_sound: stories_sound,
  };
}

const DEFAULT_SOUND: NotificationSoundDefault = { _: 'notificationSoundDefault' };

/** The defaults of a kind: what the owner did not change notifies, with a preview and the usual sound. */
function kindNotifySettings(stored: HeliographNotifySettings | undefined): PeerNotifySettings {
  return peerNotifySettings({
    _: 'heliograph.notifySettings',
    show_previews: stored?.show_previews ?? true,
    silent: stored?.silent ?? false,
    mute_until: stored?.mute_until ?? 0,
    sound: stored?.sound ?? DEFAULT_SOUND,
    stories_muted: stored?.stories_muted,
    stories_hide_sender: stored?.stories_hide_sender,
    stories_sound: stored?.stories_sound ?? DEFAULT_SOUND,
  });
}

/** Stored settings as clients are shown them. */
export function renderNotifySettings(key: DataKey, box: number, target: NotifyTarget, record: Pick<NotifySettings, 'sealed'> | undefined): PeerNotifySettings {
  return shown(target, openNotifySettings(key, box, target, record));
}

/** Where nothing is set. */
export const defaultNotifySettings = (target: NotifyTarget): PeerNotifySettings => shown(target, undefined);

const shown = (target: NotifyTarget, stored: HeliographNotifySettings | undefined): PeerNotifySettings => (target.kind === undefined ? peerNotifySettings(stored) : kindNotifySettings(stored));

const KINDS = { [NotifyKind.USERS]: 'notifyUsers', [NotifyKind.CHATS]: 'notifyChats', [NotifyKind.BROADCASTS]: 'notifyBroadcasts' } as const;

export function renderNotifyPeer({ peer, kind }: NotifyTarget): TypeNotifyPeer {
  if (kind === undefined) return { _: 'notifyPeer', peer: peerOf(peer) };
  if (kind === NotifyKind.UNSPECIFIED) throw new Error('notification settings of no kind');
  return { _: KINDS[kind] };
}

/** The target of a record or a command. */
export const notifyTarget = (peer: bigint, kind: NotifyKind): NotifyTarget => (peer === 0n ? { peer: 0, kind } : { peer: Number(peer) });
