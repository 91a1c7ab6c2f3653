import { floodWait } from '@heliograph/client-api/rpc-error';
import type { Ephemeral } from '@heliograph/ephemeral/ephemeral';
import type { Deps } from './deps';
import { phoneMac } from './domain/login-code';
import { testPhoneDigit } from './domain/phone-home';
import { CODES_PER_ADDRESS, CODES_PER_PHONE, CODES_PER_PHONE_DAY, CODES_PER_TEST_PHONE } from './limits';

export interface FloodLimit {
  count: number;
  windowSeconds: number;
}

/**
 * Counts one more of `what` (an ephemeral key without private content) and throws 420 FLOOD_WAIT_X, X = seconds until the window ends, beyond
 * the limit. Losing the ephemeral store forgets the counts.
 */
export async function countOrWait(ephemeral: Ephemeral, what: string, limit: FloodLimit): Promise<void> {
  const { value, ttlLeftMs } = await ephemeral.increment(`auth:flood:${what}`, 1, limit.windowSeconds * 1000);
  if (value > limit.count) throw floodWait(ttlLeftMs / 1000);
}

/** Throws as `countOrWait` when the limit is reached already; counts nothing. */
export async function waitIfReached(ephemeral: Ephemeral, what: string, limit: FloodLimit): Promise<void> {
  const { value, ttlLeftMs } = await ephemeral.increment(`auth:flood:${what}`, 0, limit.windowSeconds * 1000);
  if (value >= limit.count) throw floodWait(ttlLeftMs / 1000);
}

/** Ephemeral key part that stands for a phone. */
export const phoneName = (deps: Pick<Deps, 'codeSecret'>, phone: string): string => Buffer.from(phoneMac(deps.codeSecret, phone).subarray(0, 16)).toString('hex');

/** Counts a code sent to a phone. Throws 420 FLOOD_WAIT_X. Nothing is sent to test numbers, so only their own count matters. */
export async function limitCodes(deps: Pick<Deps, 'config' | 'ephemeral' | 'codeSecret'>, ip: string, phone: string): Promise<void> {
  const name = phoneName(deps, phone);
  if (deps.config.testPhones && testPhoneDigit(phone) !== undefined) {
    await countOrWait(deps.ephemeral, `codes:phone:${name}`, CODES_PER_TEST_PHONE);
    return;
  }
  await countOrWait(deps.ephemeral, `codes:ip:${ip}`, CODES_PER_ADDRESS);
  await countOrWait(deps.ephemeral, `codes:phone:${name}`, CODES_PER_PHONE);
  await countOrWait(deps.ephemeral, `codes:phone-day:${name}`, CODES_PER_PHONE_DAY);
}
