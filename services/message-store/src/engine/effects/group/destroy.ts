import { readMessages, type Change, type Effect } from '../../change';
import { DELETE_IDS_MAX } from '../../limits';
import type { Group } from './group';
import { removePosts } from './posts';
import { isCreator } from './rights';

/**
 * The group ends: nobody is in it any more, nobody comes back, and its creator is answered. What was written goes from the boxes of those who were in it, the newest first: the
 * messages of DELETE_IDS_MAX ids at each command, for the next of which the creator's box is told to ask. So whatever dies, the log has what is left to do.
 */
export function* destroyGroup(change: Change, group: Group): Effect {
  if (!isCreator(group, group.actor)) return group.refuse('CHAT_ADMIN_REQUIRED');
  const { record } = group;
  if (record?.destroyed === true) group.done();
  else {
    group.editRecord({ destroyed: true, deactivated: true, version: (record?.version ?? 0) + 1, requests: [], invites: [], deletedFrom: change.topId + 1 });
    group.tell({ case: 'other', value: true });
  }
  const below = group.record?.deletedFrom ?? 0;
  const deletedFrom = Math.max(1, below - DELETE_IDS_MAX);
  if (deletedFrom >= below) return;
  const written = yield* readMessages(Array.from({ length: below - deletedFrom }, (_, index) => deletedFrom + index));
  const known = written.filter((message) => message !== undefined);
  // Who was away when one was deleted has it still.
  removePosts(change, group, known.filter(({ deletedVersion }) => deletedVersion === 0n), known);
  group.editRecord({ deletedFrom });
  if (deletedFrom > 1) {
    group.derive(group.actor, { case: 'groupTold', value: { $typeName: 'heliograph.box.v1.GroupTold', group: BigInt(group.box), moreToDelete: true } }, false);
  }
}
