import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';

/** MTProto's cryptography from the published description, written apart from the server's. */

export function sha1(...parts: Uint8Array[]): Buffer {
  const hash = createHash('sha1');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

export function sha256(...parts: Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function xor(into: Buffer, at: number, from: Uint8Array, fromAt: number): void {
  for (let i = 0; i < 16; i++) into[at + i] = (into[at + i] as number) ^ (from[fromAt + i] as number);
}

/**
 * AES-256-IGE. With y_i = c_i ^ p_(i−1), encryption is CBC over p_i ^ p_(i−2), so that one call does it.
 * `iv`: the ciphertext before the first block, then the plaintext before it.
 */
export function igeEncrypt(key: Uint8Array, iv: Uint8Array, plain: Uint8Array): Buffer {
  const mixed = Buffer.from(plain);
  for (let at = 16; at < plain.length; at += 16) xor(mixed, at, at === 16 ? iv : plain, at === 16 ? 16 : at - 32);
  const cipher = createCipheriv('aes-256-cbc', key, iv.subarray(0, 16)).setAutoPadding(false);
  const out = Buffer.concat([cipher.update(mixed), cipher.final()]);
  for (let at = 0; at < out.length; at += 16) xor(out, at, at === 0 ? iv : plain, at === 0 ? 16 : at - 16);
  return out;
}

export function igeDecrypt(key: Uint8Array, iv: Uint8Array, encrypted: Uint8Array): Buffer {
  const cipher = createDecipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  const out = Buffer.alloc(encrypted.length);
  const block = Buffer.alloc(16);
  for (let at = 0; at < encrypted.length; at += 16) {
    block.set(encrypted.subarray(at, at + 16));
    xor(block, 0, at === 0 ? iv : out, at === 0 ? 16 : at - 16);
    out.set(cipher.update(block), at);
    xor(out, at, at === 0 ? iv : encrypted, at === 0 ? 0 : at - 16);
  }
  return out;
}

/** x = 0: messages from a client; x = 8: from a server. */
export type Direction = 0 | 8;

/** The middle 128 bits of SHA256(key part ‖ plaintext with padding), after the full digest. */
export function messageDigest(authKey: Uint8Array, direction: Direction, plain: Uint8Array): Buffer {
  return sha256(authKey.subarray(88 + direction, 120 + direction), plain);
}

/** AES key and IV of MTProto 2.0. */
export function messageKeys(authKey: Uint8Array, direction: Direction, msgKey: Uint8Array): { key: Buffer; iv: Buffer } {
  const a = sha256(msgKey, authKey.subarray(direction, 36 + direction));
  const b = sha256(authKey.subarray(40 + direction, 76 + direction), msgKey);
  return {
    key: Buffer.concat([a.subarray(0, 8), b.subarray(8, 24), a.subarray(24)]),
    iv: Buffer.concat([b.subarray(0, 8), a.subarray(8, 24), b.subarray(24)]),
  };
}

/** AES key and IV of MTProto 1, for messages from a client. */
export function legacyMessageKeys(authKey: Uint8Array, msgKey: Uint8Array): { key: Buffer; iv: Buffer } {
  const a = sha1(msgKey, authKey.subarray(0, 32));
  const b = sha1(authKey.subarray(32, 48), msgKey, authKey.subarray(48, 64));
  const c = sha1(authKey.subarray(64, 96), msgKey);
  const d = sha1(msgKey, authKey.subarray(96, 128));
  return {
    key: Buffer.concat([a.subarray(0, 8), b.subarray(8), c.subarray(4, 16)]),
    iv: Buffer.concat([a.subarray(8), b.subarray(0, 8), c.subarray(16), d.subarray(0, 8)]),
  };
}

export const keyIdOf = (authKey: Uint8Array): bigint => sha1(authKey).readBigUInt64LE(12);
export const auxHashOf = (authKey: Uint8Array): bigint => sha1(authKey).readBigUInt64LE(0);

export const bigEndian = (bytes: Uint8Array): bigint => (bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString('hex')}`));

/** Big-endian, without leading zeros unless `length` asks for them. */
export function bigBytes(value: bigint, length = 0): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  return Buffer.concat([Buffer.alloc(Math.max(0, length - bytes.length)), bytes]);
}
