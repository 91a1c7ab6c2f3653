import fc from 'fast-check';
import { createCipheriv } from 'node:crypto';
import { igeDecrypt, igeEncrypt } from './ige';

/** IGE by its definition, a block at a time. */
function igeByDefinition(key: Uint8Array, iv: Uint8Array, plain: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  const out = Buffer.alloc(plain.length);
  let previousCipher: Uint8Array = iv.subarray(0, 16);
  let previousPlain: Uint8Array = iv.subarray(16);
  for (let at = 0; at < plain.length; at += 16) {
    const block = plain.subarray(at, at + 16);
    const encrypted = cipher.update(Buffer.from(block.map((byte, i) => byte ^ (previousCipher[i] as number))));
    encrypted.forEach((byte, i) => { out[at + i] = byte ^ (previousPlain[i] as number); });
    previousCipher = out.subarray(at, at + 16);
    previousPlain = block;
  }
  return out;
}

const bytes = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });

test('encryption by way of CBC is IGE, and decryption undoes it', () => {
  fc.assert(fc.property(bytes(32), bytes(32), fc.oneof(fc.nat(40), fc.constantFrom(1_023, 1_024, 1_025, 2_100)).chain((blocks) => bytes(16 * blocks)), fc.nat(3), (key, iv, plain, offset) => {
    // Also from an odd place in memory.
    const shifted = new Uint8Array(plain.length + offset).subarray(offset);
    shifted.set(plain);
    const encrypted = igeEncrypt(key, iv, shifted);
    expect(encrypted.equals(igeByDefinition(key, iv, plain))).toBe(true);
    expect(igeDecrypt(key, iv, encrypted).equals(plain)).toBe(true);
  }));
});

test('of zeros is AES of zeros, then AES of that', () => {
  const encrypted = igeEncrypt(new Uint8Array(32), new Uint8Array(32), new Uint8Array(32));
  // With zeros everywhere the first block is plain AES; the second encrypts the first's ciphertext.
  const ecb = createCipheriv('aes-256-ecb', new Uint8Array(32), null).setAutoPadding(false);
  const first = ecb.update(Buffer.alloc(16));
  expect(encrypted.equals(Buffer.concat([first, ecb.update(first)]))).toBe(true);
});

test('broken blocks are refused', () => {
  expect(() => igeEncrypt(new Uint8Array(32), new Uint8Array(32), new Uint8Array(17))).toThrow(RangeError);
  expect(() => igeDecrypt(new Uint8Array(32), new Uint8Array(32), new Uint8Array(15))).toThrow(RangeError);
});
