import { defineTable } from '@heliograph/storage/table';
import type { Deps } from '../deps';
import { USERNAME_CLAIM_SETTLED_SECONDS, USERNAME_HOLD_SECONDS } from '../limits';
import { users } from './users';

/**
 * Who owns a public name, in all DCs, whatever the case of its letters.
 * Partition: the name in lower case. One row of about 60 bytes. No TTL: a released name stays as a row without owner that is held until
 * `held_until` for everybody but `released_by`.
 * A user has the name only if their `users` row shows it too: the claim is written first, the row next, the old name is released last. A claim
 * that its owner's row does not confirm after USERNAME_CLAIM_SETTLED_SECONDS is a crash's left-over.
 * Writers: account.updateUsername (conditional). Readers: contacts.resolveUsername, account.checkUsername.
 */
export const usernames = defineTable({
  name: 'usernames',
  keyspace: 'directory',
  partition: { name: 'text' },
  clustering: {},
  columns: { owner: 'int', claimed_at: 'int', released_by: 'int', held_until: 'int' },
  writes: 'conditional',
});

type NameDeps = Pick<Deps, 'storage' | 'dc' | 'homes'>;

/** The user who has the name; undefined when nobody does. */
export async function findUsernameOwner(deps: NameDeps, name: string): Promise<number | undefined> {
  const row = await deps.storage.get(usernames, { name: name.toLowerCase() });
  if (!row?.owner) return undefined;
  return (await confirms(deps, row.owner, name)) ? row.owner : undefined;
}

/** Whether `userId` could claim the name now. `date`: Unix seconds. */
export async function isUsernameFree(deps: NameDeps, name: string, userId: number, date: number): Promise<boolean> {
  const row = await deps.storage.get(usernames, { name: name.toLowerCase() });
  if (!row) return true;
  if (row.owner) return row.owner === userId || (settled(row.claimed_at, date) && !(await confirms(deps, row.owner, name)));
  return row.released_by === userId || (row.held_until ?? 0) <= date;
}

/**
 * Claims the name for a user; false when another has or holds it. The caller then writes the `users` row and releases the old name.
 * Repeating it is harmless.
 */
export async function claimUsername(deps: NameDeps, name: string, userId: number, date: number): Promise<boolean> {
  const key = { name: name.toLowerCase() };
  const inserted = await deps.storage.insertIfAbsent(usernames, { ...key, owner: userId, claimed_at: date });
  if (inserted.applied) return true;
  const row = inserted.current;
  if (!row || row.owner === userId) return row !== undefined;
  if (!(await isUsernameFree(deps, name, userId, date))) return false;
  const expected = { owner: row.owner, claimed_at: row.claimed_at, held_until: row.held_until };
  return (await deps.storage.replaceIf(usernames, key, expected, { owner: userId, claimed_at: date, released_by: null, held_until: null })).applied;
}

/** Gives a name up; it is held for its last owner. Does nothing when the user does not have it. */
export async function releaseUsername(deps: NameDeps, name: string, userId: number, date: number): Promise<void> {
  await deps.storage.replaceIf(usernames, { name: name.toLowerCase() }, { owner: userId },
    { owner: null, claimed_at: null, released_by: userId, held_until: date + USERNAME_HOLD_SECONDS });
}

const settled = (claimedAt: number | null, date: number): boolean => (claimedAt ?? 0) + USERNAME_CLAIM_SETTLED_SECONDS <= date;

/** Whether the owner's row shows the name. Another DC's rows are not readable from here: the directory is taken at its word. */
async function confirms(deps: NameDeps, owner: number, name: string): Promise<boolean> {
  if (deps.homes.of(owner) !== deps.dc.id) return true;
  const row = await deps.storage.get(users, { user_id: owner });
  return !row?.deleted_at && row?.username?.toLowerCase() === name.toLowerCase();
}
