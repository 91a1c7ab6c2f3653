import { hash, timingSafeEqual } from 'node:crypto';
import { igeDecrypt } from '../packet/ige';

/** Bytes of an RSA block. */
export const RSA_BLOCK_BYTES = 256;
/** RSA_PAD: temporary key xor hash, then data, padding and their hash, encrypted. */
const TEMPORARY_KEY_BYTES = 32;
const PADDED_DATA_BYTES = 192;
/** What RSA_PAD leaves to inner data. */
const RSA_PAD_DATA_BYTES_MAX = 144;
/** Legacy: a zero, SHA1(data), data, random padding. */
const LEGACY_DATA_AT = 21;

/**
 * Inner data out of a decrypted RSA block, by either scheme; undefined when neither hash is right. RSA_PAD data is followed by its padding (its own
 * constructor says how long it is); legacy data needs `lengthOf` to know what the hash covers (undefined: malformed). Both schemes are computed whichever is right.
 * Source: core.telegram.org/mtproto/auth_key#presenting-proof-of-work-server-authentication
 */
export function openRsaBlock(block: Uint8Array, lengthOf: (data: Uint8Array) => number | undefined): Buffer | undefined {
  const viaPad = openRsaPad(Buffer.from(block), lengthOf);
  const viaLegacy = openLegacy(Buffer.from(block), lengthOf);
  return viaPad ?? viaLegacy;
}

function openRsaPad(block: Buffer, lengthOf: (data: Uint8Array) => number | undefined): Buffer | undefined {
  const encrypted = block.subarray(TEMPORARY_KEY_BYTES);
  const keyMask = hash('sha256', encrypted, 'buffer');
  const key = Buffer.alloc(TEMPORARY_KEY_BYTES);
  for (let i = 0; i < TEMPORARY_KEY_BYTES; i++) key[i] = (block[i] as number) ^ (keyMask[i] as number);
  const plain = igeDecrypt(key, Buffer.alloc(32), encrypted);
  const data = Buffer.from(plain.subarray(0, PADDED_DATA_BYTES)).reverse();
  if (!timingSafeEqual(hash('sha256', Buffer.concat([key, data]), 'buffer'), plain.subarray(PADDED_DATA_BYTES))) return undefined;
  const length = lengthOf(data);
  return length !== undefined && length <= RSA_PAD_DATA_BYTES_MAX ? data.subarray(0, length) : undefined;
}

function openLegacy(block: Buffer, lengthOf: (data: Uint8Array) => number | undefined): Buffer | undefined {
  const length = lengthOf(block.subarray(LEGACY_DATA_AT)) ?? 0;
  const data = block.subarray(LEGACY_DATA_AT, LEGACY_DATA_AT + length);
  const genuine = timingSafeEqual(hash('sha1', data, 'buffer'), block.subarray(1, LEGACY_DATA_AT));
  return genuine && block[0] === 0 && length > 0 ? data : undefined;
}
