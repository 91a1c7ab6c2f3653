import { hash } from 'node:crypto';

/** Low 64 bits of SHA1(auth_key): the auth_key_id (unsigned). */
export function authKeyId(authKey: Uint8Array): bigint {
  return hash('sha1', authKey, 'buffer').readBigUInt64LE(12);
}

/** High 64 bits of SHA1(auth_key): auth_key_aux_hash of the handshake. */
export function authKeyAuxHash(authKey: Uint8Array): Buffer {
  return hash('sha1', authKey, 'buffer').subarray(0, 8);
}
