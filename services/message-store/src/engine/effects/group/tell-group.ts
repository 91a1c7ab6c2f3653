import type { GroupAct } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Change } from '../../change';

/** Derives an act that nobody waits for. */
export function tellGroup(change: Change, group: number, act: GroupAct['act']): void {
  change.derived.push({ box: group, body: { case: 'groupAct', value: { $typeName: 'heliograph.box.v1.GroupAct', act } } });
}
