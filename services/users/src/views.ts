import type { HeliographContact } from '@heliograph/tl/api';
import type { Deps } from './deps';
import { Status_Kind } from '@heliograph/protos/heliograph/users/v1/users_pb';
import { isAccountId, SERVICE_USER_ID } from './domain/user-id';
import { serviceUserView, viewOf, type View } from './domain/user-view';
import { findStatuses } from './presence';
import type { RememberedFacts } from './remembered-facts';
import { findRemoteViews } from './remote-views';
import { areBlocked } from './tables/blocked';
import { areContactsOf, findContacts } from './tables/contacts';
import { sameMac } from './tables/phones';
import { findAccounts, type Account } from './tables/users';

type ViewDeps = Pick<Deps, 'dc' | 'dcs' | 'homes' | 'storage' | 'keyring' | 'ephemeral' | 'clock' | 'usersOf' | 'otherDcs' | 'remoteViews' | 'factsMemory' | 'phoneSecret' | 'log'>;
/** What the viewer saved of a user, as far as it decides what they see. */
type Saved = Pick<HeliographContact, 'first_name' | 'last_name' | 'phone' | 'close_friend'>;

/** Users as `viewerId`, who lives here, may see them; unknown ids are left out. Reads are batched per table and DC, whatever the number of ids. */
export async function findViews(deps: ViewDeps, viewerId: number, userIds: readonly number[]): Promise<View[]> {
  return viewsOf(deps, viewerId, userIds, (ids) => localViews(deps, viewerId, ids, contactsOf(deps, viewerId, ids)));
}

/** The same for updates to the viewer, as users of this DC looked VIEW_FACTS_FRESH_MS ago at most where nobody told of a change. */
export async function findViewsRemembered(deps: ViewDeps, viewerId: number, userIds: readonly number[]): Promise<View[]> {
  return viewsOf(deps, viewerId, userIds, (ids) => rememberedViews(deps, viewerId, ids));
}

async function viewsOf(deps: ViewDeps, viewerId: number, userIds: readonly number[], viewsHere: (ids: readonly number[]) => Promise<View[]>): Promise<View[]> {
  const ids = [...new Set(userIds)].filter(isAccountId);
  const [here, elsewhere] = await Promise.all([viewsHere(ids.filter((id) => deps.homes.of(id) === deps.dc.id)), findRemoteViews(deps, viewerId, ids)]);
  return [...(userIds.includes(SERVICE_USER_ID) ? [serviceUserView(viewerId)] : []), ...here, ...elsewhere];
}

/**
 * Users of this DC as somebody of another one may see them. `saved`: the directory's HMACs of the numbers by which the viewer has them; the
 * names that go with them are the viewer's DC's to put in.
 */
export async function findViewsForElsewhere(deps: ViewDeps, viewerId: number, userIds: readonly number[], saved: ReadonlyMap<number, Uint8Array>): Promise<View[]> {
  const ids = [...new Set(userIds)].filter((id) => isAccountId(id) && deps.homes.of(id) === deps.dc.id);
  return localViews(deps, viewerId, ids, async (reading) => {
    const accounts = await reading;
    return ids.map((id, index) => {
      const mac = saved.get(id);
      const account = accounts[index];
      return mac && { first_name: '', last_name: '', phone: account && sameMac(account.row.phone_mac, mac) ? account.profile.phone : '' };
    });
  });
}

const contactsOf = (deps: ViewDeps, viewerId: number, ids: readonly number[]) => async (): Promise<(Saved | undefined)[]> => (await findContacts(deps, viewerId, ids)).map((contact) => contact?.saved);

/** Who is remembered and online costs no read of a profile; of the others the last moment seen is read with it. */
async function rememberedViews(deps: ViewDeps, viewerId: number, ids: readonly number[]): Promise<View[]> {
  const known = ids.flatMap((userId) => {
    const facts = deps.factsMemory.find(viewerId, userId);
    return facts === undefined ? [] : [{ userId, facts }];
  });
  if (known.length === 0) return localViews(deps, viewerId, ids, contactsOf(deps, viewerId, ids));
  const [statuses, hidden] = await Promise.all([findStatuses(deps, known.map(({ userId }) => ({ userId, lastSeenAt: 0 }))), areBlocked(deps.storage, known.map(({ userId }) => ({ owner: userId, peer: viewerId })))]);
  const views = known.flatMap(({ userId, facts }, index) => {
    const status = statuses[index];
    if (status?.kind !== Status_Kind.ONLINE) return [];
    return [viewOf({ ...facts, userId, viewerId, status, viewerIsBlocked: hidden[index] ?? false })];
  });
  const shown = new Set(views.map(({ id }) => Number(id)));
  const missing = ids.filter((id) => !shown.has(id));
  return [...views, ...await localViews(deps, viewerId, missing, contactsOf(deps, viewerId, missing))];
}

async function localViews(deps: ViewDeps, viewerId: number, ids: readonly number[], savedOf: (accounts: Promise<(Account | undefined)[]>) => Promise<(Saved | undefined)[]>): Promise<View[]> {
  if (ids.length === 0) return [];
  const at = deps.clock.now();
  const reading = findAccounts(deps, ids);
  const [accounts, saved, contactOf, hidden] = await Promise.all([
    reading,
    savedOf(reading),
    areContactsOf(deps, viewerId, ids),
    areBlocked(deps.storage, ids.map((owner) => ({ owner, peer: viewerId }))),
  ]);
  const statuses = await findStatuses(deps, ids.map((userId, index) => ({ userId, lastSeenAt: accounts[index]?.row.last_seen_at ?? 0 })));
  return ids.flatMap((userId, index) => {
    const account = accounts[index];
    if (!account) return [];
    const facts: RememberedFacts = {
      profile: account.profile, username: account.row.username ?? '', bot: account.row.bot ?? false, deleted: Boolean(account.row.deleted_at), saved: saved[index], viewerIsContact: contactOf[index] ?? false,
    };
    if (deps.homes.of(viewerId) === deps.dc.id) deps.factsMemory.remember(viewerId, userId, facts, at);
    return [viewOf({ ...facts, userId, viewerId, status: statuses[index] ?? {}, viewerIsBlocked: hidden[index] ?? false })];
  });
}
