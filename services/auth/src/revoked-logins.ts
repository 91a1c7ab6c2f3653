import type { Deps } from './deps';
import { KEY_WITHOUT_LOGIN_TTL_SECONDS } from './limits';

/**
 * Keys whose login was ended by another session of its user: their clients are told SESSION_REVOKED instead of AUTH_KEY_UNREGISTERED, for as long as the
 * key lives without a login. In the ephemeral store: where it is lost, the second is still true. Key: `auth:revoked:<id>`, no value.
 */
type RevokedDeps = Pick<Deps, 'ephemeral' | 'log'>;

const name = (keyId: bigint): string => `auth:revoked:${BigInt.asUintN(64, keyId)}`;

/** Best effort: a login ends whether or not its client learns why. */
export async function markRevoked(deps: RevokedDeps, keyId: bigint): Promise<void> {
  await deps.ephemeral.set(name(keyId), new Uint8Array(0), KEY_WITHOUT_LOGIN_TTL_SECONDS * 1_000).catch((error: unknown) => deps.log.warn({ error }, 'a revoked login could not be marked'));
}

/** False when it isn't known. */
export async function isRevoked(deps: RevokedDeps, keyId: bigint): Promise<boolean> {
  return (await deps.ephemeral.get(name(keyId)).catch(() => undefined)) !== undefined;
}

/** Somebody logs in under the key again. */
export async function clearRevoked(deps: RevokedDeps, keyId: bigint): Promise<void> {
  await deps.ephemeral.delete(name(keyId)).catch((error: unknown) => deps.log.warn({ error }, 'a mark of a revoked login could not be taken away'));
}
