import { createCipheriv, createDecipheriv } from 'node:crypto';

const BLOCK_BYTES = 16;

function checkLength(bytes: Uint8Array): void {
  if (bytes.length % BLOCK_BYTES !== 0) throw new RangeError('IGE needs whole blocks of 16 bytes');
}

/** out[at..at+16) = a[at..] xor b[bAt..]. */
function xorBlock(out: Uint8Array, at: number, a: Uint8Array, aAt: number, b: Uint8Array, bAt: number): void {
  for (let i = 0; i < BLOCK_BYTES; i++) out[at + i] = (a[aAt + i] as number) ^ (b[bAt + i] as number);
}

/** Aligned 32-bit words of a buffer of whole blocks. */
function words(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
}

function aligned(bytes: Uint8Array): Uint8Array {
  if (bytes.byteOffset % 4 === 0) return bytes;
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  return copy;
}

/**
 * AES-256-IGE encryption by way of node:crypto's CBC, at its speed. IGE is c[i] = E(p[i] ^ c[i-1]) ^ p[i-1]. With d[i] = c[i] ^ p[i-1] that is
 * d[i] = E((p[i] ^ p[i-2]) ^ d[i-1]): CBC over p[i] ^ p[i-2], and one xor more. `iv` has 32 bytes: c[0], then p[0].
 * Throws RangeError when the length is not divisible by 16.
 */
export function igeEncrypt(key: Uint8Array, iv: Uint8Array, plaintext: Uint8Array): Buffer {
  checkLength(plaintext);
  const plain = words(aligned(plaintext));
  const first = words(aligned(iv));
  const length = plain.length;
  const mixed = new Uint32Array(length);
  // p[-1] is taken as 0, so that d[0] = c[0] is CBC's own initialization vector.
  for (let i = 0; i < 4 && i < length; i++) mixed[i] = plain[i] as number;
  for (let i = 4; i < 8 && i < length; i++) mixed[i] = (plain[i] as number) ^ (first[i] as number);
  for (let i = 8; i < length; i++) mixed[i] = (plain[i] as number) ^ (plain[i - 8] as number);
  const cbc = createCipheriv('aes-256-cbc', key, iv.subarray(0, BLOCK_BYTES)).setAutoPadding(false);
  const out = Buffer.allocUnsafeSlow(plaintext.length);
  out.set(cbc.update(new Uint8Array(mixed.buffer)));
  const outWords = words(out);
  for (let i = 0; i < 4 && i < length; i++) outWords[i] = (outWords[i] as number) ^ (first[i + 4] as number);
  for (let i = 4; i < length; i++) outWords[i] = (outWords[i] as number) ^ (plain[i - 4] as number);
  return out;
}

/** AES-256-IGE decryption, a block at a time: for handshake data and tests, where there are some dozens of blocks. Throws like igeEncrypt. */
export function igeDecrypt(key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Buffer {
  checkLength(ciphertext);
  const ecb = createDecipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  const out = Buffer.alloc(ciphertext.length);
  const block = Buffer.alloc(BLOCK_BYTES);
  let previousCipher = iv.subarray(0, BLOCK_BYTES);
  let previousPlain = iv.subarray(BLOCK_BYTES);
  for (let at = 0; at < ciphertext.length; at += BLOCK_BYTES) {
    xorBlock(block, 0, ciphertext, at, previousPlain, 0);
    xorBlock(out, at, ecb.update(block), 0, previousCipher, 0);
    previousCipher = ciphertext.subarray(at, at + BLOCK_BYTES);
    previousPlain = out.subarray(at, at + BLOCK_BYTES);
  }
  return out;
}
