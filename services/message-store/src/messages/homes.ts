import type { Deps } from '../deps';

/** The DC that each user lives in, in the order asked; at most 200. Where there is one DC nobody is asked. */
export async function findDcs({ dc, dcs, homes }: Pick<Deps, 'dc' | 'dcs' | 'homes'>, users: readonly number[]): Promise<number[]> {
  if (dcs.length === 1) return users.map(() => dc);
  const found = await homes.findHomes({ userIds: users.map(BigInt) });
  return users.map((_, index) => found.homes[index]?.dc ?? dc);
}
