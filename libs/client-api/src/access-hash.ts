import { createHmac, timingSafeEqual } from 'node:crypto';
import { LruCache } from '@heliograph/crypto/lru-cache';
import { ACCESS_HASHES_CACHED_MAX } from './limits';

/** What an access hash was given for. */
export type AccessKind = 'user' | 'channel';

/** Hashes made lately, by secret: the same few peers are named again and again, and an HMAC costs as much as the rest of reading a peer. */
const made = new WeakMap<Uint8Array, LruCache<bigint>>();

/**
 * The hash that lets `viewer` address `peer`: the first 8 bytes of HMAC-SHA256(secret, viewer ‖ kind ‖ peer), signed, as TL's long.
 * It proves that this server showed the peer to this viewer, so checking one costs no read (docs: core.telegram.org/api/peers#access-hash).
 */
export function accessHash(secret: Uint8Array, viewer: number, kind: AccessKind, peer: number): bigint {
  let hashes = made.get(secret);
  if (hashes === undefined) made.set(secret, hashes = new LruCache(ACCESS_HASHES_CACHED_MAX));
  const place = `${viewer} ${kind} ${peer}`;
  let hash = hashes.get(place, 0);
  if (hash === undefined) hashes.set(place, hash = digest(secret, viewer, kind, peer), Infinity);
  return hash;
}

/** Constant-time comparison of a hash that a client presented. */
export function isAccessHash(secret: Uint8Array, viewer: number, kind: AccessKind, peer: number, presented: bigint): boolean {
  const [right, given] = [Buffer.allocUnsafe(8), Buffer.allocUnsafe(8)];
  right.writeBigInt64LE(accessHash(secret, viewer, kind, peer));
  given.writeBigInt64LE(BigInt.asIntN(64, presented));
  return timingSafeEqual(right, given);
}

function digest(secret: Uint8Array, viewer: number, kind: AccessKind, peer: number): bigint {
  const place = Buffer.allocUnsafe(17);
  place.writeDoubleLE(viewer, 0);
  place.writeUInt8(kind === 'user' ? 1 : 2, 8);
  place.writeDoubleLE(peer, 9);
  return createHmac('sha256', secret).update(place).digest().readBigInt64LE(0);
}
