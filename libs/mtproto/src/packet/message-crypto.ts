import { createHash, timingSafeEqual } from 'node:crypto';
import { frameHeaderBytes, frameTrailerBytes, writeFrame } from '../transport/framing';
import { FRAMING, type Framing } from './cipher';
import { igeDecrypt, igeEncrypt } from './ige';
import { FRAME_PADDING_AT, PACKET_HEADER_BYTES, PLAINTEXT_HEADER_BYTES, framePaddingBytes, paddingBytes } from './layout';

/** x of the key derivation: 8 for messages from the server, 0 for those from a client. */
export type DirectionOffset = 0 | 8;

function sha256(...parts: Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** The full SHA-256 of which msg_key is the middle. */
export function messageDigest(authKey: Uint8Array, x: DirectionOffset, plaintext: Uint8Array): Buffer {
  return sha256(authKey.subarray(88 + x, 120 + x), plaintext);
}

/** AES key and IV of MTProto 2.0. Source: core.telegram.org/mtproto/description#defining-aes-key-and-initialization-vector */
export function deriveKey(authKey: Uint8Array, x: DirectionOffset, msgKey: Uint8Array): { key: Buffer; iv: Buffer } {
  const a = sha256(msgKey, authKey.subarray(x, x + 36));
  const b = sha256(authKey.subarray(40 + x, 76 + x), msgKey);
  return {
    key: Buffer.concat([a.subarray(0, 8), b.subarray(8, 24), a.subarray(24, 32)]),
    iv: Buffer.concat([b.subarray(0, 8), a.subarray(8, 24), b.subarray(24, 32)]),
  };
}

/** key id ‖ msg_key ‖ encrypted data. */
export function encryptPacket(authKey: Uint8Array, keyId: bigint, x: DirectionOffset, plaintext: Uint8Array): Buffer {
  const msgKey = messageDigest(authKey, x, plaintext).subarray(8, 24);
  const { key, iv } = deriveKey(authKey, x, msgKey);
  const head = Buffer.alloc(8);
  head.writeBigUInt64LE(keyId);
  return Buffer.concat([head, msgKey, igeEncrypt(key, iv, plaintext)]);
}

/** Plaintext and digest of a packet, whether genuine or not. */
export function decryptPacket(authKey: Uint8Array, x: DirectionOffset, packet: Uint8Array): { plaintext: Buffer; digest: Buffer; genuine: boolean } {
  const msgKey = packet.subarray(8, PACKET_HEADER_BYTES);
  const { key, iv } = deriveKey(authKey, x, msgKey);
  const plaintext = igeDecrypt(key, iv, packet.subarray(PACKET_HEADER_BYTES));
  const digest = messageDigest(authKey, x, plaintext);
  return { plaintext, digest, genuine: timingSafeEqual(digest.subarray(8, 24), msgKey) };
}

/** Header, body and padding of a message. `random`: MESSAGE_RANDOM_BYTES. */
export function buildPlaintext(salt: bigint, sessionId: bigint, messageId: bigint, seqNo: number, body: Uint8Array, random: Uint8Array): Buffer {
  const padding = paddingBytes(body.length);
  const plaintext = Buffer.allocUnsafe(PLAINTEXT_HEADER_BYTES + body.length + padding);
  plaintext.writeBigUInt64LE(salt, 0);
  plaintext.writeBigUInt64LE(sessionId, 8);
  plaintext.writeBigUInt64LE(messageId, 16);
  plaintext.writeUInt32LE(seqNo, 24);
  plaintext.writeUInt32LE(body.length, 28);
  plaintext.set(body, PLAINTEXT_HEADER_BYTES);
  plaintext.set(random.subarray(0, padding), PLAINTEXT_HEADER_BYTES + body.length);
  return plaintext;
}

/** A sealed packet in its frame, `headroom` bytes into a fresh buffer; not obfuscated yet. */
export function buildFrame(packet: Uint8Array, framing: Framing, fullSeqNo: number, headroom: number, random: Uint8Array): Buffer {
  const framePadding = random.subarray(FRAME_PADDING_AT, FRAME_PADDING_AT + (framing === FRAMING.padded ? framePaddingBytes(random) : 0));
  const payloadBytes = packet.length + framePadding.length;
  const at = headroom + frameHeaderBytes(framing, payloadBytes);
  const out = Buffer.alloc(at + payloadBytes + frameTrailerBytes(framing));
  out.set(packet, at);
  out.set(framePadding, at + packet.length);
  writeFrame(out, at, payloadBytes, framing, fullSeqNo);
  return out;
}
