import type { Deps } from './deps';
import { TEMP_KEY_TTL_SECONDS_MAX } from './limits';

/**
 * Temporary auth keys (perfect forward secrecy) and what they are bound to. They live in the ephemeral store only and vanish with it;
 * clients then make new ones. Keys: `auth:temp-key:<id>` = expires_at(4) ‖ sealed key, `auth:binding:<id>` = permanent key id(8) ‖ expires_at(4),
 * `auth:temp-keys-of:<permanent id>` = set of bound ids.
 */
type TempDeps = Pick<Deps, 'ephemeral' | 'keyring' | 'clock'>;

export interface TempKey {
  key: Uint8Array;
  /** Unix seconds. */
  expiresAt: number;
}
export interface Binding {
  /** Unsigned id of the permanent key. */
  permanentKeyId: bigint;
  /** Unix seconds. */
  expiresAt: number;
}

const name = (keyId: bigint): string => BigInt.asUintN(64, keyId).toString();
const keyName = (keyId: bigint): string => `auth:temp-key:${name(keyId)}`;
const bindingName = (keyId: bigint): string => `auth:binding:${name(keyId)}`;
const boundName = (permanentKeyId: bigint): string => `auth:temp-keys-of:${name(permanentKeyId)}`;
const place = (keyId: bigint): string => `temp-key:${name(keyId)}`;

/** False when another temporary key has this id. */
export async function storeTempKey(deps: TempDeps, keyId: bigint, key: Uint8Array, expiresInSeconds: number): Promise<boolean> {
  const ttlSeconds = Math.min(Math.max(1, expiresInSeconds), TEMP_KEY_TTL_SECONDS_MAX);
  const sealed = (await deps.keyring.dataKey('auth-keys')).seal(key, place(keyId));
  const value = Buffer.alloc(4 + sealed.length);
  value.writeUInt32LE(Math.floor(deps.clock.now() / 1000) + ttlSeconds, 0);
  value.set(sealed, 4);
  return deps.ephemeral.setIfAbsent(keyName(keyId), value, ttlSeconds * 1000);
}

export async function findTempKey(deps: TempDeps, keyId: bigint): Promise<TempKey | undefined> {
  const value = await deps.ephemeral.get(keyName(keyId));
  if (!value) return undefined;
  const expiresAt = Buffer.from(value).readUInt32LE(0);
  if (expiresAt * 1000 <= deps.clock.now()) return undefined;
  return { key: (await deps.keyring.dataKey('auth-keys')).open(value.subarray(4), place(keyId)), expiresAt };
}

export async function findBinding(deps: TempDeps, keyId: bigint): Promise<Binding | undefined> {
  const value = await deps.ephemeral.get(bindingName(keyId));
  if (!value) return undefined;
  const view = Buffer.from(value);
  const expiresAt = view.readUInt32LE(8);
  return expiresAt * 1000 <= deps.clock.now() ? undefined : { permanentKeyId: view.readBigUInt64LE(0), expiresAt };
}

export async function bindTempKey(deps: TempDeps, keyId: bigint, binding: Binding): Promise<void> {
  const value = Buffer.alloc(12);
  value.writeBigUInt64LE(BigInt.asUintN(64, binding.permanentKeyId), 0);
  value.writeUInt32LE(binding.expiresAt, 8);
  const ttlMs = Math.max(1_000, binding.expiresAt * 1000 - deps.clock.now());
  await deps.ephemeral.setAdd(boundName(binding.permanentKeyId), [name(keyId)], TEMP_KEY_TTL_SECONDS_MAX * 1000);
  await deps.ephemeral.set(bindingName(keyId), value, ttlMs);
}

/** Unsigned ids of the temporary keys that were bound to a permanent one; some may have ended. */
export async function boundTempKeys(deps: TempDeps, permanentKeyId: bigint): Promise<bigint[]> {
  return (await deps.ephemeral.setMembers(boundName(permanentKeyId))).map(BigInt);
}

/** True when the key was there. */
export async function deleteTempKey(deps: TempDeps, keyId: bigint): Promise<boolean> {
  const [there, binding] = await Promise.all([findTempKey(deps, keyId), findBinding(deps, keyId)]);
  await deps.ephemeral.delete(bindingName(keyId));
  await deps.ephemeral.delete(keyName(keyId));
  if (binding) await deps.ephemeral.setRemove(boundName(binding.permanentKeyId), [name(keyId)]);
  return there !== undefined;
}
