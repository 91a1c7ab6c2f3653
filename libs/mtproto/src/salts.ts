/** A salt and the unix seconds between which it is valid. */
export interface FutureSalt { readonly salt: bigint; readonly validSince: number; readonly validUntil: number }
/** The salt that the handshake itself yields (new_nonce xor server_nonce) is valid beside the schedule until then. */
export interface HandshakeSalt { readonly salt: bigint; /** Unix seconds. */ readonly validUntil: number }
/** Seconds for which a handshake's salt stays valid. */
export const HANDSHAKE_SALT_LIFETIME_S = 3_600;

/**
 * Server salts without state: HMAC-SHA256(secret, key id ‖ half-hour window). A window's salt is valid from the window's start to the end of the next one,
 * so that two are valid at any moment, on every gateway, after any restart. Salts are unsigned 64-bit, never 0.
 */
export class SaltSchedule {
  constructor(secret: Uint8Array) { void secret; }
  /** The salt to send with, and to name in bad_server_salt. */
  current(keyId: bigint, nowMs: number): bigint { void keyId; void nowMs; throw new Error('not built yet'); }
  isValid(keyId: bigint, salt: bigint, nowMs: number, handshakeSalt?: HandshakeSalt): boolean { void keyId; void salt; void nowMs; void handshakeSalt; throw new Error('not built yet'); }
  /** `count` salts from the current one on (get_future_salts), 1…64. */
  future(keyId: bigint, nowMs: number, count: number): FutureSalt[] { void keyId; void nowMs; void count; throw new Error('not built yet'); }
}
