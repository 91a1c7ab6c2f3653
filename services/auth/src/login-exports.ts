import { decode, encode } from '@heliograph/protos/codec';
import { createHash } from 'node:crypto';
import { ExportedLoginSchema, type ExportedLogin } from '@heliograph/protos/heliograph/auth/v1/records_pb';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { create } from '@bufbuild/protobuf';
import type { Deps } from './deps';
import { ifThere } from './ephemeral-loss';
import { EXPORT_TTL_SECONDS } from './limits';

/**
 * Logins on their way to another DC: the token's first byte is the DC that issued it, the rest is random; only its hash is kept
 * (`auth:export:<hash>`, ephemeral, in the issuing DC), and `auth:export-used:<hash>` makes it single use.
 */
type ExportDeps = Pick<Deps, 'dc' | 'ephemeral' | 'clock' | 'random' | 'log'>;

const TOKEN_RANDOM_BYTES = 32;
const TOKEN_BYTES = 1 + TOKEN_RANDOM_BYTES;

export function newToken(deps: Pick<Deps, 'dc' | 'random'>): Uint8Array {
  const token = Buffer.alloc(TOKEN_BYTES);
  token.writeUInt8(deps.dc, 0);
  token.set(deps.random(TOKEN_RANDOM_BYTES), 1);
  return new Uint8Array(token);
}

/** The DC that issued a token; undefined when it cannot be one. */
export const tokenDc = (token: Uint8Array): number | undefined => (token.length === TOKEN_BYTES ? token[0] : undefined);
export const tokenHash = (token: Uint8Array): string => createHash('sha256').update(token).digest('hex');

/** Makes a token that `dc` may redeem once for this login. */
export async function exportLogin(deps: ExportDeps, login: Pick<MessageInitShape<typeof ExportedLoginSchema>, 'userId' | 'bot' | 'dc' | 'parentKeyId'>): Promise<Uint8Array> {
  const token = newToken(deps);
  const record = create(ExportedLoginSchema, { ...login, expiresAt: Math.floor(deps.clock.now() / 1000) + EXPORT_TTL_SECONDS });
  await deps.ephemeral.set(`auth:export:${tokenHash(token)}`, encode(ExportedLoginSchema, record), EXPORT_TTL_SECONDS * 1000);
  return token;
}

/** The login behind a token that this DC issued, once; undefined when it is unknown, expired, used or for another DC. */
export async function redeemExport(deps: ExportDeps, token: Uint8Array, dc: number): Promise<ExportedLogin | undefined> {
  const hash = tokenHash(token);
  const stored = await deps.ephemeral.get(`auth:export:${hash}`);
  if (!stored) return undefined;
  const record = decode(ExportedLoginSchema, stored);
  if (record.dc !== dc || record.expiresAt * 1000 <= deps.clock.now()) return undefined;
  if (!(await deps.ephemeral.setIfAbsent(`auth:export-used:${hash}`, new Uint8Array([1]), EXPORT_TTL_SECONDS * 2000))) return undefined;
  await ifThere(deps, 'forget an exported login that was redeemed', () => deps.ephemeral.delete(`auth:export:${hash}`));
  return record;
}
