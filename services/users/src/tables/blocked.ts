import { defineTable } from '@heliograph/storage/table';
import type { Storage } from '@heliograph/storage/storage';
import { BLOCKED_USERS_MAX } from '../limits';

/**
 * Whom a user blocks, in their home DC.
 * Partition: the owner. Clustering: the blocked user. At most BLOCKED_USERS_MAX rows of about 24 bytes. No TTL.
 * Writers: contacts.block/unblock. Readers: CheckContact, FindBlocks, GetViews, statuses, contacts.getBlocked, users.getFullUser.
 */
export const blocked = defineTable({
  name: 'blocked',
  keyspace: 'dc',
  partition: { owner: 'int' },
  clustering: { peer_id: 'int' },
  columns: { date: 'int' },
  writes: 'plain',
});

/** All whom a user of this DC blocks. */
export async function listBlocked(storage: Storage, owner: number): Promise<Set<number>> {
  return new Set((await storage.range(blocked, { owner }, { limit: BLOCKED_USERS_MAX })).map((row) => row.peer_id));
}

/** For each pair in the order asked: does `owner` block `peer`? Sees owners of this DC only. */
export async function areBlocked(storage: Storage, pairs: readonly { owner: number; peer: number }[]): Promise<boolean[]> {
  if (pairs.length === 0) return [];
  const rows = await storage.getMany(blocked, pairs.map(({ owner, peer }) => ({ owner, peer_id: peer })));
  return rows.map((row) => row !== undefined);
}
