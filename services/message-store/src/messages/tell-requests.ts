import { isChannelBox } from '@heliograph/box/box-id';
import { ADMIN } from '@heliograph/box/group-rights';
import { peerOf } from '@heliograph/box/render-peer';
import type { CallerContext } from '@heliograph/client-api/method';
import type { JoinRequest } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { ChatFull, TypeUpdate } from '@heliograph/tl/api';
import { writeObject } from '@heliograph/tl/writer';
import type { Deps } from '../deps';
import { RECENT_REQUESTERS_MAX } from '../limits';
import { adminsOf } from './groups';
import { tellUsers } from './tell-members';

type Pending = Required<Pick<ChatFull, 'requests_pending' | 'recent_requesters'>>;

/** How many ask to be let in, and who did lately. */
export function pendingRequests(requests: readonly JoinRequest[]): Pending {
  return { requests_pending: requests.length, recent_requesters: requests.slice(-RECENT_REQUESTERS_MAX).reverse().map(({ user }) => Number(user)) };
}

/**
 * Tells the other admins of a basic group or a channel who may let people in how many wait for that; the same update for the caller. It passes: who isn't online
 * learns it from the full chat.
 */
export async function tellRequests(deps: Pick<Deps, 'channels' | 'dc' | 'dcs' | 'fanout' | 'groups' | 'homes' | 'users'>, caller: CallerContext, box: number): Promise<TypeUpdate> {
  const { requests, admins } = await (isChannelBox(box) ? askedOfChannel(deps, caller, box) : askedOfGroup(deps, box));
  const update: TypeUpdate = { _: 'updatePendingJoinRequests', peer: peerOf(box), ...pendingRequests(requests) };
  const others = admins.filter((user) => user !== caller.userId);
  await tellUsers(deps, caller, others, writeObject({ _: 'updates', updates: [update], users: [], chats: [], date: caller.date, seq: 0 }, 'newest'));
  return update;
}

interface Asked {
  readonly requests: readonly JoinRequest[];
  /** Who may let people in. */
  readonly admins: readonly number[];
}

async function askedOfChannel(deps: Pick<Deps, 'channels'>, caller: CallerContext, box: number): Promise<Asked> {
  const [state] = await deps.channels.find(caller.userId, [box]);
  const { admins = [], requests = [] } = state?.record ?? {};
  return { requests, admins: admins.filter(({ rights }) => rights & ADMIN.invite_users).map(({ user }) => Number(user)) };
}

async function askedOfGroup(deps: Pick<Deps, 'groups'>, box: number): Promise<Asked> {
  const group = await deps.groups.find(-box);
  return { requests: group?.record.requests ?? [], admins: adminsOf(group) };
}
