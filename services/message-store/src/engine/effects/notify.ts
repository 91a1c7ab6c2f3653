import { NotifyKind, type BoxSettings, type DialogRecord, type NotifySettings, type SetNotifySettings } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Change, Effect } from '../change';
import { isSharedBox } from '@heliograph/box/box-id';
import { ARCHIVE, BOX_ITSELF } from '../ids';
import { RESET_NOTIFY_DIALOGS } from '../limits';
import { editSettings } from './settings';

/** Sets how notifications of a peer, or by default of all peers of a kind, are to be; without settings, takes away what was set. */
export function* setNotifySettings(change: Change, { peer, kind, settings, topId }: SetNotifySettings): Effect {
  const before = peer === 0n ? defaultsOf(change.dialog(BOX_ITSELF)?.settings, kind) : change.dialog(Number(peer))?.notify;
  if (before === undefined && settings === undefined) return;
  const muted = mutedInArchive(change);
  put(change, peer, kind, settings);
  noteUnmuted(change, muted, topId);
}

/** Takes away the settings of some dialogs, and of all kinds; the reply's `more` tells whether other dialogs have some left. */
export function* resetNotifySettings(change: Change): Effect {
  const dialogs = change.state.dialogs.withNotify();
  const muted = mutedInArchive(change);
  for (const { peer } of dialogs.slice(0, RESET_NOTIFY_DIALOGS)) put(change, peer, NotifyKind.UNSPECIFIED, undefined);
  for (const { kind } of change.dialog(BOX_ITSELF)?.settings?.notifyDefaults ?? []) put(change, 0n, kind, undefined);
  noteUnmuted(change, muted);
  change.more = dialogs.length > RESET_NOTIFY_DIALOGS;
}

/** Whether the owner is not to be disturbed by this dialog as of a date. */
export function isMutedAt(settings: BoxSettings | undefined, dialog: DialogRecord, date: number): boolean {
  return mutedUntil(settings, dialog) > date;
}

/** Until when a dialog is muted, unix seconds. */
export function mutedUntil(settings: BoxSettings | undefined, dialog: DialogRecord): number {
  return dialog.notify?.muteUntil ?? defaultsOf(settings, kindOf(dialog))?.muteUntil ?? 0;
}

/** The kind whose defaults hold for a dialog. */
export function kindOf({ peer, membership }: Pick<DialogRecord, 'peer' | 'membership'>): NotifyKind {
  if (membership?.broadcast === true) return NotifyKind.BROADCASTS;
  return isSharedBox(Number(peer)) ? NotifyKind.CHATS : NotifyKind.USERS;
}

/** What the owner set for all dialogs of a kind. */
export function defaultsOf(settings: BoxSettings | undefined, kind: NotifyKind): NotifySettings | undefined {
  return settings?.notifyDefaults.find((entry) => entry.kind === kind)?.settings;
}

function put(change: Change, peer: bigint, kind: NotifyKind, settings: NotifySettings | undefined): void {
  if (peer !== 0n) change.editDialog(Number(peer)).notify = settings;
  else editSettings(change, ({ notifyDefaults }) => ({ notifyDefaults: withKind(notifyDefaults, kind, settings) }));
  change.announce({ case: 'notify', value: { $typeName: 'heliograph.box.v1.NotifyChanged', peer, kind, settings } });
}

/** Archived channels that the owner is not to be disturbed by. */
function mutedInArchive(change: Change): number[] {
  const settings = change.dialog(BOX_ITSELF)?.settings;
  return change.state.dialogs.channels().filter((dialog) => dialog.folderId === ARCHIVE && isMutedAt(settings, dialog, change.date)).map(({ peer }) => Number(peer));
}

/** Nothing that came while they were muted brings those back from the archive that are muted no more. `topId`: the newest message, 0: not known. */
function noteUnmuted(change: Change, wereMuted: readonly number[], topId = 0): void {
  const settings = change.dialog(BOX_ITSELF)?.settings;
  for (const peer of wereMuted) {
    const before = change.dialog(peer);
    if (before === undefined || isMutedAt(settings, before, change.date)) continue;
    const dialog = change.editDialog(peer);
    if (topId > 0) dialog.archivedMaxId = Math.max(topId, dialog.archivedMaxId);
    else dialog.archivedUntil = change.date;
  }
}

function withKind(defaults: BoxSettings['notifyDefaults'], kind: NotifyKind, settings: NotifySettings | undefined): BoxSettings['notifyDefaults'] {
  const others = defaults.filter((entry) => entry.kind !== kind);
  if (settings !== undefined) others.push({ $typeName: 'heliograph.box.v1.NotifyDefaults', kind, settings });
  return others.sort((a, b) => a.kind - b.kind);
}
