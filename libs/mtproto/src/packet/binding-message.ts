import { createHash, timingSafeEqual } from 'node:crypto';
import { igeDecrypt } from './ige';
import { authKeyId } from '../key-id';

const BIND_AUTH_KEY_INNER = 0x75a3f765;
const BIND_AUTH_KEY_INNER_BYTES = 40;
/** random int128, message id, seq_no, length: what stands before the body. */
const HEADER_BYTES = 32;
const MSG_KEY_AT = 8;
const DATA_AT = 24;
/** Header and body fill 72 bytes; padding brings them to a whole block. */
const DATA_BYTES = 80;

/** What the inner message of auth.bindTempAuthKey says. Source: core.telegram.org/method/auth.bindTempAuthKey */
export interface BindingMessage {
  /** Message id inside; must equal the id of the bindTempAuthKey query's own message. */
  messageId: bigint;
  nonce: bigint;
  temporaryKeyId: bigint;
  permanentKeyId: bigint;
  temporarySessionId: bigint;
  /** Unix seconds. */
  expiresAt: number;
}

function sha1(...parts: Uint8Array[]): Buffer {
  const hash = createHash('sha1');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** AES key and IV of MTProto 1 for messages from a client (x = 0). Source: core.telegram.org/mtproto/description_v1#defining-aes-key-and-initialization-vector */
export function deriveLegacyKey(authKey: Uint8Array, msgKey: Uint8Array): { key: Buffer; iv: Buffer } {
  const a = sha1(msgKey, authKey.subarray(0, 32));
  const b = sha1(authKey.subarray(32, 48), msgKey, authKey.subarray(48, 64));
  const c = sha1(authKey.subarray(64, 96), msgKey);
  const d = sha1(msgKey, authKey.subarray(96, 128));
  return {
    key: Buffer.concat([a.subarray(0, 8), b.subarray(8, 20), c.subarray(4, 16)]),
    iv: Buffer.concat([a.subarray(8, 20), b.subarray(0, 8), c.subarray(16, 20), d.subarray(0, 8)]),
  };
}

/**
 * Decrypts encrypted_message of auth.bindTempAuthKey with the *permanent* key: MTProto 1 style (SHA-1 key derivation, msg_key = low 128 bits of
 * SHA1(plaintext without padding)), constructor bind_auth_key_inner, seq_no 0, length 40. Undefined when anything is wrong, at one cost.
 */
export function openBindingMessage(permanentKey: Uint8Array, encrypted: Uint8Array): BindingMessage | undefined {
  if (encrypted.length !== DATA_AT + DATA_BYTES || permanentKey.length !== 256) return undefined;
  const envelope = Buffer.from(encrypted);
  const msgKey = envelope.subarray(MSG_KEY_AT, DATA_AT);
  const { key, iv } = deriveLegacyKey(permanentKey, msgKey);
  const plain = igeDecrypt(key, iv, envelope.subarray(DATA_AT));
  const expected = sha1(plain.subarray(0, HEADER_BYTES + BIND_AUTH_KEY_INNER_BYTES)).subarray(4);
  const genuine = timingSafeEqual(expected, msgKey);
  const wellFormed = envelope.readBigUInt64LE(0) === authKeyId(permanentKey) && plain.readUInt32LE(24) === 0 && plain.readUInt32LE(28) === BIND_AUTH_KEY_INNER_BYTES
    && plain.readUInt32LE(32) === BIND_AUTH_KEY_INNER;
  if (!genuine || !wellFormed) return undefined;
  return {
    messageId: plain.readBigUInt64LE(16),
    nonce: plain.readBigUInt64LE(36),
    temporaryKeyId: plain.readBigUInt64LE(44),
    permanentKeyId: plain.readBigUInt64LE(52),
    temporarySessionId: plain.readBigUInt64LE(60),
    expiresAt: plain.readUInt32LE(68),
  };
}

/** What the query and the connection say, for `isBindingValid`. */
export interface BindingClaim {
  /** From the query's arguments. */
  permanentKeyId: bigint;
  nonce: bigint;
  expiresAt: number;
  /** Of the message that carried the query, and of the connection. */
  messageId: bigint;
  temporaryKeyId: bigint;
  temporarySessionId: bigint;
}

/** 64-bit values are compared by their bits, so that a caller may hold them signed or unsigned. */
function same64(a: bigint, b: bigint): boolean {
  return BigInt.asUintN(64, a) === BigInt.asUintN(64, b);
}

/** True when the inner message confirms the claim in every field and has not expired. */
export function isBindingValid(inner: BindingMessage, claim: BindingClaim, nowMs: number): boolean {
  return same64(inner.messageId, claim.messageId)
    && same64(inner.nonce, claim.nonce)
    && same64(inner.temporaryKeyId, claim.temporaryKeyId)
    && same64(inner.permanentKeyId, claim.permanentKeyId)
    && same64(inner.temporarySessionId, claim.temporarySessionId)
    && inner.expiresAt === claim.expiresAt
    && inner.expiresAt > nowMs / 1000;
}
