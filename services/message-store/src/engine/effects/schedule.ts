import type { DeleteScheduled, Schedule, ScheduledEntry } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { DUE_SCHEDULED } from '../../tables/box-due';
import { readMessages, readSent, type Change, type Effect } from '../change';
import { DELETE_IDS_MAX, SCHEDULED_IDS_MAX, SCHEDULED_MESSAGES_MAX } from '../limits';
import { clearDraft } from './clear-draft';

/** The message that was read is another one meanwhile: whoever asks reads it again. No client is told it. */
export const SCHEDULED_CHANGED = 'SCHEDULED_CHANGED';

/**
 * Keeps a message until it is due, or puts another in the place of one that is kept. A random_id that is kept or was sent makes nothing.
 * Refuses SCHEDULE_TOO_MUCH, MESSAGE_ID_INVALID (nothing is kept there), SCHEDULED_CHANGED.
 */
export function* schedule(change: Change, { message, clearDraft: clears }: Schedule): Effect {
  if (message === undefined) return change.refuse('MESSAGE_EMPTY');
  const peer = Number(message.peer);
  const before = change.dialog(peer)?.scheduled ?? [];
  if (message.id === 0) {
    if (message.randomId !== 0n) {
      if (before.some(({ randomId }) => randomId === message.randomId)) {
        change.duplicate = true;
        return;
      }
      const earlier = (yield* readSent(change.state)).find(message.randomId, change.date);
      if (earlier !== undefined) {
        change.duplicate = true;
        change.message = (yield* readMessages([earlier.id]))[0];
        return;
      }
    }
    if (before.length >= SCHEDULED_MESSAGES_MAX) return change.refuse('SCHEDULE_TOO_MUCH');
  } else {
    const known = before.find(({ id }) => id === message.id);
    if (known === undefined) return change.refuse('MESSAGE_ID_INVALID');
    if (known.version !== message.version) return change.refuse(SCHEDULED_CHANGED);
  }
  const dialog = change.editDialog(peer);
  const id = message.id > 0 ? message.id : nextId(dialog.lastScheduledId, before);
  if (message.id === 0) dialog.lastScheduledId = id;
  const entry: ScheduledEntry = { $typeName: 'heliograph.box.v1.ScheduledEntry', id, at: message.at, randomId: message.randomId, version: change.version };
  dialog.scheduled = [...before.filter((each) => each.id !== id), entry].sort((a, b) => a.id - b.id);
  const record = { ...message, id, version: change.version, post: dialog.membership?.broadcast ?? false };
  change.rows.push({ kind: 'scheduled', record }, { kind: 'due', at: message.at, due: DUE_SCHEDULED, peer, id });
  change.announce({ case: 'scheduled', value: record });
  if (clears) clearDraft(change, peer);
}

/** Clients of some libraries keep ids below 2^18, so they begin anew there, stepping over those in use. */
function nextId(last: number, used: readonly ScheduledEntry[]): number {
  const taken = new Set(used.map(({ id }) => id));
  let id = last;
  do id = id >= SCHEDULED_IDS_MAX ? 1 : id + 1;
  while (taken.has(id));
  return id;
}

/** Gives up messages that wait. Ids of which none waits count nothing. */
export function* deleteScheduled(change: Change, body: DeleteScheduled): Effect {
  if (body.ids.length > DELETE_IDS_MAX) return change.refuse('LIMIT_INVALID');
  takeScheduled(change, Number(body.peer), new Set(body.ids), []);
}

/** Takes those away that wait under these ids, and tells so. `sentIds`: the messages that they became. */
export function takeScheduled(change: Change, peer: number, ids: ReadonlySet<number>, sentIds: number[]): void {
  const gone = (change.dialog(peer)?.scheduled ?? []).map(({ id }) => id).filter((id) => ids.has(id));
  if (gone.length === 0) return;
  const dialog = change.editDialog(peer);
  dialog.scheduled = dialog.scheduled.filter(({ id }) => !ids.has(id));
  for (const id of gone) change.rows.push({ kind: 'scheduledGone', peer, id });
  change.announce({ case: 'scheduledGone', value: { $typeName: 'heliograph.box.v1.ScheduledGone', peer: BigInt(peer), ids: gone, sentIds } });
}
