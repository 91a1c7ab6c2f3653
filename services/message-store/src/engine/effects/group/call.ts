import type { Command, GroupAnswer, GroupCall, GroupCaller, GroupTold } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { readLocals, readMessages, readSent, type Change, type Effect } from '../../change';
import { isGroupBox } from '@heliograph/box/box-id';
import { clearDraft as takeDraft } from '../clear-draft';
import { leaveLists } from '../leave-lists';
import { announceTtl } from '../ttl';
import { tellGroup } from './tell-group';

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
  if (clearDraft) takeDraft(change, box);
  change.derived.push({ box, body: { case: 'groupAct', value: { ...act, caller: groupCaller(change.command) } } });
  change.deferred = true;
}

/** Who waits for what the group makes of a command; nobody, where the engine gave it to itself. */
export function groupCaller({ callId, callerAuthKeyId, callerSessionId }: Command): GroupCaller | undefined {
  return callId === 0n ? undefined : { $typeName: 'heliograph.box.v1.GroupCaller', callId, authKeyId: callerAuthKeyId, sessionId: callerSessionId };
}

/** In the caller's box: what the group has to say where no message does. */
export function* groupAnswer(change: Change, { error, duplicateOf, requested, more }: GroupAnswer): Effect {
  if (error !== '') return change.refuse(error);
  change.requested = requested;
  change.more = more;
  if (duplicateOf === undefined) return;
  change.duplicate = true;
  const [local] = yield* readLocals([duplicateOf]);
  if (local !== undefined) change.message = (yield* readMessages([local]))[0];
}

/** In a member's box: the group looks otherwise from now on. */
export function* groupTold(change: Change, { group, view, change: told, moreToDelete }: GroupTold): Effect {
  if (moreToDelete) return tellGroup(change, Number(group), { case: 'destroy', value: { $typeName: 'heliograph.box.v1.GroupDestroy' } });
  const dialog = change.editDialog(Number(group));
  if (view !== undefined && (dialog.view?.ttlPeriod ?? 0) !== view.ttlPeriod) announceTtl(change, group, view.ttlPeriod);
  dialog.view = view;
  if (view?.deactivated && view.kicked) leaveLists(change, dialog);
  if (told !== undefined) change.announce({ case: 'group', value: { $typeName: 'heliograph.box.v1.GroupChanged', group, change: told } });
}
