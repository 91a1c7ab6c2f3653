import { createHash } from 'node:crypto';
import { writeObject } from '@heliograph/tl/writer';
import { Errands } from '@heliograph/service-kit/errands';
import type { Clock } from '@heliograph/service-kit/kit';
import type { Deps } from './deps';
import { JOINED_OWNERS_PER_BUCKET_MAX } from './limits';
import { pushUsersChanged } from './pushes';
import { listImporters, writeContact } from './tables/contacts';
import { joinedElsewhere } from './tables/joined-elsewhere';
import { findAccount, users } from './tables/users';

/** Tells those who have the new user's number, and notes for every other DC that it is to be told. In the background. */
export function announceJoined(deps: Deps, user: { userId: number; phone: string; silent: boolean }): void {
  deps.inBackground('announce who joined', async () => {
    await announceJoinedHere(deps, user);
    for (const dc of deps.notices.dcs) await deps.storage.put(joinedElsewhere, { dc, user_id: user.userId, silent: user.silent });
    await deps.storage.put(users, { user_id: user.userId, joined_due: null, joined_silent: null });
    await deps.joinedErrands.sweep();
  });
}

/** Tells other DCs of those who joined here, until they take it. */
export function joinedErrands(deps: Pick<Deps, 'storage' | 'keyring' | 'otherDcs' | 'usersOf' | 'log'>, dcs: readonly number[], clock: Pick<Clock, 'every' | 'sleep'>): Errands<{ userId: number; silent: boolean }> {
  return new Errands({
    dcs, clock, log: deps.log, what: 'who joined',
    list: async (dc, limit) => (await deps.storage.range(joinedElsewhere, { dc }, { limit })).map((row) => ({ userId: row.user_id, silent: row.silent ?? false })),
    run: async (dc, { userId, silent }) => {
      const account = await findAccount(deps, userId);
      if (account && account.profile.phone !== '') await deps.otherDcs.call(dc, () => deps.usersOf(dc).announceJoined({ userId: BigInt(userId), phone: account.profile.phone, silent }));
    },
    done: (dc, { userId }) => deps.storage.delete(joinedElsewhere, { dc, user_id: userId }),
  });
}

/** Takes up the announcement of a user where a crash cut it off. */
export async function resumeJoined(deps: Deps, userId: number): Promise<void> {
  const account = await findAccount(deps, userId);
  if (!account?.row.joined_due) return;
  announceJoined(deps, { userId, phone: account.profile.phone, silent: account.row.joined_silent ?? false });
}

/** Those of this DC who have the number get the user as a contact, and a message in the user's dialog unless it is to be silent. Idempotent. */
export async function announceJoinedHere(deps: Deps, { userId, phone, silent }: { userId: number; phone: string; silent: boolean }): Promise<void> {
  const date = Math.floor(deps.clock.now() / 1000);
  const importers = (await listImporters(deps, phone, JOINED_OWNERS_PER_BUCKET_MAX)).filter(({ owner }) => owner !== userId);
  for (const { owner, saved } of importers) {
    await writeContact(deps, owner, { ...saved, user_id: userId }, date);
    await pushUsersChanged(deps, owner, userId);
    if (silent) continue;
    const row = await deps.storage.get(users, { user_id: owner });
    await deps.messages.notify({
      userId: BigInt(owner), from: BigInt(userId), randomId: joinedRandomId(owner, userId), date, silent: row?.joined_notice_silent ?? false,
      content: writeObject({ _: 'heliograph.messageContent', message: '', action: { _: 'messageActionContactSignUp' } }, 'newest'),
    }, { routeKey: owner });
  }
}

/** The same for the same pair, so that a repeated announcement finds the first one's message. */
function joinedRandomId(owner: number, userId: number): bigint {
  return createHash('sha256').update(`joined:${owner}:${userId}`).digest().readBigInt64LE(0);
}
