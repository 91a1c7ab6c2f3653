import { EphemeralRefused } from './errors';
import { KEY_BYTES_MAX, MEMBER_BYTES_MAX, MESSAGE_BYTES_MAX, SET_MEMBERS_COUNT_MAX, TTL_MS_MAX, VALUE_BYTES_MAX } from './limits';

/** What every adapter refuses before it does anything. Each throws EphemeralRefused. */

/** @param key a key or a channel */
export function checkKey(key: string): void {
  const bytes = Buffer.byteLength(key);
  if (bytes === 0 || bytes > KEY_BYTES_MAX) throw new EphemeralRefused(`a key of ${bytes} bytes; 1 to ${KEY_BYTES_MAX}`);
}

/** The time to live in whole milliseconds, rounded up. */
export function checkTtl(key: string, ttlMs: number): number {
  if (!(ttlMs > 0 && ttlMs <= TTL_MS_MAX)) throw new EphemeralRefused(`a TTL of ${ttlMs} ms for ${key}; more than 0, at most ${TTL_MS_MAX}`);
  return Math.ceil(ttlMs);
}

export function checkValue(key: string, value: Uint8Array): void {
  if (value.length > VALUE_BYTES_MAX) throw new EphemeralRefused(`${value.length} bytes for ${key}; at most ${VALUE_BYTES_MAX}`);
}

export function checkMessage(channel: string, message: Uint8Array): void {
  if (message.length > MESSAGE_BYTES_MAX) throw new EphemeralRefused(`a message of ${message.length} bytes to ${channel}; at most ${MESSAGE_BYTES_MAX}`);
}

export function checkStep(key: string, by: number): void {
  if (!Number.isSafeInteger(by)) throw new EphemeralRefused(`${by} to add to ${key}; a whole number`);
}

/** Bytes of the members together. */
export function checkMembers(key: string, members: readonly string[]): number {
  if (members.length > SET_MEMBERS_COUNT_MAX) throw new EphemeralRefused(`${members.length} members for ${key}; at most ${SET_MEMBERS_COUNT_MAX}`);
  let sum = 0;
  for (const member of members) {
    const bytes = Buffer.byteLength(member);
    if (bytes > MEMBER_BYTES_MAX) throw new EphemeralRefused(`a member of ${bytes} bytes for ${key}; at most ${MEMBER_BYTES_MAX}`);
    sum += bytes;
  }
  return sum;
}
