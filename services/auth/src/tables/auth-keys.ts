import { timingSafeEqual } from 'node:crypto';
import { defineTable } from '@heliograph/storage/table';
import type { Deps } from '../deps';
import { KEY_WITHOUT_LOGIN_TTL_SECONDS } from '../limits';

/**
 * Permanent auth keys.
 * Partition: the key's id. One row of about 350 bytes: the 256-byte key sealed under `auth-keys`, bound to its id.
 * TTL: KEY_WITHOUT_LOGIN_TTL_SECONDS until somebody logs in with it, then none; back to it at logout.
 * Writers: StoreKey (gateway's handshake), login, logout, DestroyKey. Readers: FindKey, auth.bindTempAuthKey.
 */
export const authKeys = defineTable({
  name: 'auth_keys',
  keyspace: 'dc',
  partition: { key_id: 'long' },
  clustering: {},
  columns: { sealed: 'bytes', created_at: 'int' },
  writes: 'conditional',
});

type KeyDeps = Pick<Deps, 'storage' | 'keyring' | 'clock'>;

export const sealedKeyPlace = (keyId: bigint): string => `auth-key:${BigInt.asUintN(64, keyId)}`;
const rowKey = (keyId: bigint): { key_id: bigint } => ({ key_id: BigInt.asIntN(64, keyId) });

/** Stores a new key for as long as nobody logs in with it; false when another key has its id. Repeating it with the same key is harmless. */
export async function storeAuthKey(deps: KeyDeps, keyId: bigint, key: Uint8Array): Promise<boolean> {
  const dataKey = await deps.keyring.dataKey('auth-keys');
  const row = { ...rowKey(keyId), sealed: dataKey.seal(key, sealedKeyPlace(keyId)), created_at: Math.floor(deps.clock.now() / 1000) };
  const { applied, current } = await deps.storage.insertIfAbsent(authKeys, row, { ttlSeconds: KEY_WITHOUT_LOGIN_TTL_SECONDS });
  if (applied) return true;
  if (!current?.sealed) return false;
  const there = dataKey.open(current.sealed, sealedKeyPlace(keyId));
  return there.length === key.length && timingSafeEqual(there, key);
}

export async function findAuthKey(deps: KeyDeps, keyId: bigint): Promise<Uint8Array | undefined> {
  const row = await deps.storage.get(authKeys, rowKey(keyId));
  if (!row?.sealed) return undefined;
  return (await deps.keyring.dataKey('auth-keys')).open(row.sealed, sealedKeyPlace(keyId));
}

/** Lifts (`keep`) or starts the TTL of a key. False when the key is gone. */
export async function setAuthKeyLife(deps: KeyDeps, keyId: bigint, life: 'keep' | 'forget'): Promise<boolean> {
  const row = await deps.storage.get(authKeys, rowKey(keyId));
  if (!row?.sealed) return false;
  await deps.storage.put(authKeys, { ...rowKey(keyId), sealed: row.sealed, created_at: row.created_at }, life === 'forget' ? { ttlSeconds: KEY_WITHOUT_LOGIN_TTL_SECONDS } : {});
  return true;
}

export async function deleteAuthKey(deps: KeyDeps, keyId: bigint): Promise<boolean> {
  const there = await deps.storage.get(authKeys, rowKey(keyId));
  await deps.storage.delete(authKeys, rowKey(keyId));
  return there !== undefined;
}
