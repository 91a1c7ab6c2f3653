import { CallError } from '@heliograph/service-kit/call-error';
import type { Deps } from './deps';
import { HOMES_DEADLINE_MS } from './limits';

/** Where those of the users live who moved, and where they are on the way to. */
export async function findMoved(deps: Pick<Deps, 'homes' | 'place'>, users: readonly number[]): Promise<Map<number, number[]>> {
  const found = new Map<number, number[]>();
  // With one DC nobody can have moved.
  if (users.length === 0 || deps.place.dcs.length === 1) return found;
  const { homes } = await deps.homes.findHomes({ userIds: users.map(BigInt) }, { deadlineMs: HOMES_DEADLINE_MS }).catch((error: unknown) => {
    // A users service of the release before moves nobody.
    if (error instanceof CallError && error.code === 'UNIMPLEMENTED') return { homes: [] };
    throw error;
  });
  homes.forEach(({ dc, movingTo, moved }, index) => {
    if (moved) found.set(users[index] as number, movingTo === 0 ? [dc] : [dc, movingTo]);
  });
  return found;
}
