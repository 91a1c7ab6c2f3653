import { forbidden } from '@heliograph/client-api/rpc-error';
import type { CallerContext } from '@heliograph/client-api/method';
import type { TypeUpdate } from '@heliograph/tl/api';
import { writeObject } from '@heliograph/tl/writer';
import type { Deps } from '../deps';
import { getGroupView, isIn } from './group-view';
import { findDcs } from './homes';

/**
 * Tells the other members of a basic group something that passes and is stored nowhere. Throws CHAT_WRITE_FORBIDDEN where the caller is not in it.
 */
export async function tellMembers(deps: Pick<Deps, 'dc' | 'dcs' | 'engine' | 'fanout' | 'groups' | 'homes' | 'users'>, caller: CallerContext, chatId: number, update: TypeUpdate): Promise<void> {
  if (!isIn(await getGroupView(deps, caller, chatId))) throw forbidden('CHAT_WRITE_FORBIDDEN');
  const members = (await deps.groups.listMembersLately(chatId)).filter((user) => user !== caller.userId);
  await tellUsers(deps, caller, members, writeObject({ _: 'updateShort', update, date: caller.date }, 'newest'));
}

/** Tells users of any DC something that passes. `updates`: bytes of an Updates object; users of other DCs get it unless they block the caller. */
export async function tellUsers(deps: Pick<Deps, 'dc' | 'dcs' | 'fanout' | 'homes' | 'users'>, caller: CallerContext, users: readonly number[], updates: Uint8Array): Promise<void> {
  if (users.length === 0) return;
  const dcs = await findDcs(deps, users);
  const here = users.filter((_, index) => dcs[index] === deps.dc);
  const elsewhere = users.filter((_, index) => dcs[index] !== deps.dc);
  if (here.length > 0) await deps.fanout.publish({ pushes: [{ userIds: here.map(BigInt), what: { case: 'updates', value: updates } }] });
  await Promise.all(elsewhere.map((user) => deps.users.tellPeer({ from: BigInt(caller.userId), to: BigInt(user), updates })));
}
