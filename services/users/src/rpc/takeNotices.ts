import type { TakeNoticesRequest } from '@heliograph/protos/heliograph/users/v1/users_pb';
import { CallError } from '@heliograph/service-kit/call-error';
import type { Deps } from '../deps';
import { NOTICES_PER_CALL_MAX } from '../limits';
import { announceChanged } from '../pushes';
import { areBlocked } from '../tables/blocked';

/** Hands on what users of another DC let those of this one know. A user of this DC who blocks the author of a peer's notice gets nothing. */
export async function takeNotices(deps: Deps, { peers, watchers, changedUsers }: Pick<TakeNoticesRequest, 'peers' | 'watchers' | 'changedUsers'>): Promise<object> {
  if (peers.length + watchers.length + changedUsers.length > NOTICES_PER_CALL_MAX) throw new CallError('INVALID_ARGUMENT', `more than ${NOTICES_PER_CALL_MAX} notices`);
  deps.inBackground('hand on notices of another data center', async () => {
    if (changedUsers.length > 0) await announceChanged(deps, changedUsers.map(Number));
    const ours = peers.map(({ from, to, updates }) => ({ from: Number(from), to: Number(to), updates })).filter(({ from, to }) => deps.homes.of(to) === deps.dc.id && deps.homes.of(from) !== deps.dc.id);
    const hidden = await areBlocked(deps.storage, ours.map(({ from, to }) => ({ owner: to, peer: from })));
    const pushes = ours.flatMap(({ to, updates }, index) => (hidden[index] ? [] : [{ userIds: [BigInt(to)], what: { case: 'updates' as const, value: updates } }]));
    for (const { userId, updates, hiddenFrom } of watchers) {
      if (deps.homes.of(Number(userId)) === deps.dc.id) continue;
      const hiddenIds = new Set(hiddenFrom.map(Number));
      const seeing = (await deps.watchers.of(Number(userId))).filter((owner) => !hiddenIds.has(owner));
      if (seeing.length > 0) pushes.push({ userIds: seeing.map(BigInt), what: { case: 'updates', value: updates } });
    }
    if (pushes.length > 0) await deps.fanout.publish({ pushes });
  });
  return {};
}
