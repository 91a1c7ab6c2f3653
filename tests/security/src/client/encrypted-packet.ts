import { randomBytes } from 'node:crypto';
import { igeDecrypt, igeEncrypt, legacyMessageKeys, messageDigest, messageKeys, sha1, type Direction } from './cryptography';
import { int32, int64 } from './tl-bytes';

/** How a packet may lie. What isn't said is right. */
export interface PacketLies {
  /** Written instead of the body's length. */
  length?: number;
  /** Bytes of padding, or the padding itself. Default: random, 12…27 bytes. */
  padding?: number | Buffer;
  /** Changes msg_key after it was computed; the data is encrypted under what it becomes. */
  msgKey?: (msgKey: Buffer) => Buffer;
  /** Changes the finished packet. */
  packet?: (packet: Buffer) => Buffer;
  /** 8: as if the server had sent it. */
  direction?: Direction;
  /** MTProto 1: SHA-1, msg_key over the plaintext without padding. */
  legacy?: boolean;
  /** MTProto 2.0 with a msg_key that does not cover the padding. */
  paddingUncovered?: boolean;
  keyId?: bigint;
}

export interface PlainMessage {
  salt: bigint;
  sessionId: bigint;
  id: bigint;
  seqNo: number;
  body: Buffer;
}

export function plaintextOf(message: PlainMessage, lies: PacketLies = {}): Buffer {
  const { body } = message;
  const head = Buffer.concat([int64(message.salt), int64(message.sessionId), int64(message.id), int32(message.seqNo), int32(lies.length ?? body.length)]);
  const least = 12 + ((16 - ((head.length + body.length + 12) % 16)) % 16);
  const padding = lies.padding ?? least;
  return Buffer.concat([head, body, typeof padding === 'number' ? randomBytes(padding) : padding]);
}

/** key id ‖ msg_key ‖ encrypted data, and the token by which a quick ack names it. */
export function sealPacket(key: { bytes: Buffer; id: bigint }, message: PlainMessage, lies: PacketLies = {}): { packet: Buffer; quickAckToken: number } {
  if (lies.legacy === true) return sealLegacy(key, message, lies);
  const direction = lies.direction ?? 0;
  const plain = plaintextOf(message, lies);
  const digest = messageDigest(key.bytes, direction, lies.paddingUncovered === true ? plain.subarray(0, 32 + message.body.length) : plain);
  let msgKey: Buffer = Buffer.from(digest.subarray(8, 24));
  msgKey = lies.msgKey?.(msgKey) ?? msgKey;
  const { key: aesKey, iv } = messageKeys(key.bytes, direction, msgKey);
  const packet = Buffer.concat([int64(lies.keyId ?? key.id), msgKey, igeEncrypt(aesKey, iv, plain)]);
  return { packet: lies.packet?.(packet) ?? packet, quickAckToken: (digest.readUInt32LE(0) | 0x80000000) >>> 0 };
}

function sealLegacy(key: { bytes: Buffer; id: bigint }, message: PlainMessage, lies: PacketLies): { packet: Buffer; quickAckToken: number } {
  const content = plaintextOf(message, { ...lies, padding: 0 });
  const plain = Buffer.concat([content, randomBytes((16 - (content.length % 16)) % 16)]);
  const hash = sha1(content);
  const msgKey = hash.subarray(4);
  const { key: aesKey, iv } = legacyMessageKeys(key.bytes, msgKey);
  return { packet: Buffer.concat([int64(key.id), msgKey, igeEncrypt(aesKey, iv, plain)]), quickAckToken: (hash.readUInt32LE(0) | 0x80000000) >>> 0 };
}

/** A server's packet, fully checked. Throws when anything about it is wrong. */
export function openPacket(key: { bytes: Buffer; id: bigint }, packet: Buffer): PlainMessage {
  if (packet.length < 56 || packet.readBigUInt64LE(0) !== key.id) throw new Error('a packet under another key');
  const msgKey = packet.subarray(8, 24);
  const { key: aesKey, iv } = messageKeys(key.bytes, 8, msgKey);
  const plain = igeDecrypt(aesKey, iv, packet.subarray(24));
  if (!messageDigest(key.bytes, 8, plain).subarray(8, 24).equals(msgKey)) throw new Error('msg_key of the server is wrong');
  const length = plain.readInt32LE(28);
  const padding = plain.length - 32 - length;
  if (length < 0 || length % 4 !== 0 || padding < 12 || padding > 1_024) throw new Error(`the server padded ${length} bytes with ${padding}`);
  return { salt: plain.readBigUInt64LE(0), sessionId: plain.readBigUInt64LE(8), id: plain.readBigUInt64LE(16), seqNo: plain.readUInt32LE(24), body: Buffer.from(plain.subarray(32, 32 + length)) };
}
