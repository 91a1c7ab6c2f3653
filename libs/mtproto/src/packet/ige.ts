import { createCipheriv, createDecipheriv } from 'node:crypto';

const BLOCK_BYTES = 16;

function checkLength(bytes: Uint8Array): void {
  if (bytes.length % BLOCK_BYTES !== 0) throw new RangeError('IGE needs whole blocks of 16 bytes');
}

/** Aligned 32-bit words of a buffer of whole blocks; signed, which the engine xors without conversion. */
function words(bytes: Uint8Array): Int32Array {
  return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
}

function aligned(bytes: Uint8Array): Uint8Array {
  if (bytes.byteOffset % 4 === 0) return bytes;
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  return copy;
}

/** Bytes that go through CBC at once: what fits the processor's nearest cache, with its output. */
const PIECE_BYTES = 16_384;
const piece = new Uint8Array(PIECE_BYTES);
const pieceWords = words(piece);

/**
 * AES-256-IGE encryption by way of node:crypto's CBC, at its speed. IGE is c[i] = E(p[i] ^ c[i-1]) ^ p[i-1]. With d[i] = c[i] ^ p[i-1] that is
 * d[i] = E((p[i] ^ p[i-2]) ^ d[i-1]): CBC over p[i] ^ p[i-2], and one xor more. `iv` has 32 bytes: c[0], then p[0].
 * Throws RangeError when the length is not divisible by 16.
 */
export function igeEncrypt(key: Uint8Array, iv: Uint8Array, plaintext: Uint8Array): Buffer {
  checkLength(plaintext);
  const plain = words(aligned(plaintext));
  const first = words(aligned(iv));
  const out = Buffer.allocUnsafeSlow(plaintext.length);
  const outWords = words(out);
  const cbc = createCipheriv('aes-256-cbc', key, iv.subarray(0, BLOCK_BYTES)).setAutoPadding(false);
  for (let start = 0; start < plain.length; start += pieceWords.length) {
    const end = Math.min(start + pieceWords.length, plain.length);
    mixPiece(plain, first, start, end);
    const encrypted = words(aligned(cbc.update(piece.subarray(0, (end - start) * 4))));
    let i = start;
    for (; i < 4 && i < end; i++) outWords[i] = (encrypted[i] as number) ^ (first[i + 4] as number);
    for (; i < end; i++) outWords[i] = (encrypted[i - start] as number) ^ (plain[i - 4] as number);
  }
  return out;
}

/** piece = p[i] ^ p[i-2] for the words from `start` to `end`. p[-1] is taken as 0, so that d[0] = c[0] is CBC's own initialization vector. */
function mixPiece(plain: Int32Array, first: Int32Array, start: number, end: number): void {
  let i = start;
  for (; i < 4 && i < end; i++) pieceWords[i] = plain[i] as number;
  for (; i < 8 && i < end; i++) pieceWords[i] = (plain[i] as number) ^ (first[i] as number);
  for (; i < end; i++) pieceWords[i - start] = (plain[i] as number) ^ (plain[i - 8] as number);
}

/** AES-256-IGE decryption, a block at a time: for handshake data and tests, where there are some dozens of blocks. Throws like igeEncrypt. */
export function igeDecrypt(key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Buffer {
  checkLength(ciphertext);
  const ecb = createDecipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  const input = words(aligned(ciphertext));
  const first = words(aligned(iv));
  const out = Buffer.allocUnsafeSlow(ciphertext.length);
  const outWords = words(out);
  const block = new Int32Array(4);
  const blockBytes = new Uint8Array(block.buffer);
  for (let at = 0; at < input.length; at += 4) {
    for (let i = 0; i < 4; i++) block[i] = (input[at + i] as number) ^ ((at === 0 ? first[4 + i] : outWords[at + i - 4]) as number);
    const plain = words(aligned(ecb.update(blockBytes)));
    for (let i = 0; i < 4; i++) outWords[at + i] = (plain[i] as number) ^ ((at === 0 ? first[i] : input[at + i - 4]) as number);
  }
  return out;
}
