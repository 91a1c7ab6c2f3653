import { hkdfSync } from 'node:crypto';

const SALT = Buffer.from('heliograph');

/** 32 bytes derived from `key` for one purpose (HKDF-SHA-256, RFC 5869); different purposes tell nothing of each other. */
export function deriveSecret(key: Uint8Array, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, SALT, purpose, 32));
}
