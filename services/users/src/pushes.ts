import { writeObject } from '@heliograph/tl/writer';
import type { TypeUpdate } from '@heliograph/tl/api';
import type { CallerContext } from '@heliograph/client-api/method';
import { CallError } from '@heliograph/service-kit/call-error';
import type { Deps } from './deps';
import { CHANGED_USERS_CHANNEL_IDS_MAX, WATCHED_USERS_PER_PUBLISH } from './limits';
import { listBlocked } from './tables/blocked';

/** Ephemeral channel on which the replicas of this service tell each other of changed users of other DCs. Message: ids, 8 bytes each, little-endian. */
export const CHANGED_USERS_CHANNEL = 'users:changed';

type Memories = Pick<Deps, 'remoteViews' | 'factsMemory' | 'watchers'>;
type ChangeDeps = Memories & Pick<Deps, 'fanout' | 'log' | 'ephemeral' | 'isStopping'>;

/** What this replica remembers of users who have changed. */
function forgetChanged({ remoteViews, factsMemory, watchers }: Memories, userIds: readonly number[]): void {
  remoteViews.changed(userIds);
  factsMemory.changed(userIds);
  watchers.changed(userIds);
}

/**
 * Tells gateways, here and in the other DCs, that how these users look, or what they see of others, has changed. Call it after every change
 * of a profile, a username, a contact list or a block list. It resolves when it is published here: a caller's next request shows the change.
 */
export async function pushUsersChanged(deps: ChangeDeps & Pick<Deps, 'notices'>, ...userIds: number[]): Promise<void> {
  deps.notices.changed(userIds);
  await announceChanged(deps, userIds);
}

/** The same within this DC. */
export async function announceChanged(deps: ChangeDeps, userIds: readonly number[]): Promise<void> {
  // Here at once, in the other replicas by the channel.
  forgetChanged(deps, userIds);
  // Views are kept for seconds only: an announcement that fails delays the change by those, where it was meant to come.
  // Nobody is left to hear of it where the process ends, fanout before this service.
  const failed = (error: unknown): void => {
    const level = deps.isStopping() && error instanceof CallError && error.code === 'UNAVAILABLE' ? 'debug' : 'warn';
    deps.log[level]({ error: error instanceof Error ? error.name : typeof error }, 'a changed user could not be announced');
  };
  const toReplicas = async (): Promise<void> => {
    for (let start = 0; start < userIds.length; start += CHANGED_USERS_CHANNEL_IDS_MAX) {
      await deps.ephemeral.publish(CHANGED_USERS_CHANNEL, idBytes(userIds.slice(start, start + CHANGED_USERS_CHANNEL_IDS_MAX)));
    }
  };
  await toReplicas().catch(failed);
  await deps.fanout.publish({ pushes: userIds.map((id) => ({ userIds: [], what: { case: 'userChanged' as const, value: BigInt(id) } })) }).catch(failed);
}

function idBytes(ids: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(ids.length * 8);
  ids.forEach((id, index) => bytes.writeBigInt64LE(BigInt(id), index * 8));
  return bytes;
}

/** Takes in what another replica announced. */
export function onChangedUsers(deps: Memories, message: Uint8Array): void {
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  forgetChanged(deps, Array.from({ length: Math.floor(bytes.length / 8) }, (_, index) => Number(bytes.readBigInt64LE(index * 8))));
}

/** Pushes an update to the caller's other sessions. */
export function pushToOwnSessions(deps: Pick<Deps, 'fanout' | 'inBackground' | 'clock'>, caller: CallerContext, ...updates: TypeUpdate[]): void {
  if (updates.length === 0) return;
  deps.inBackground('push to other sessions', async () => {
    await deps.fanout.publish({
      pushes: [{ userIds: [BigInt(caller.userId)], what: { case: 'updates', value: encode(updates, caller.date) }, exceptAuthKeyId: caller.authKeyId, exceptSessionId: caller.sessionId }],
    });
  });
}

/** An update about a user of this DC, for others. */
interface Told {
  userId: number;
  update: TypeUpdate;
}

/**
 * Pushes updates about users of this DC, each to those of any DC who have its user in their contacts and are not blocked; at most
 * WATCHERS_PER_BUCKET_MAX per bucket. A later update of the same kind takes the place of one that is still on its way to another DC.
 */
export function pushToWatchers(deps: Pick<Deps, 'dc' | 'homes' | 'fanout' | 'inBackground' | 'storage' | 'notices' | 'watchers'>, told: readonly Told[], date: number): void {
  if (told.length === 0) return;
  deps.inBackground('push to watchers', async () => {
    const pushOf = async ({ userId, update }: Told) => {
      const updates = encode([update], date);
      const [watchers, hidden] = await Promise.all([deps.watchers.of(userId), listBlocked(deps.storage, userId)]);
      for (const dc of deps.notices.dcs) deps.notices.toWatchers(dc, update._, { userId, updates, hiddenFrom: [...hidden].filter((id) => deps.homes.of(id) === dc) });
      return { userIds: watchers.filter((owner) => owner !== userId && !hidden.has(owner)).map(BigInt), what: { case: 'updates' as const, value: updates } };
    };
    // A share at a time: each user may have many who watch, and whom the user blocks is read for each.
    for (let start = 0; start < told.length; start += WATCHED_USERS_PER_PUBLISH) {
      const pushes = (await Promise.all(told.slice(start, start + WATCHED_USERS_PER_PUBLISH).map(pushOf))).filter(({ userIds }) => userIds.length > 0);
      if (pushes.length > 0) await deps.fanout.publish({ pushes });
    }
  });
}

const encode = (updates: TypeUpdate[], date: number): Uint8Array => {
  const [only] = updates;
  if (only && updates.length === 1 && SHORT.has(only._)) return writeObject({ _: 'updateShort', update: only, date }, 'newest');
  return writeObject({ _: 'updates', updates, users: [], chats: [], date, seq: 0 }, 'newest');
};
/** Updates that need no users beside them. */
const SHORT: ReadonlySet<string> = new Set(['updateUserStatus']);
