import { ADMIN } from '@heliograph/box/group-rights';
import { peerOf } from '@heliograph/box/render-message';
import type { CallerContext } from '@heliograph/client-api/method';
import type { TypeUpdate } from '@heliograph/tl/api';
import { writeObject } from '@heliograph/tl/writer';
import type { Deps } from '../deps';
import { RECENT_REQUESTERS_MAX } from '../limits';
import { tellUsers } from './tell-members';

/** Tells the other admins of a channel who may let people in how many wait for that; the same update for the caller. It passes: who isn't online learns it from the channel. */
export async function tellRequests(deps: Pick<Deps, 'channels' | 'dc' | 'dcs' | 'fanout' | 'homes' | 'users'>, caller: CallerContext, box: number): Promise<TypeUpdate> {
  const [state] = await deps.channels.find(caller.userId, [box]);
  const admins = state?.record?.admins ?? [];
  const requests = state?.record?.requests ?? [];
  const recent_requesters = requests.slice(-RECENT_REQUESTERS_MAX).reverse().map(({ user }) => Number(user));
  const update: TypeUpdate = { _: 'updatePendingJoinRequests', peer: peerOf(box), requests_pending: requests.length, recent_requesters };
  const others = admins.filter(({ rights, user }) => rights & ADMIN.invite_users && Number(user) !== caller.userId).map(({ user }) => Number(user));
  await tellUsers(deps, caller, others, writeObject({ _: 'updates', updates: [update], users: [], chats: [], date: caller.date, seq: 0 }, 'newest'));
  return update;
}
