import { create } from '@bufbuild/protobuf';
import { decode, encode } from '@heliograph/protos/codec';
import { PendingCodeSchema, type PendingCode } from '@heliograph/protos/heliograph/auth/v1/records_pb';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from './deps';
import { codeMac, phoneMac, sameMac } from './domain/login-code';
import { testPhoneDigit } from './domain/phone-home';
import { ifThere } from './ephemeral-loss';
import { countOrWait, phoneName, waitIfReached } from './flood';
import { CODE_SENDS_PER_HASH_MAX, CODE_TRIES_MAX, CODE_TTL_SECONDS, SIGN_UP_TTL_SECONDS, WRONG_CODES_PER_PHONE } from './limits';

/**
 * Codes that wait to be entered: `auth:code:<phone_code_hash>` = PendingCode, which holds neither the phone nor the code, only their MACs.
 * `auth:code-tries:<hash>:<send>` counts the tries at one code, `auth:code-used:<hash>` makes it single use, `auth:sign-up:<hash>` says that a
 * sign-up was begun whose outcome was not told.
 */
type CodeDeps = Pick<Deps, 'ephemeral' | 'clock' | 'codeSecret' | 'random' | 'config' | 'log'>;

const recordName = (hash: string): string => `auth:code:${hash}`;
const HASH = /^[0-9a-f]{18}$/;
const HASH_BYTES = 9;

export const newCodeHash = (deps: Pick<Deps, 'random'>): string => Buffer.from(deps.random(HASH_BYTES)).toString('hex');

/** Makes `code` the one to enter for this phone and hash, from this key. `sends`: codes sent under the hash, this one included. */
export async function writePendingCode(deps: CodeDeps, { phone, hash, code, keyId, sends }: { phone: string; hash: string; code: string; keyId: bigint; sends: number }): Promise<void> {
  const record = create(PendingCodeSchema, {
    phoneMac: phoneMac(deps.codeSecret, phone), codeMac: codeMac(deps.codeSecret, phone, hash, code), authKeyId: keyId, sends,
    expiresAt: Math.floor(deps.clock.now() / 1000) + CODE_TTL_SECONDS,
  });
  await deps.ephemeral.set(recordName(hash), encode(PendingCodeSchema, record), CODE_TTL_SECONDS * 1000);
}

/** The pending login that (phone, hash) name for this key. Throws 400 PHONE_CODE_EXPIRED when there is none (any more). */
export async function requirePendingCode(deps: CodeDeps, phone: string, hash: string, keyId: bigint): Promise<PendingCode> {
  const stored = HASH.test(hash) ? await deps.ephemeral.get(recordName(hash)) : undefined;
  const record = stored && decode(PendingCodeSchema, stored);
  if (!record || record.authKeyId !== keyId || record.expiresAt * 1000 <= deps.clock.now() || !sameMac(record.phoneMac, phoneMac(deps.codeSecret, phone))) throw badRequest('PHONE_CODE_EXPIRED');
  return record;
}

/**
 * Uses a code up. Throws 400 PHONE_CODE_INVALID for a wrong one, PHONE_CODE_EXPIRED for one that is unknown, used, too old or tried too often,
 * 420 FLOOD_WAIT_X when the phone had too many wrong ones.
 */
export async function takeCode(deps: CodeDeps, { phone, hash, code, keyId }: { phone: string; hash: string; code: string; keyId: bigint }): Promise<void> {
  const record = await requirePendingCode(deps, phone, hash, keyId);
  const guessable = !(deps.config.testPhones && testPhoneDigit(phone) !== undefined);
  const wrongCodes = `wrong:${phoneName(deps, phone)}`;
  if (guessable) await waitIfReached(deps.ephemeral, wrongCodes, WRONG_CODES_PER_PHONE);
  // Counted before the comparison, so that many guesses at once are not more guesses.
  const { value: tries } = await deps.ephemeral.increment(`auth:code-tries:${hash}:${record.sends}`, 1, CODE_TTL_SECONDS * 1000);
  if (record.verified || tries > CODE_TRIES_MAX) throw badRequest('PHONE_CODE_EXPIRED');
  if (!sameMac(record.codeMac, codeMac(deps.codeSecret, phone, hash, code))) {
    if (guessable) await countOrWait(deps.ephemeral, wrongCodes, { ...WRONG_CODES_PER_PHONE, count: Number.MAX_SAFE_INTEGER });
    throw badRequest('PHONE_CODE_INVALID');
  }
  if (!(await deps.ephemeral.setIfAbsent(`auth:code-used:${hash}`, new Uint8Array([1]), (CODE_TTL_SECONDS * CODE_SENDS_PER_HASH_MAX + SIGN_UP_TTL_SECONDS) * 1000))) throw badRequest('PHONE_CODE_EXPIRED');
  await ifThere(deps, 'forget a code that was used', () => deps.ephemeral.delete(recordName(hash)));
}

/** The code was right and nobody has the number: signUp may follow from the same key. */
export async function allowSignUp(deps: CodeDeps, phone: string, hash: string, keyId: bigint): Promise<void> {
  const record = create(PendingCodeSchema, { phoneMac: phoneMac(deps.codeSecret, phone), authKeyId: keyId, verified: true, expiresAt: Math.floor(deps.clock.now() / 1000) + SIGN_UP_TTL_SECONDS });
  await deps.ephemeral.set(recordName(hash), encode(PendingCodeSchema, record), SIGN_UP_TTL_SECONDS * 1000);
}

/** Before an account is made. False when it was begun before, under the same code, and what became of it was never told. */
export const beginSignUp = (deps: CodeDeps, hash: string): Promise<boolean> => deps.ephemeral.setIfAbsent(`auth:sign-up:${hash}`, new Uint8Array([1]), SIGN_UP_TTL_SECONDS * 1000);

/** The sign-up did nothing, and its client is told so. */
export async function endSignUp(deps: CodeDeps, hash: string): Promise<void> {
  await deps.ephemeral.delete(`auth:sign-up:${hash}`);
}

export async function deletePendingCode(deps: CodeDeps, hash: string): Promise<void> {
  await deps.ephemeral.delete(recordName(hash));
}
