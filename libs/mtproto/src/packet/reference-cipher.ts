import { createCipheriv, randomFillSync, type Cipher } from 'node:crypto';
import { BODY_BYTES_MAX, PACKET_BYTES_MAX, SLOTS_MAX } from '../limits';
import { BATCH_HEADROOM, NO_SLOT, type Framing, type OpenedPacket, type PacketCipher, type SealManyRequest, type Slot } from './cipher';
import { MESSAGE_RANDOM_BYTES, PACKET_HEADER_BYTES, PADDING_BYTES_MAX, PADDING_BYTES_MIN, PLAINTEXT_BYTES_MIN, PLAINTEXT_HEADER_BYTES } from './layout';
import { buildFrame, buildPlaintext, decryptPacket, encryptPacket } from './message-crypto';
import { RandomPool } from './random-pool';

interface ConnectionKeys {
  keyId: bigint;
  authKey: Buffer;
  salt: bigint;
  sessionId: bigint;
  inbound?: Cipher;
  outbound?: Cipher;
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
    const packet = encryptPacket(keys.authKey, keys.keyId, 8, buildPlaintext(keys.salt, keys.sessionId, messageId, seqNo, body, random));
    const out = buildFrame(packet, framing, fullSeqNo, headroom, random);
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
