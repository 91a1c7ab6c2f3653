import { writeObject } from '@heliograph/tl/writer';
import type { TypeUpdate } from '@heliograph/tl/api';
import type { CallerContext } from '@heliograph/client-api/method';
import type { Deps } from './deps';
import { WATCHERS_PER_BUCKET_MAX } from './limits';
import { areBlocked } from './tables/blocked';
import { listContactOwners } from './tables/contacts';

/**
 * Tells gateways that how these users look, or what they see of others, has changed. Call it after every change of a profile, a username, a
 * contact list or a block list. It resolves when it is published: a caller's next request shows the change.
 */
export async function pushUsersChanged(deps: Pick<Deps, 'fanout' | 'log'>, ...userIds: number[]): Promise<void> {
  await deps.fanout.publish({ pushes: userIds.map((id) => ({ userIds: [], what: { case: 'userChanged' as const, value: BigInt(id) } })) })
    // Views are kept for seconds only: a push that fails delays the change by those.
    .catch((error: unknown) => deps.log.warn({ error: error instanceof Error ? error.name : typeof error }, 'a changed user could not be announced'));
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

/** Pushes an update about a user to those who have them in their contacts and are not blocked; at most WATCHERS_PER_BUCKET_MAX per bucket. */
export function pushToWatchers(deps: Pick<Deps, 'fanout' | 'inBackground' | 'storage'>, userId: number, update: TypeUpdate, date: number): void {
  deps.inBackground('push to watchers', async () => {
    const watchers = (await listContactOwners(deps, userId, WATCHERS_PER_BUCKET_MAX)).filter((owner) => owner !== userId);
    const hidden = await areBlocked(deps.storage, watchers.map((peer) => ({ owner: userId, peer })));
    const seeing = watchers.filter((_, index) => !hidden[index]);
    if (seeing.length > 0) await deps.fanout.publish({ pushes: [{ userIds: seeing.map(BigInt), what: { case: 'updates', value: encode([update], date) } }] });
  });
}

const encode = (updates: TypeUpdate[], date: number): Uint8Array => writeObject({ _: 'updates', updates, users: [], chats: [], date, seq: 0 }, 'newest');
