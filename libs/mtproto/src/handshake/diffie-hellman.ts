/** The safe prime that Telegram publishes and clients know (2048 bits). Source: core.telegram.org/mtproto/auth_key#dh-key-exchange-complete */
export const DH_PRIME = Buffer.from(
  'c71caeb9c6b1c9048e6c522f70f13f73980d40238e3e21c14934d037563d930f48198a0aa7c14058229493d22530f4dbfa336f6e0ac925139543aed44cce7c37'
  + '20fd51f69458705ac68cd4fe6b6b13abdc9746512969328454f18faf8c595f642477fe96bb2a941d5bcd1d4ac8cc49880708fa9b378e3c4f3a9060bee67cf9a4'
  + 'a4a695811051907e162753b56b0f6b410dba74d8a84b2a14b3144e0ef1284754fd17ed950d5965b4b9dd46582db1178d169c6bc465b0d6ff9ca3928fef5b9ae4'
  + 'e418fc15e83ebea0f87fa9ff5eed70050ded2849f47bf959d956850ce929851f0d8115f635b105ee2e4e15d04b2454bf6f4fadf034b10403119cd8e3b92fcc5b',
  'hex',
);
/** Generates the subgroup of prime order (p − 1)/2, as clients check: p mod 3 = 2. */
export const DH_GENERATOR = 3;
export const DH_BYTES = 256;
/** Bytes of the server's secret exponent: 256 bits match the security of a 2048-bit group twice over and cost an eighth of a full exponent. */
export const DH_EXPONENT_BYTES = 32;

/** 2^(2048−64), the margin at both ends: the upper end is p − 2^(2048−64), which differs from p in its first 8 bytes only. */
const MARGIN_BYTES = 8;
const UPPER_END = Buffer.from(DH_PRIME);
UPPER_END.writeBigUInt64BE(DH_PRIME.readBigUInt64BE(0) - 1n, 0);

/**
 * True when 1 < g_x < p − 1 and 2^(2048−64) ≤ g_x ≤ p − 2^(2048−64): checked for the client's g_b and for our own g_a.
 * Source: core.telegram.org/mtproto/security_guidelines#g-a-and-g-b-validation
 */
export function isPublicValueSound(value: Uint8Array): boolean {
  if (value.length > DH_BYTES || value.length <= DH_BYTES - MARGIN_BYTES) return false;
  const bytes = Buffer.alloc(DH_BYTES);
  bytes.set(value, DH_BYTES - value.length);
  return bytes.readBigUInt64BE(0) !== 0n && bytes.compare(UPPER_END) <= 0;
}
