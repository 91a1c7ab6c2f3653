import { createHmac, timingSafeEqual } from 'node:crypto';

/** What an access hash was given for. */
export type AccessKind = 'user' | 'channel';

/**
 * The hash that lets `viewer` address `peer`: the first 8 bytes of HMAC-SHA256(secret, viewer ‖ kind ‖ peer), signed, as TL's long.
 * It proves that this server showed the peer to this viewer, so checking one costs no read (docs: core.telegram.org/api/peers#access-hash).
 */
export function accessHash(secret: Uint8Array, viewer: number, kind: AccessKind, peer: number): bigint {
  return digest(secret, viewer, kind, peer).readBigInt64LE(0);
}

/** Constant-time comparison of a hash that a client presented. */
export function isAccessHash(secret: Uint8Array, viewer: number, kind: AccessKind, peer: number, presented: bigint): boolean {
  const given = Buffer.allocUnsafe(8);
  given.writeBigInt64LE(BigInt.asIntN(64, presented));
  return timingSafeEqual(digest(secret, viewer, kind, peer).subarray(0, 8), given);
}

function digest(secret: Uint8Array, viewer: number, kind: AccessKind, peer: number): Buffer {
  const place = Buffer.allocUnsafe(17);
  place.writeDoubleLE(viewer, 0);
  place.writeUInt8(kind === 'user' ? 1 : 2, 8);
  place.writeDoubleLE(peer, 9);
  return createHmac('sha256', secret).update(place).digest();
}
