import { defineTable } from '@heliograph/storage/table';
import { readObject } from '@heliograph/tl/reader';
import { writeObject } from '@heliograph/tl/writer';
import type { HeliographUserProfile } from '@heliograph/tl/api';
import type { Row } from '@heliograph/storage/table';
import type { Deps } from '../deps';

/**
 * Accounts whose home is this DC.
 * Partition: the user. One row of about 300 bytes: `profile` is heliograph.userProfile sealed under `user:<id>`; the username is public and plain.
 * `phone_mac` is the key of the phone's row in `phones` (the phone itself is only in the sealed profile). `joined_due`: those who have the
 * number are still to be told. No TTL.
 * Writers: CreateUser (insertIfAbsent), account.updateProfile/updateUsername/setContactSignUpNotification, presence (last_seen_at, coalesced).
 * Readers: GetViews, CheckContact, FindByPhone, contacts.*, users.*.
 */
export const users = defineTable({
  name: 'users',
  keyspace: 'dc',
  partition: { user_id: 'int' },
  clustering: {},
  columns: {
    profile: 'bytes', username: 'text', phone_mac: 'bytes', bot: 'bool', created_at: 'int', deleted_at: 'int', last_seen_at: 'int',
    joined_due: 'bool', joined_silent: 'bool', joined_notice_silent: 'bool',
  },
  writes: 'conditional',
});

export type UserRow = Row<typeof users>;
export interface Account {
  row: UserRow;
  /** Empty names and phone for a deleted account. */
  profile: HeliographUserProfile;
}

type AccountDeps = Pick<Deps, 'storage' | 'keyring'>;
const place = (userId: number): string => `users:${userId}`;
const EMPTY_PROFILE: HeliographUserProfile = { _: 'heliograph.userProfile', first_name: '', last_name: '', phone: '' };

export async function sealProfile(deps: Pick<Deps, 'keyring'>, userId: number, profile: HeliographUserProfile): Promise<Uint8Array> {
  return (await deps.keyring.dataKey(`user:${userId}`)).seal(writeObject(profile, 'newest'), place(userId));
}

/** Accounts by id, in the order asked, undefined where there is none; at most VIEWS_PER_CALL_MAX. */
export async function findAccounts(deps: AccountDeps, userIds: readonly number[]): Promise<(Account | undefined)[]> {
  if (userIds.length === 0) return [];
  const rows = await deps.storage.getMany(users, userIds.map((id) => ({ user_id: id })));
  return Promise.all(rows.map(async (row) => row && { row, profile: await openProfile(deps, row) }));
}

export const findAccount = async (deps: AccountDeps, userId: number): Promise<Account | undefined> => (await findAccounts(deps, [userId]))[0];

async function openProfile(deps: AccountDeps, row: UserRow): Promise<HeliographUserProfile> {
  if (!row.profile || row.deleted_at) return EMPTY_PROFILE;
  const key = await deps.keyring.dataKey(`user:${row.user_id}`);
  return readObject(key.open(row.profile, place(row.user_id)), 'heliograph.UserProfile');
}

/** Replaces the sealed profile. */
export async function writeProfile(deps: AccountDeps, userId: number, profile: HeliographUserProfile): Promise<void> {
  await deps.storage.put(users, { user_id: userId, profile: await sealProfile(deps, userId, profile) });
}
