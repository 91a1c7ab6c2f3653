import { homeDcOf } from '@heliograph/box/box-id';
import { deleteOperation, type Storage } from '@heliograph/storage/storage';
import { defineTable } from '@heliograph/storage/table';
import { LOGINS_PER_USER_MAX } from '../limits';

/**
 * Who is logged in with a permanent key: the authority on it.
 * Partition: the key's id. One row of about 80 bytes; `home_dc` where the user does not live where their id says. No TTL.
 * Writers: login, logout and termination, account.changeAuthorizationSettings. Readers: FindKey, the sessions list.
 */
export const logins = defineTable({
  name: 'logins',
  keyspace: 'dc',
  partition: { key_id: 'long' },
  clustering: {},
  columns: { user_id: 'int', bot: 'bool', created_at: 'int', parent_key: 'long', no_calls: 'bool', no_secret_chats: 'bool', unconfirmed: 'bool', home_dc: 'int' },
  writes: 'plain',
});

/**
 * A user's logins, to list them. An entry whose `logins` row names another user (or nobody) is left over from a crash and is erased by
 * the next listing.
 * Partition: the user. Clustering: the key's id. At most LOGINS_PER_USER_MAX rows (and as many imported ones) of about 40 bytes. No TTL.
 * Writers: login, logout. Readers: the sessions list, ListLogins.
 */
export const loginsByUser = defineTable({
  name: 'logins_by_user',
  keyspace: 'dc',
  partition: { user_id: 'int' },
  clustering: { key_id: 'long' },
  columns: { created_at: 'int' },
  writes: 'plain',
});

/**
 * What a user set about all of their sessions.
 * Partition: the user. One row of about 20 bytes. No TTL. Writer: account.setAuthorizationTTL. Readers: FindKey, account.getAuthorizations.
 */
export const authorizationSettings = defineTable({
  name: 'authorization_settings',
  keyspace: 'dc',
  partition: { user_id: 'int' },
  clustering: {},
  columns: { ttl_days: 'int' },
  writes: 'plain',
});

export interface Login {
  /** Unsigned. */
  keyId: bigint;
  userId: number;
  bot: boolean;
  /** Unix seconds. */
  createdAt: number;
  /** Where the user lives; HOME_ON_THE_WAY while they move. */
  homeDc: number;
  /** Key that this login was imported from, in whichever DC; 0: a login of its own. */
  parentKey: bigint;
  noCalls: boolean;
  noSecretChats: boolean;
  unconfirmed: boolean;
}

const rowKey = (keyId: bigint): { key_id: bigint } => ({ key_id: BigInt.asIntN(64, keyId) });

/** In the order asked; undefined where nobody is logged in. */
export async function findLogins(storage: Storage, keyIds: readonly bigint[]): Promise<(Login | undefined)[]> {
  if (keyIds.length === 0) return [];
  const rows = await storage.getMany(logins, keyIds.map(rowKey));
  return rows.map((row) => (row?.user_id ? {
    keyId: BigInt.asUintN(64, row.key_id),
    userId: row.user_id,
    bot: row.bot ?? false,
    createdAt: row.created_at ?? 0,
    homeDc: row.home_dc ?? homeDcOf(row.user_id),
    parentKey: BigInt.asUintN(64, row.parent_key ?? 0n),
    noCalls: row.no_calls ?? false,
    noSecretChats: row.no_secret_chats ?? false,
    unconfirmed: row.unconfirmed ?? false,
  } : undefined));
}

export const findLogin = async (storage: Storage, keyId: bigint): Promise<Login | undefined> => (await findLogins(storage, [keyId]))[0];

/** The list's entry goes first: a crash in between leaves an entry that the next listing erases, never a login that no list shows. */
export async function writeLogin(storage: Storage, login: Omit<Login, 'noCalls' | 'noSecretChats' | 'unconfirmed'>): Promise<void> {
  await storage.put(loginsByUser, { user_id: login.userId, ...rowKey(login.keyId), created_at: login.createdAt });
  await storage.put(logins, {
    ...rowKey(login.keyId), user_id: login.userId, bot: login.bot, created_at: login.createdAt, parent_key: BigInt.asIntN(64, login.parentKey),
    no_calls: null, no_secret_chats: null, unconfirmed: null, home_dc: login.homeDc === homeDcOf(login.userId) ? null : login.homeDc,
  });
}

/** The authority goes first, so that nobody stays logged in with a login that no list shows. */
export async function deleteLogin(storage: Storage, login: Pick<Login, 'keyId' | 'userId'>): Promise<void> {
  await storage.delete(logins, rowKey(login.keyId));
  await storage.delete(loginsByUser, { user_id: login.userId, ...rowKey(login.keyId) });
}

/** A list entry this young may belong to a login that is being written. */
const ENTRY_SETTLED_SECONDS = 60;

/** All logins of a user, imported ones too. `date`: now, Unix seconds. */
export async function listLogins(storage: Storage, userId: number, date: number): Promise<Login[]> {
  const entries = await storage.range(loginsByUser, { user_id: userId }, { limit: LOGINS_PER_USER_MAX * 2 });
  const found = await findLogins(storage, entries.map((entry) => entry.key_id));
  const alive = found.filter((login): login is Login => login?.userId === userId);
  const stale = entries.filter((entry, index) => found[index]?.userId !== userId && (entry.created_at ?? 0) < date - ENTRY_SETTLED_SECONDS);
  if (stale.length > 0) await storage.batch(stale.map((entry) => deleteOperation(loginsByUser, { user_id: userId, key_id: entry.key_id })));
  return alive;
}

export async function setLoginSettings(storage: Storage, keyId: bigint, settings: { noCalls?: boolean; noSecretChats?: boolean; unconfirmed?: boolean }): Promise<void> {
  await storage.put(logins, {
    ...rowKey(keyId),
    ...(settings.noCalls === undefined ? {} : { no_calls: settings.noCalls }),
    ...(settings.noSecretChats === undefined ? {} : { no_secret_chats: settings.noSecretChats }),
    ...(settings.unconfirmed === undefined ? {} : { unconfirmed: settings.unconfirmed }),
  });
}

/** Says under these logins where their user lives. */
export async function setLoginHomes(storage: Storage, of: readonly Login[], homeDc: number): Promise<void> {
  for (const login of of) await storage.put(logins, { ...rowKey(login.keyId), home_dc: homeDc === homeDcOf(login.userId) ? null : homeDc });
}
