import type { UserView } from '@heliograph/protos/heliograph/users/v1/users_pb';
import type { Deps } from './deps';
import { homeDc, isAccountId, SERVICE_USER_ID } from './domain/user-id';
import { serviceUserView, viewOf, type View } from './domain/user-view';
import { findStatuses } from './presence';
import { areBlocked } from './tables/blocked';
import { areContactsOf, findContacts } from './tables/contacts';
import { findAccounts } from './tables/users';

type ViewDeps = Pick<Deps, 'dc' | 'dcs' | 'storage' | 'keyring' | 'ephemeral' | 'clock' | 'usersOf' | 'log'>;

/**
 * Users as `viewerId` may see them; unknown ids are left out. Reads are batched per table, whatever the number of ids. Users of other DCs are
 * asked there and named as the viewer saved them here; those of a DC that cannot be reached are left out.
 */
export async function findViews(deps: ViewDeps, viewerId: number, userIds: readonly number[]): Promise<View[]> {
  const ids = [...new Set(userIds)].filter(isAccountId);
  const local = ids.filter((id) => homeDc(id) === deps.dc.id);
  const [here, elsewhere] = await Promise.all([localViews(deps, viewerId, local), remoteViews(deps, viewerId, ids)]);
  return [...(userIds.includes(SERVICE_USER_ID) ? [serviceUserView(viewerId)] : []), ...here, ...elsewhere];
}

async function localViews(deps: ViewDeps, viewerId: number, ids: readonly number[]): Promise<View[]> {
  if (ids.length === 0) return [];
  const [accounts, saved, contactOf, hidden] = await Promise.all([
    findAccounts(deps, ids),
    findContacts(deps, viewerId, ids),
    areContactsOf(deps, viewerId, ids),
    areBlocked(deps.storage, ids.map((owner) => ({ owner, peer: viewerId }))),
  ]);
  const statuses = await findStatuses(deps, ids.map((userId, index) => ({ userId, lastSeenAt: accounts[index]?.row.last_seen_at ?? 0 })));
  return ids.flatMap((userId, index) => {
    const account = accounts[index];
    if (!account) return [];
    return [viewOf({
      userId, viewerId, profile: account.profile, username: account.row.username ?? '', bot: account.row.bot ?? false, deleted: Boolean(account.row.deleted_at),
      status: statuses[index] ?? {}, saved: saved[index]?.saved, viewerIsContact: contactOf[index] ?? false, viewerIsBlocked: hidden[index] ?? false,
    })];
  });
}

async function remoteViews(deps: ViewDeps, viewerId: number, ids: readonly number[]): Promise<View[]> {
  const others = deps.dcs.filter(({ id }) => id !== deps.dc.id);
  const perDc = others.map((dc) => ({ dc: dc.id, ids: ids.filter((id) => homeDc(id) === dc.id) })).filter((group) => group.ids.length > 0);
  // A call that comes from another DC is about users of this one only, so no call goes back.
  if (perDc.length === 0) return [];
  const all = await Promise.all(perDc.map(async (group) => {
    const [answer, saved] = await Promise.all([
      deps.usersOf(group.dc).getViews({ viewerId: BigInt(viewerId), userIds: group.ids.map(BigInt) }).catch((error: unknown) => {
        deps.log.warn({ dc: group.dc, error: error instanceof Error ? error.name : typeof error }, 'users of another data center could not be read');
        return { users: [] as UserView[] };
      }),
      findContacts(deps, viewerId, group.ids),
    ]);
    const names = new Map(saved.flatMap((contact) => (contact ? [[contact.contactId, contact.saved] as const] : [])));
    return answer.users.map((view) => asSaved(view, names.get(Number(view.id))));
  }));
  return all.flat();
}

function asSaved(view: UserView, saved: { first_name: string; last_name: string; phone: string } | undefined): View {
  if (!saved || view.deleted) return view;
  const named = saved.first_name !== '' || saved.last_name !== '';
  return {
    ...view, contact: true,
    // The other DC shows the phone to the user's contacts: that it does so here means that the viewer is one.
    mutualContact: view.phone !== '',
    firstName: named ? saved.first_name : view.firstName,
    lastName: named ? saved.last_name : view.lastName,
  };
}
