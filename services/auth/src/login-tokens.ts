import { create } from '@bufbuild/protobuf';
import { decode, encode } from '@heliograph/protos/codec';
import { PendingLoginTokenSchema, type PendingLoginToken } from '@heliograph/protos/heliograph/auth/v1/records_pb';
import { AcceptLoginTokenResponse_Outcome as Outcome } from '@heliograph/protos/heliograph/auth/v1/auth_pb';
import type { Deps } from './deps';
import { ifThere } from './ephemeral-loss';
import { ACCEPTED_TOKEN_TTL_SECONDS, LOGIN_TOKEN_TTL_SECONDS } from './limits';
import { newToken, tokenHash } from './login-exports';

/**
 * QR login (docs: core.telegram.org/api/qr-login). A client that is not logged in shows a token; a logged-in one accepts it; the first asks
 * again and is logged in. `auth:qr:<hash>` = PendingLoginToken; `auth:qr-of:<key>` = the token that the key shows at present.
 */
type TokenDeps = Pick<Deps, 'dc' | 'ephemeral' | 'clock' | 'random' | 'log'>;

const recordName = (hash: string): string => `auth:qr:${hash}`;
const shownName = (keyId: bigint): string => `auth:qr-of:${keyId}`;

export interface ShownToken {
  token: Uint8Array;
  record: PendingLoginToken;
}

/** The token that this key shows, if it is still good (or accepted). */
export async function findShownToken(deps: TokenDeps, keyId: bigint): Promise<ShownToken | undefined> {
  const token = await deps.ephemeral.get(shownName(keyId));
  const record = token && (await findRecord(deps, token));
  return token && record ? { token, record } : undefined;
}

export async function showNewToken(deps: TokenDeps, keyId: bigint, exceptUserIds: readonly number[]): Promise<ShownToken> {
  const token = newToken(deps);
  const record = create(PendingLoginTokenSchema, {
    authKeyId: keyId, exceptUserIds: exceptUserIds.map(BigInt), expiresAt: Math.floor(deps.clock.now() / 1000) + LOGIN_TOKEN_TTL_SECONDS,
  });
  await writeRecord(deps, token, record, LOGIN_TOKEN_TTL_SECONDS);
  await deps.ephemeral.set(shownName(keyId), token, ACCEPTED_TOKEN_TTL_SECONDS * 1000);
  return { token, record };
}

/** Marks a token of this DC as accepted by that user. */
export async function acceptToken(deps: TokenDeps, token: Uint8Array, user: { userId: number; dc: number; exported: Uint8Array }): Promise<{ outcome: Outcome; keyId: bigint }> {
  const record = await findRecord(deps, token);
  if (!record) return { outcome: Outcome.UNKNOWN_TOKEN, keyId: 0n };
  if (record.userId !== 0n) return { outcome: Outcome.ALREADY_ACCEPTED, keyId: 0n };
  if (record.expiresAt * 1000 <= deps.clock.now()) return { outcome: Outcome.EXPIRED, keyId: 0n };
  if (record.exceptUserIds.includes(BigInt(user.userId))) return { outcome: Outcome.EXCEPTED, keyId: 0n };
  if (!(await deps.ephemeral.setIfAbsent(`auth:qr-used:${tokenHash(token)}`, new Uint8Array([1]), ACCEPTED_TOKEN_TTL_SECONDS * 1000))) return { outcome: Outcome.ALREADY_ACCEPTED, keyId: 0n };
  record.userId = BigInt(user.userId);
  record.dc = user.dc;
  record.exported = user.exported;
  await writeRecord(deps, token, record, ACCEPTED_TOKEN_TTL_SECONDS);
  return { outcome: Outcome.ACCEPTED, keyId: record.authKeyId };
}

/** Takes an accepted token off its key, once: true for the call that may log in with it. */
export async function takeAcceptedToken(deps: TokenDeps, keyId: bigint, token: Uint8Array): Promise<boolean> {
  const first = await deps.ephemeral.setIfAbsent(`auth:qr-taken:${tokenHash(token)}`, new Uint8Array([1]), ACCEPTED_TOKEN_TTL_SECONDS * 2000);
  await ifThere(deps, 'forget a login token that was taken', async () => {
    await deps.ephemeral.delete(shownName(keyId));
    await deps.ephemeral.delete(recordName(tokenHash(token)));
  });
  return first;
}

async function findRecord(deps: TokenDeps, token: Uint8Array): Promise<PendingLoginToken | undefined> {
  const stored = await deps.ephemeral.get(recordName(tokenHash(token)));
  return stored && decode(PendingLoginTokenSchema, stored);
}

async function writeRecord(deps: TokenDeps, token: Uint8Array, record: PendingLoginToken, ttlSeconds: number): Promise<void> {
  // Kept longer than it is good, so that a late acceptance is told from an unknown token.
  await deps.ephemeral.set(recordName(tokenHash(token)), encode(PendingLoginTokenSchema, record), ttlSeconds * 2000);
}
