import type { Deps } from './deps';
import { OTHER_DC_DEADLINE_MS, PAIRS_PER_CALL_MAX } from './limits';
import { areContactsOf } from './tables/contacts';

/**
 * Which of `others`, of any DC, have `userId` in their contacts, in the order asked. Those of a DC that cannot be reached count as they were
 * last known to.
 */
export async function areMutual(deps: Pick<Deps, 'dc' | 'homes' | 'storage' | 'usersOf' | 'otherDcs' | 'remoteViews'>, userId: number, others: readonly number[]): Promise<boolean[]> {
  const has = new Map<number, boolean>();
  for (const dc of new Set(others.map((id) => deps.homes.of(id)))) {
    const ids = others.filter((id) => deps.homes.of(id) === dc);
    for (let start = 0; start < ids.length; start += PAIRS_PER_CALL_MAX) {
      const page = ids.slice(start, start + PAIRS_PER_CALL_MAX);
      const answers = dc === deps.dc.id ? await areContactsOf(deps, userId, page) : await ask(deps, dc, userId, page);
      page.forEach((id, index) => has.set(id, answers[index] ?? false));
    }
  }
  return others.map((id) => has.get(id) ?? false);
}

async function ask(deps: Pick<Deps, 'usersOf' | 'otherDcs' | 'remoteViews'>, dc: number, userId: number, owners: readonly number[]): Promise<boolean[]> {
  try {
    return (await deps.otherDcs.call(dc, () => deps.usersOf(dc).findContactOwners({ userId: BigInt(userId), owners: owners.map(BigInt) }, { deadlineMs: OTHER_DC_DEADLINE_MS }))).has;
  } catch {
    return owners.map((id) => deps.remoteViews.lastKnown(userId, id)?.mutualContact ?? false);
  }
}
