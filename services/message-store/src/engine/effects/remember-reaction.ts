import type { RememberReaction } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Change, Effect } from '../change';
import { BOX_ITSELF } from '../ids';
import { RECENT_REACTIONS_MAX } from '../limits';

/** Puts a reaction at the head of those that the owner used lately, or forgets them all. */
export function* rememberReaction(change: Change, { used }: RememberReaction): Effect {
  const before = change.dialog(BOX_ITSELF)?.recentReactions ?? [];
  if (used === undefined ? before.length === 0 : before[0]?.token === used.token) return;
  const row = change.editDialog(BOX_ITSELF);
  row.recentReactions = used === undefined ? [] : [used, ...before.filter(({ token }) => token !== used.token)].slice(0, RECENT_REACTIONS_MAX);
  change.announce({ case: 'recentReactions', value: { $typeName: 'heliograph.box.v1.RecentReactionsChanged' } });
}
