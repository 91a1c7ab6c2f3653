import { createHmac } from 'node:crypto';

/** A salt and the unix seconds between which it is valid. */
export interface FutureSalt {
  readonly salt: bigint;
  readonly validSince: number;
  readonly validUntil: number;
}

/** The salt that the handshake itself yields (new_nonce xor server_nonce) is valid beside the schedule until then. */
export interface HandshakeSalt {
  readonly salt: bigint;
  /** Unix seconds. */
  readonly validUntil: number;
}

/** Seconds for which a handshake's salt stays valid. */
export const HANDSHAKE_SALT_LIFETIME_S = 3_600;
/** Seconds between two salts. */
const WINDOW_S = 1_800;
/** Salts that one get_future_salts may ask for. Source: core.telegram.org/mtproto/service_messages#request-for-several-future-salts */
export const FUTURE_SALTS_MAX = 64;

function windowAt(nowMs: number): number {
  return Math.floor(nowMs / 1000 / WINDOW_S);
}

/**
 * Server salts without state: HMAC-SHA256(secret, key id ‖ half-hour window). A window's salt is valid from the window's start to the end of the next one,
 * so that two are valid at any moment, on every gateway, after any restart. Salts are unsigned 64-bit, never 0.
 */
export class SaltSchedule {
  readonly #secret: Uint8Array;

  /** `secret`: at least 16 bytes, the same on every gateway of the data center. */
  constructor(secret: Uint8Array) {
    if (secret.length < 16) throw new RangeError('the salt secret needs at least 16 bytes');
    this.#secret = Uint8Array.from(secret);
  }

  #salt(keyId: bigint, window: number): bigint {
    const place = Buffer.allocUnsafe(12);
    place.writeBigUInt64LE(keyId, 0);
    place.writeUInt32LE(window, 8);
    const salt = createHmac('sha256', this.#secret).update(place).digest().readBigUInt64LE(0);
    return salt === 0n ? 1n : salt;
  }

  /** The salt to send with, and to name in bad_server_salt. */
  current(keyId: bigint, nowMs: number): bigint {
    return this.#salt(keyId, windowAt(nowMs));
  }

  /** True for the current salt, the one before, and the handshake's own while it lives. */
  isValid(keyId: bigint, salt: bigint, nowMs: number, handshakeSalt?: HandshakeSalt): boolean {
    if (handshakeSalt && salt === handshakeSalt.salt && nowMs / 1000 < handshakeSalt.validUntil) return true;
    const window = windowAt(nowMs);
    return salt === this.#salt(keyId, window) || salt === this.#salt(keyId, window - 1);
  }

  /** `count` salts from the current one on (get_future_salts), bounded to 1…FUTURE_SALTS_MAX. */
  future(keyId: bigint, nowMs: number, count: number): FutureSalt[] {
    const first = windowAt(nowMs);
    const salts: FutureSalt[] = [];
    for (let window = first; window < first + Math.min(Math.max(Math.trunc(count), 1), FUTURE_SALTS_MAX); window++) {
      salts.push({ salt: this.#salt(keyId, window), validSince: window * WINDOW_S, validUntil: (window + 2) * WINDOW_S });
    }
    return salts;
  }
}
