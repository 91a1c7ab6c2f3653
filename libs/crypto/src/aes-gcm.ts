import { createCipheriv, createDecipheriv, type KeyObject, randomFillSync } from 'node:crypto';
import { SealBroken } from './errors';
import { NONCE_POOL_BYTES } from './limits';

export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;
/** What sealing adds: version, nonce, tag. */
export const SEAL_BYTES = 1 + NONCE_BYTES + TAG_BYTES;

const nonces = Buffer.alloc(NONCE_POOL_BYTES);
let noncesLeft = 0;

/** Writes the next random nonce; drawn in blocks, because a draw costs more than a seal. */
function writeNonce(target: Buffer, at: number): void {
  if (noncesLeft === 0) {
    randomFillSync(nonces);
    noncesLeft = NONCE_POOL_BYTES;
  }
  noncesLeft -= NONCE_BYTES;
  nonces.copy(target, at, noncesLeft, noncesLeft + NONCE_BYTES);
  // A nonce is used once: nothing of it stays.
  nonces.fill(0, noncesLeft, noncesLeft + NONCE_BYTES);
}

/**
 * AES-256-GCM (NIST SP 800-38D): version(1) ‖ nonce(12) ‖ ciphertext ‖ tag(16). The version byte and `place` are bound to it.
 * NOTE: random nonces allow 2^32 seals under one key (SP 800-38D, 8.3); a conversation does not come near.
 */
export function sealBytes(key: KeyObject, version: number, plaintext: Uint8Array, place: string): Buffer {
  const sealed = Buffer.allocUnsafe(SEAL_BYTES + plaintext.length);
  sealed[0] = version;
  writeNonce(sealed, 1);
  const cipher = createCipheriv('aes-256-gcm', key, sealed.subarray(1, 1 + NONCE_BYTES));
  cipher.setAAD(associated(version, place));
  // GCM is a stream: `update` gives all of it.
  cipher.update(plaintext).copy(sealed, 1 + NONCE_BYTES);
  cipher.final();
  cipher.getAuthTag().copy(sealed, sealed.length - TAG_BYTES);
  return sealed;
}

/** Undoes sealBytes; throws SealBroken. */
export function openBytes(key: KeyObject, version: number, sealed: Uint8Array, place: string): Buffer {
  if (sealed.length < SEAL_BYTES || sealed[0] !== version) throw new SealBroken('sealed under another key or cut short');
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 1 + NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(associated(version, place));
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  const plaintext = decipher.update(sealed.subarray(1 + NONCE_BYTES, sealed.length - TAG_BYTES));
  try {
    decipher.final();
  } catch {
    throw new SealBroken('changed, or not of this place');
  }
  return plaintext;
}

function associated(version: number, place: string): Buffer {
  const bytes = Buffer.allocUnsafe(1 + Buffer.byteLength(place));
  bytes[0] = version;
  bytes.utf8Write(place, 1, bytes.length - 1);
  return bytes;
}
