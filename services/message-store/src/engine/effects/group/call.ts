import type { GroupAnswer, GroupCall, GroupTold } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { readLocals, readMessages, readSent, type Change, type Effect } from '../../change';
import { isGroupBox } from '../../ids';

/** In the caller's box: passes an act on to the group, whose answer comes as a command of its own. A remembered random_id is answered here. */
export function* groupCall(change: Change, { group, act, clearDraft }: GroupCall): Effect {
  const box = Number(group);
  if (!isGroupBox(box) || act === undefined) return change.refuse('CHAT_ID_INVALID');
  if (act.act.case === 'post' && act.act.value.randomId !== 0n) {
    const earlier = (yield* readSent(change.state)).find(act.act.value.randomId, change.date);
    if (earlier !== undefined) {
      change.duplicate = true;
      change.message = (yield* readMessages([earlier.id]))[0];
      return;
    }
  }
  if (clearDraft && (change.dialog(box)?.draftSealed.length ?? 0) > 0) {
    const dialog = change.editDialog(box);
    dialog.draftSealed = new Uint8Array(0);
    dialog.draftDate = change.date;
    change.announce({ case: 'draft', value: { $typeName: 'heliograph.box.v1.DraftChanged', peer: group, sealed: dialog.draftSealed, date: change.date } });
  }
  const { callId, callerAuthKeyId, callerSessionId } = change.command;
  const caller = callId === 0n ? undefined : { $typeName: 'heliograph.box.v1.GroupCaller' as const, callId, authKeyId: callerAuthKeyId, sessionId: callerSessionId };
  change.derived.push({ box, body: { case: 'groupAct', value: { ...act, caller } } });
  change.deferred = true;
}

/** In the caller's box: what the group has to say where no message does. */
export function* groupAnswer(change: Change, { error, duplicateOf }: GroupAnswer): Effect {
  if (error !== '') return change.refuse(error);
  if (duplicateOf === undefined) return;
  change.duplicate = true;
  const [local] = yield* readLocals([duplicateOf]);
  if (local !== undefined) change.message = (yield* readMessages([local]))[0];
}

/** In a member's box: the group looks otherwise from now on. */
export function* groupTold(change: Change, { group, view, change: told }: GroupTold): Effect {
  change.editDialog(Number(group)).view = view;
  if (told !== undefined) change.announce({ case: 'group', value: { $typeName: 'heliograph.box.v1.GroupChanged', group, change: told } });
}
