import type { TellPeerRequest } from '@heliograph/protos/heliograph/users/v1/users_pb';
import type { Deps } from '../deps';
import { areBlocked } from '../tables/blocked';

/** Pushes a passing update (typing) to one user of any DC, unless they block its author. Their DC decides that. */
export async function tellPeer(deps: Deps, request: Pick<TellPeerRequest, 'from' | 'to' | 'updates'>): Promise<object> {
  const [from, to] = [Number(request.from), Number(request.to)];
  if (deps.homes.of(to) !== deps.dc.id) {
    deps.notices.toPeer(deps.homes.of(to), from, to, request.updates);
    return {};
  }
  const [hidden] = await areBlocked(deps.storage, [{ owner: to, peer: from }]);
  if (!hidden) await deps.fanout.publish({ pushes: [{ userIds: [request.to], what: { case: 'updates', value: request.updates } }] });
  return {};
}
