import { isChannelBox } from '@heliograph/box/box-id';
import { defineTable } from '@heliograph/storage/table';
import type { Deps } from '../deps';
import { USERNAME_CLAIM_SETTLED_SECONDS, USERNAME_HOLD_SECONDS } from '../limits';
import { users } from './users';

/**
 * Who owns a public name, in all DCs, whatever the case of its letters: a user, or a channel by its box (< 0).
 * Partition: the name in lower case. One row of about 60 bytes. No TTL: a released name stays as a row without owner that is held until
 * `held_until` for everybody but `released_by`.
 * A user has the name only if their `users` row shows it too, a channel if its own record does: the claim is written first, that next, the old name is released last. A claim
 * that its owner does not confirm after USERNAME_CLAIM_SETTLED_SECONDS is a crash's left-over.
 * Writers: account.updateUsername, NameService (conditional). Readers: contacts.resolveUsername, account.checkUsername.
 */
export const usernames = defineTable({
  name: 'usernames',
  keyspace: 'directory',
  partition: { name: 'text' },
  clustering: {},
  columns: { owner: 'int', claimed_at: 'int', released_by: 'int', held_until: 'int' },
  writes: 'conditional',
});

type NameDeps = Pick<Deps, 'storage' | 'dc' | 'homes' | 'usernameOfChannel'>;

/** The user, or the box of the channel, that has the name; undefined when nobody does. */
export async function findUsernameOwner(deps: NameDeps, name: string): Promise<number | undefined> {
  const row = await deps.storage.get(usernames, { name: name.toLowerCase() });
  if (!row?.owner) return undefined;
  return (await confirms(deps, row.owner, name)) ? row.owner : undefined;
}

/** Whether `owner` could claim the name now. `date`: Unix seconds. */
export async function isUsernameFree(deps: NameDeps, name: string, owner: number, date: number): Promise<boolean> {
  const row = await deps.storage.get(usernames, { name: name.toLowerCase() });
  if (!row) return true;
  if (row.owner) return row.owner === owner || (settled(row.claimed_at, date) && !(await confirms(deps, row.owner, name)));
  return row.released_by === owner || (row.held_until ?? 0) <= date;
}

/**
 * Claims the name for a user or a channel; false when another has or holds it. The caller then makes the owner show it and releases the old name.
 * Repeating it is harmless.
 */
export async function claimUsername(deps: NameDeps, name: string, owner: number, date: number): Promise<boolean> {
  const key = { name: name.toLowerCase() };
  const inserted = await deps.storage.insertIfAbsent(usernames, { ...key, owner, claimed_at: date });
  if (inserted.applied) return true;
  const row = inserted.current;
  if (!row || row.owner === owner) return row !== undefined;
  if (!(await isUsernameFree(deps, name, owner, date))) return false;
  const expected = { owner: row.owner, claimed_at: row.claimed_at, held_until: row.held_until };
  return (await deps.storage.replaceIf(usernames, key, expected, { owner, claimed_at: date, released_by: null, held_until: null })).applied;
}

/** Gives a name up; it is held for its last owner. Does nothing when the owner does not have it. */
export async function releaseUsername(deps: Pick<Deps, 'storage'>, name: string, owner: number, date: number): Promise<void> {
  await deps.storage.replaceIf(usernames, { name: name.toLowerCase() }, { owner },
    { owner: null, claimed_at: null, released_by: owner, held_until: date + USERNAME_HOLD_SECONDS });
}

const settled = (claimedAt: number | null, date: number): boolean => (claimedAt ?? 0) + USERNAME_CLAIM_SETTLED_SECONDS <= date;

/** Whether the owner shows the name. Another DC's users are not readable from here, and a channel may not be now: the directory is taken at its word. */
async function confirms(deps: NameDeps, owner: number, name: string): Promise<boolean> {
  if (isChannelBox(owner)) {
    const shown = await deps.usernameOfChannel(owner);
    return shown === undefined || shown.toLowerCase() === name.toLowerCase();
  }
  if (deps.homes.of(owner) !== deps.dc.id) return true;
  const row = await deps.storage.get(users, { user_id: owner });
  return !row?.deleted_at && row?.username?.toLowerCase() === name.toLowerCase();
}
