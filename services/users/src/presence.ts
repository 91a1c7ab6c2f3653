import { statusFromView } from '@heliograph/client-api/user';
import { create } from '@bufbuild/protobuf';
import { EphemeralUnavailable } from '@heliograph/ephemeral/errors';
import { StatusSchema } from '@heliograph/protos/heliograph/users/v1/users_pb';
import type { Deps } from './deps';
import { statusOf, type StatusView } from './domain/user-view';
import { TOUCH_COALESCE_SECONDS, TOUCH_ONLINE_SECONDS, STATUS_ONLINE_SECONDS } from './limits';
import { pushToWatchers } from './pushes';
import { users } from './tables/users';

/**
 * Presence. `users:online-until:<id>` (ephemeral) holds the end of the online period, Unix seconds; the same moment is kept in
 * `users.last_seen_at`, so that losing the ephemeral store loses only "online".
 */
type PresenceDeps = Pick<Deps, 'ephemeral' | 'storage' | 'clock'>;
type PushDeps = PresenceDeps & Pick<Deps, 'dc' | 'homes' | 'fanout' | 'notices' | 'inBackground' | 'watchers'>;

const onlineName = (userId: number): string => `users:online-until:${userId}`;
const now = (deps: Pick<Deps, 'clock'>): number => Math.floor(deps.clock.now() / 1000);

/** What to do without the ephemeral store: who is online is not known then, and nothing else depends on it. */
function lost(error: unknown): undefined {
  if (error instanceof EphemeralUnavailable) return undefined;
  throw error;
}

/** Unix seconds until which the user shows online; 0: offline; undefined: not known. */
async function onlineUntil(deps: Pick<Deps, 'ephemeral'>, userId: number): Promise<number | undefined> {
  try {
    const value = await deps.ephemeral.get(onlineName(userId));
    return value ? Buffer.from(value).readUInt32LE(0) : 0;
  } catch (error) {
    return lost(error);
  }
}

/** Statuses as everybody may see them, in the order asked. */
export async function findStatuses(deps: PresenceDeps, accounts: readonly { userId: number; lastSeenAt: number }[]): Promise<StatusView[]> {
  const date = now(deps);
  const until = await Promise.all(accounts.map(({ userId }) => onlineUntil(deps, userId)));
  return accounts.map(({ lastSeenAt }, index) => statusOf({ onlineUntil: until[index] ?? 0, lastSeenAt, date }));
}

/** Sending or typing: online for TOUCH_ONLINE_SECONDS; coalesced to one change per TOUCH_COALESCE_SECONDS. Without what coalesces them, nothing. */
export async function touchPresence(deps: PushDeps, userIds: readonly number[]): Promise<void> {
  const date = now(deps);
  const until = await Promise.all(userIds.map((id) => onlineUntil(deps, id)));
  await showOnline(deps, userIds.filter((_, index) => (until[index] ?? Infinity) - date <= TOUCH_COALESCE_SECONDS), date + TOUCH_ONLINE_SECONDS);
}

/** account.updateStatus: online for STATUS_ONLINE_SECONDS, or offline at once. While it is not known what was before, what is now is written and told. */
export async function updatePresence(deps: PushDeps, userId: number, offline: boolean): Promise<void> {
  const date = now(deps);
  const until = await onlineUntil(deps, userId);
  if (!offline) {
    if (until !== undefined && until - date > STATUS_ONLINE_SECONDS - TOUCH_COALESCE_SECONDS) return;
    await showOnline(deps, [userId], date + STATUS_ONLINE_SECONDS);
    return;
  }
  if (until !== undefined && until <= date) return;
  await deps.ephemeral.delete(onlineName(userId)).catch(lost);
  await deps.storage.put(users, { user_id: userId, last_seen_at: date });
  push(deps, [userId], statusOf({ onlineUntil: 0, lastSeenAt: date, date }));
}

async function showOnline(deps: PushDeps, userIds: readonly number[], until: number): Promise<void> {
  const value = Buffer.alloc(4);
  value.writeUInt32LE(until, 0);
  const date = now(deps);
  await Promise.all(userIds.map(async (id) => {
    await deps.ephemeral.set(onlineName(id), value, (until - date) * 1000).catch(lost);
    await deps.storage.put(users, { user_id: id, last_seen_at: until });
  }));
  push(deps, userIds, statusOf({ onlineUntil: until, lastSeenAt: until, date }));
}

/** Tells those who have one of the users in their contacts and are not blocked, and the user's own other sessions not. */
function push(deps: PushDeps, userIds: readonly number[], view: StatusView): void {
  const status = statusFromView(create(StatusSchema, view));
  if (status) pushToWatchers(deps, userIds.map((userId) => ({ userId, update: { _: 'updateUserStatus', user_id: userId, status } })), now(deps));
}
