import { createCipheriv, createHash, randomFillSync, timingSafeEqual, type Cipher } from 'node:crypto';
import { BODY_BYTES_MAX, PACKET_BYTES_MAX, SLOTS_MAX } from '../limits';
import { frameHeaderBytes, frameTrailerBytes, writeFrame } from '../transport/framing';
import { BATCH_HEADROOM, FRAMING, NO_SLOT, type Framing, type OpenedPacket, type PacketCipher, type SealManyRequest, type Slot } from './cipher';
import { igeDecrypt, igeEncrypt } from './ige';
import { FRAME_PADDING_AT, MESSAGE_RANDOM_BYTES, PACKET_HEADER_BYTES, PADDING_BYTES_MAX, PADDING_BYTES_MIN, PLAINTEXT_BYTES_MIN, PLAINTEXT_HEADER_BYTES, framePaddingBytes, paddingBytes } from './layout';
import { RandomPool } from './random-pool';

/** x of the key derivation: 8 for messages from the server, 0 for those from a client. */
export type DirectionOffset = 0 | 8;

interface ConnectionKeys {
  keyId: bigint;
  authKey: Buffer;
  salt: bigint;
  sessionId: bigint;
  inbound?: Cipher;
  outbound?: Cipher;
}

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

/**
 * PacketCipher on node:crypto: what the packet module is tested against, and easy to check against the protocol's description. It spends a
 * cipher object per direction and connection and some 20 µs per packet, so production does not use it.
 */
export class ReferenceCipher implements PacketCipher {
  readonly slotsMax: number;
  readonly #connections = new Map<Slot, ConnectionKeys>();
  readonly #free: Slot[] = [];
  readonly #random: RandomPool;

  constructor(options: { slots?: number; random?: (bytes: Uint8Array) => void } = {}) {
    this.slotsMax = options.slots ?? SLOTS_MAX;
    this.#random = new RandomPool(options.random ?? randomFillSync);
  }

  get slotsUsed(): number {
    return this.#connections.size;
  }

  allocate(): Slot {
    if (this.#connections.size >= this.slotsMax) return NO_SLOT;
    const slot = this.#free.pop() ?? (this.#connections.size as Slot);
    this.#connections.set(slot, { keyId: 0n, authKey: Buffer.alloc(128), salt: 0n, sessionId: 0n });
    return slot;
  }

  release(slot: Slot): void {
    if (!this.#connections.delete(slot)) throw new Error(`slot ${slot} is free already`);
    this.#free.push(slot);
  }

  #keys(slot: Slot): ConnectionKeys {
    const keys = this.#connections.get(slot);
    if (!keys) throw new Error(`slot ${slot} is free`);
    return keys;
  }

  setAuthKey(slot: Slot, keyId: bigint, authKey: Uint8Array): void {
    if (authKey.length < 128) throw new RangeError('an auth key has 256 bytes');
    const keys = this.#keys(slot);
    keys.keyId = keyId;
    keys.authKey = Buffer.from(authKey.subarray(0, 128));
  }

  authKeyId(slot: Slot): bigint {
    return this.#keys(slot).keyId;
  }

  setSession(slot: Slot, salt: bigint, sessionId: bigint): void {
    Object.assign(this.#keys(slot), { salt, sessionId });
  }

  setObfuscation(slot: Slot, inboundKey: Uint8Array, inboundIv: Uint8Array, outboundKey: Uint8Array, outboundIv: Uint8Array): void {
    const keys = this.#keys(slot);
    keys.inbound = createCipheriv('aes-256-ctr', inboundKey, inboundIv);
    keys.outbound = createCipheriv('aes-256-ctr', outboundKey, outboundIv);
  }

  decryptStream(slot: Slot, bytes: Uint8Array): void {
    const { inbound } = this.#keys(slot);
    if (inbound) bytes.set(inbound.update(bytes));
  }

  encryptStream(slot: Slot, bytes: Uint8Array): void {
    const { outbound } = this.#keys(slot);
    if (outbound) bytes.set(outbound.update(bytes));
  }

  open(slot: Slot, packet: Uint8Array, into: OpenedPacket): boolean {
    const keys = this.#keys(slot);
    const encryptedBytes = packet.length - PACKET_HEADER_BYTES;
    if (encryptedBytes < PLAINTEXT_BYTES_MIN || encryptedBytes % 16 !== 0 || packet.length > PACKET_BYTES_MAX || keys.keyId === 0n) return false;
    const { plaintext, digest, genuine } = decryptPacket(keys.authKey, 0, packet);
    const keyId = Buffer.from(packet.buffer, packet.byteOffset, 8).readBigUInt64LE();
    const bodyBytes = plaintext.readUInt32LE(28);
    const padding = encryptedBytes - PLAINTEXT_HEADER_BYTES - bodyBytes;
    const wellFormed = bodyBytes % 4 === 0 && padding >= PADDING_BYTES_MIN && padding <= PADDING_BYTES_MAX;
    if (!genuine || keyId !== keys.keyId || !wellFormed) return false;
    into.salt = plaintext.readBigUInt64LE(0);
    into.sessionId = plaintext.readBigUInt64LE(8);
    into.messageId = plaintext.readBigUInt64LE(16);
    into.seqNo = plaintext.readUInt32LE(24);
    into.body = plaintext.subarray(PLAINTEXT_HEADER_BYTES, PLAINTEXT_HEADER_BYTES + bodyBytes);
    into.quickAckToken = (digest.readUInt32LE(0) | 0x80000000) >>> 0;
    return true;
  }

  seal(slot: Slot, framing: Framing, messageId: bigint, seqNo: number, body: Uint8Array, fullSeqNo = 0, headroom = 0): Buffer {
    if (body.length > BODY_BYTES_MAX || body.length % 4 !== 0) throw new RangeError(`a body of ${body.length} bytes can not be sealed`);
    return this.#sealWith(this.#random.take(MESSAGE_RANDOM_BYTES), slot, framing, messageId, seqNo, body, fullSeqNo, headroom);
  }

  #sealWith(random: Uint8Array, slot: Slot, framing: Framing, messageId: bigint, seqNo: number, body: Uint8Array, fullSeqNo: number, headroom: number): Buffer {
    const keys = this.#keys(slot);
    const header = Buffer.alloc(PLAINTEXT_HEADER_BYTES);
    header.writeBigUInt64LE(keys.salt, 0);
    header.writeBigUInt64LE(keys.sessionId, 8);
    header.writeBigUInt64LE(messageId, 16);
    header.writeUInt32LE(seqNo, 24);
    header.writeUInt32LE(body.length, 28);
    const packet = encryptPacket(keys.authKey, keys.keyId, 8, Buffer.concat([header, body, random.subarray(0, paddingBytes(body.length))]));
    const framePadding = framing === FRAMING.padded ? random.subarray(FRAME_PADDING_AT, FRAME_PADDING_AT + framePaddingBytes(random)) : random.subarray(0, 0);
    const payloadBytes = packet.length + framePadding.length;
    const at = headroom + frameHeaderBytes(framing, payloadBytes);
    const out = Buffer.alloc(at + payloadBytes + frameTrailerBytes(framing));
    out.set(packet, at);
    out.set(framePadding, at + packet.length);
    writeFrame(out, at, payloadBytes, framing, fullSeqNo);
    this.encryptStream(slot, out.subarray(headroom));
    return out;
  }

  sealMany(request: SealManyRequest): void {
    const random = Uint8Array.from(this.#random.take(MESSAGE_RANDOM_BYTES));
    const frames: Buffer[] = [];
    let at = 0;
    for (let i = 0; i < request.count; i++) {
      const frame = this.#sealWith(random, request.slots[i] as Slot, request.framings[i] as Framing, request.messageIds[i] as bigint, request.seqNos[i] as number,
        request.body, request.fullSeqNos[i] as number, BATCH_HEADROOM);
      frames.push(frame);
      request.starts[i] = at + BATCH_HEADROOM;
      at += frame.length;
      request.ends[i] = at;
    }
    request.bytes = Buffer.concat(frames);
  }
}
