import { createCipheriv, createHash, randomFillSync } from 'node:crypto';
import { PACKET_MODULE } from '../gen/packet-module';
import { BATCH_BODY_BYTES_MAX, BATCH_PACKETS_MAX, BODY_BYTES_MAX, CBC_BODY_BYTES_MIN, NODE_HASH_BYTES_MIN, NODE_STREAM_BYTES_MIN, PACKET_BYTES_MAX, SLOTS_MAX } from '../limits';
import { frameHeaderBytes, frameTrailerBytes, writeFrame } from '../transport/framing';
import { BATCH_HEADROOM, FRAMING, NO_SLOT, type Framing, type OpenedPacket, type PacketCipher, type SealManyRequest, type Slot } from './cipher';
import { MESSAGE_RANDOM_BYTES, PACKET_HEADER_BYTES, PADDING_BYTES_MAX, PADDING_BYTES_MIN, PLAINTEXT_BYTES_MIN, PLAINTEXT_HEADER_BYTES, paddingBytes } from './layout';
import { buildFrame, buildPlaintext, encryptPacket } from './message-crypto';
import { RandomPool } from './random-pool';

/** wasm/module.ts. */
interface PacketModule {
  initialize(slots: number): number;
  inputAddress(): number;
  plainAddress(): number;
  openedAddress(): number;
  outputAddress(): number;
  randomAddress(): number;
  batchSlotsAddress(): number;
  batchFramingsAddress(): number;
  batchHeadsAddress(): number;
  batchSpansAddress(): number;
  digestAddress(): number;
  slotAt(slot: number): number;
  clearSlot(slot: number): void;
  setAuthKey(slot: number, keyId: bigint): void;
  keyId(slot: number): bigint;
  setSession(slot: number, salt: bigint, sessionId: bigint): void;
  setObfuscation(slot: number): void;
  isObfuscated(slot: number): number;
  applyInbound(slot: number, bytes: number): void;
  applyOutbound(slot: number, bytes: number): void;
  decrypt(slot: number, bytes: number): void;
  verify(slot: number, bytes: number): number;
  compare(): number;
  seal(slot: number, framing: number, messageId: bigint, seqNo: number, bodyBytes: number, bytes: number): number;
  prepareBody(bodyBytes: number): void;
  sealLanes(count: number, bodyBytes: number, stride: number): void;
}

// The same as in wasm/memory-map.ts.
const SLOT_BYTES = 768;
const SLOT_AUTH_KEY = 0;
const SLOT_SALT = 136;
const SLOT_SESSION = 144;
const SLOT_INBOUND_STREAM = 160;
const SLOT_OUTBOUND_STREAM = 432;
const STREAM_COUNTER_HIGH = 8;
const STREAM_COUNTER_LOW = 16;
const STREAM_ROUND_KEYS = 24;
const AREA_BYTES = 1_114_112;
const FRAME_LEAD_BYTES = 32;
const LANES = 8;

/** Four areas, what a batch computes, tables. The module answers whether it is enough. */
const FIXED_BYTES = 4 * AREA_BYTES + 786_432;
const PAGE_BYTES = 65_536;
/** Below this, packets one by one are cheaper than a batch of eight lanes. */
const BATCH_COUNT_MIN = 3;
/** Rounds of a dummy batch that bring the engine's optimizing compiler in before the first client waits. */
const WARM_UP_BATCHES = 24;

/** The part of the WebAssembly interface that is used here; Node's own types leave it to the DOM's. */
interface WebAssemblyInterface {
  Memory: new (descriptor: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
  Module: new (binary: Uint8Array) => object;
  Instance: new (module: object, imports: { env: { memory: object } }) => { readonly exports: unknown };
}
const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyInterface };

let compiled: object | undefined;

function align16(bytes: number): number {
  return (bytes + 15) & ~15;
}

/** The slot layout and the arithmetic are in wasm/; this class moves bytes in and out, keeps the list of free slots, and hands long data to node:crypto. */
class WasmCipher implements PacketCipher {
  readonly slotsMax: number;
  readonly #module: PacketModule;
  readonly #memory: Buffer;
  readonly #view: DataView;
  readonly #random: RandomPool;
  readonly #input: number;
  readonly #plain: number;
  readonly #opened: number;
  readonly #output: number;
  readonly #randomAt: number;
  readonly #digest: number;
  readonly #batchSlots: Uint32Array;
  readonly #batchFramings: Uint32Array;
  readonly #batchHeads: number;
  readonly #batchSpans: Uint32Array;
  readonly #taken: Uint8Array;
  /** Freed slots, used again last in, first out, so that few pages are touched. */
  readonly #free: number[] = [];
  #neverUsed = 0;
  #used = 0;

  constructor(slots: number, random: (bytes: Uint8Array) => void) {
    this.slotsMax = slots;
    // Fixed for ever: growing would detach every view. Pages that are never touched cost no memory.
    const pages = Math.ceil((FIXED_BYTES + (slots + 1) * SLOT_BYTES) / PAGE_BYTES);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    compiled ??= new WebAssembly.Module(Buffer.from(PACKET_MODULE, 'base64'));
    const module = new WebAssembly.Instance(compiled, { env: { memory } }).exports as PacketModule;
    if (!module.initialize(slots)) throw new Error('the packet module needs more memory than was reserved');
    this.#module = module;
    this.#memory = Buffer.from(memory.buffer);
    this.#view = new DataView(memory.buffer);
    this.#random = new RandomPool(random);
    this.#input = module.inputAddress();
    this.#plain = module.plainAddress();
    this.#opened = module.openedAddress();
    this.#output = module.outputAddress();
    this.#randomAt = module.randomAddress();
    this.#digest = module.digestAddress();
    this.#batchSlots = new Uint32Array(memory.buffer, module.batchSlotsAddress(), BATCH_PACKETS_MAX);
    this.#batchFramings = new Uint32Array(memory.buffer, module.batchFramingsAddress(), BATCH_PACKETS_MAX);
    this.#batchHeads = module.batchHeadsAddress();
    this.#batchSpans = new Uint32Array(memory.buffer, module.batchSpansAddress(), 2 * BATCH_PACKETS_MAX);
    this.#taken = new Uint8Array(slots);
    this.#warmUp();
  }

  #warmUp(): void {
    const bodyBytes = align16(224);
    this.#batchSlots.fill(this.slotsMax, 0, LANES);
    this.#module.prepareBody(bodyBytes);
    for (let i = 0; i < WARM_UP_BATCHES; i++) this.#module.sealLanes(LANES, bodyBytes, 512);
    for (let i = 0; i < WARM_UP_BATCHES; i++) this.#module.seal(this.slotsMax, FRAMING.bare, 0n, 0, 208, 256);
  }

  get slotsUsed(): number {
    return this.#used;
  }

  allocate(): Slot {
    const slot = this.#free.pop() ?? (this.#neverUsed < this.slotsMax ? this.#neverUsed++ : NO_SLOT);
    if (slot === NO_SLOT) return NO_SLOT;
    this.#taken[slot] = 1;
    this.#used += 1;
    return slot as Slot;
  }

  release(slot: Slot): void {
    this.#check(slot);
    this.#module.clearSlot(slot);
    this.#taken[slot] = 0;
    this.#used -= 1;
    this.#free.push(slot);
  }

  #check(slot: Slot): void {
    if (this.#taken[slot] !== 1) throw new Error(`slot ${slot} is free`);
  }

  setAuthKey(slot: Slot, keyId: bigint, authKey: Uint8Array): void {
    this.#check(slot);
    if (authKey.length < 128) throw new RangeError('an auth key has 256 bytes');
    this.#memory.set(authKey.subarray(0, 128), this.#input);
    this.#module.setAuthKey(slot, keyId);
  }

  authKeyId(slot: Slot): bigint {
    this.#check(slot);
    return BigInt.asUintN(64, this.#module.keyId(slot));
  }

  setSession(slot: Slot, salt: bigint, sessionId: bigint): void {
    this.#check(slot);
    this.#module.setSession(slot, salt, sessionId);
  }

  setObfuscation(slot: Slot, inboundKey: Uint8Array, inboundIv: Uint8Array, outboundKey: Uint8Array, outboundIv: Uint8Array): void {
    this.#check(slot);
    this.#memory.set(inboundKey, this.#input);
    this.#memory.set(inboundIv, this.#input + 32);
    this.#memory.set(outboundKey, this.#input + 48);
    this.#memory.set(outboundIv, this.#input + 80);
    this.#module.setObfuscation(slot);
  }

  decryptStream(slot: Slot, bytes: Uint8Array): void {
    this.#check(slot);
    if (!this.#module.isObfuscated(slot)) return;
    if (bytes.length >= NODE_STREAM_BYTES_MIN) return this.#applyNodeStream(this.#module.slotAt(slot) + SLOT_INBOUND_STREAM, bytes);
    this.#memory.set(bytes, this.#input);
    this.#module.applyInbound(slot, bytes.length);
    bytes.set(this.#memory.subarray(this.#input, this.#input + bytes.length));
  }

  encryptStream(slot: Slot, bytes: Uint8Array): void {
    this.#check(slot);
    if (!this.#module.isObfuscated(slot)) return;
    if (bytes.length >= NODE_STREAM_BYTES_MIN) return this.#applyNodeStream(this.#module.slotAt(slot) + SLOT_OUTBOUND_STREAM, bytes);
    this.#memory.set(bytes, this.#input);
    this.#module.applyOutbound(slot, bytes.length);
    bytes.set(this.#memory.subarray(this.#input, this.#input + bytes.length));
  }

  /** Long pieces go through node:crypto, which has the processor's own AES: takes the stream's state out of the slot and puts it back moved on. */
  #applyNodeStream(state: number, bytes: Uint8Array): void {
    const view = this.#view;
    const used = view.getUint32(state, true);
    const counter = Buffer.allocUnsafe(16);
    const high = view.getBigUint64(state + STREAM_COUNTER_HIGH, true);
    const low = view.getBigUint64(state + STREAM_COUNTER_LOW, true);
    counter.writeBigUInt64BE(high, 0);
    counter.writeBigUInt64BE(low, 8);
    const keyAt = state + STREAM_ROUND_KEYS;
    // The first two round keys of AES-256 are the key itself.
    const cipher = createCipheriv('aes-256-ctr', this.#memory.subarray(keyAt, keyAt + 32), counter);
    if (used > 0) cipher.update(Buffer.alloc(used));
    bytes.set(cipher.update(bytes));
    const end = used + bytes.length;
    const moved = low + BigInt(Math.floor(end / 16));
    view.setBigUint64(state + STREAM_COUNTER_LOW, BigInt.asUintN(64, moved), true);
    if (moved >> 64n !== 0n) view.setBigUint64(state + STREAM_COUNTER_HIGH, BigInt.asUintN(64, high + 1n), true);
    view.setUint32(state, end % 16, true);
  }

  open(slot: Slot, packet: Uint8Array, into: OpenedPacket): boolean {
    this.#check(slot);
    const bytes = packet.length - PACKET_HEADER_BYTES;
    if (bytes < PLAINTEXT_BYTES_MIN || bytes % 16 !== 0 || packet.length > PACKET_BYTES_MAX) return false;
    this.#memory.set(packet, this.#input);
    this.#module.decrypt(slot, bytes);
    const genuine = bytes < NODE_HASH_BYTES_MIN ? this.#module.verify(slot, bytes) : this.#verifyLong(slot, bytes);
    const view = this.#view;
    const plain = this.#opened;
    const keyId = this.#module.keyId(slot);
    const bodyBytes = view.getUint32(plain + 28, true);
    const padding = bytes - PLAINTEXT_HEADER_BYTES - bodyBytes;
    const wellFormed = bodyBytes % 4 === 0 && padding >= PADDING_BYTES_MIN && padding <= PADDING_BYTES_MAX;
    const isOurs = keyId !== 0n && keyId === view.getBigInt64(this.#input, true);
    if (!genuine || !isOurs || !wellFormed) return false;
    into.salt = view.getBigUint64(plain, true);
    into.sessionId = view.getBigUint64(plain + 8, true);
    into.messageId = view.getBigUint64(plain + 16, true);
    into.seqNo = view.getUint32(plain + 24, true);
    into.body = this.#memory.subarray(plain + PLAINTEXT_HEADER_BYTES, plain + PLAINTEXT_HEADER_BYTES + bodyBytes);
    into.quickAckToken = (view.getUint32(this.#digest, true) | 0x80000000) >>> 0;
    return true;
  }

  #verifyLong(slot: Slot, bytes: number): number {
    const keyPart = this.#module.slotAt(slot) + SLOT_AUTH_KEY + 88;
    const hash = createHash('sha256').update(this.#memory.subarray(keyPart, keyPart + 32)).update(this.#memory.subarray(this.#opened, this.#opened + bytes));
    hash.digest().copy(this.#memory, this.#digest);
    return this.#module.compare();
  }

  seal(slot: Slot, framing: Framing, messageId: bigint, seqNo: number, body: Uint8Array, fullSeqNo = 0, headroom = 0): Buffer {
    if (body.length > BODY_BYTES_MAX || body.length % 4 !== 0) throw new RangeError(`a body of ${body.length} bytes can not be sealed`);
    return this.#sealOne(this.#random.take(MESSAGE_RANDOM_BYTES), slot, framing, messageId, seqNo, body, fullSeqNo, headroom);
  }

  #sealOne(random: Uint8Array, slot: Slot, framing: Framing, messageId: bigint, seqNo: number, body: Uint8Array, fullSeqNo: number, headroom: number): Buffer {
    this.#check(slot);
    if (body.length >= CBC_BODY_BYTES_MIN) return this.#sealLong(random, slot, framing, messageId, seqNo, body, fullSeqNo, headroom);
    const memory = this.#memory;
    const bodyAt = this.#plain + PLAINTEXT_HEADER_BYTES;
    const bytes = PLAINTEXT_HEADER_BYTES + body.length + paddingBytes(body.length);
    memory.set(body, bodyAt);
    memory.set(random, bodyAt + body.length);
    memory.set(random, this.#randomAt);
    const end = this.#module.seal(slot, framing, messageId, seqNo, body.length, bytes);
    const payloadBytes = end - FRAME_LEAD_BYTES;
    const headerBytes = frameHeaderBytes(framing, payloadBytes);
    const out = Buffer.allocUnsafe(headroom + headerBytes + payloadBytes + frameTrailerBytes(framing));
    memory.copy(out, headroom, this.#output + FRAME_LEAD_BYTES - headerBytes, this.#output + end);
    // A full frame's checksum covers what is encrypted; such connections are never obfuscated.
    if (framing === FRAMING.full) writeFrame(out, headroom + headerBytes, payloadBytes, framing, fullSeqNo);
    return out;
  }

  #sealLong(random: Uint8Array, slot: Slot, framing: Framing, messageId: bigint, seqNo: number, body: Uint8Array, fullSeqNo: number, headroom: number): Buffer {
    const at = this.#module.slotAt(slot);
    const plaintext = buildPlaintext(this.#view.getBigUint64(at + SLOT_SALT, true), this.#view.getBigUint64(at + SLOT_SESSION, true), messageId, seqNo, body, random);
    const packet = encryptPacket(this.#memory.subarray(at + SLOT_AUTH_KEY, at + SLOT_AUTH_KEY + 128), this.authKeyId(slot), 8, plaintext);
    const out = buildFrame(packet, framing, fullSeqNo, headroom, random);
    this.encryptStream(slot, out.subarray(headroom));
    return out;
  }

  sealMany(request: SealManyRequest): void {
    const { body, count } = request;
    if (body.length > BODY_BYTES_MAX || body.length % 4 !== 0) throw new RangeError(`a body of ${body.length} bytes can not be sealed`);
    const random = this.#random.take(MESSAGE_RANDOM_BYTES);
    if (count < BATCH_COUNT_MIN || body.length > BATCH_BODY_BYTES_MAX) this.#sealEach(request, random);
    else this.#sealInLanes(request, random);
  }

  #sealEach(request: SealManyRequest, random: Uint8Array): void {
    const frames: Buffer[] = [];
    let at = 0;
    for (let i = 0; i < request.count; i++) {
      const frame = this.#sealOne(random, request.slots[i] as Slot, request.framings[i] as Framing, request.messageIds[i] as bigint, request.seqNos[i] as number, request.body,
        request.fullSeqNos[i] as number, BATCH_HEADROOM);
      frames.push(frame);
      request.starts[i] = at + BATCH_HEADROOM;
      at += frame.length;
      request.ends[i] = at;
    }
    request.bytes = Buffer.concat(frames, at);
  }

  #sealInLanes(request: SealManyRequest, random: Uint8Array): void {
    const { body, count } = request;
    const memory = this.#memory;
    const bodyBytes = body.length + paddingBytes(body.length);
    const packetBytes = PACKET_HEADER_BYTES + PLAINTEXT_HEADER_BYTES + bodyBytes;
    // Behind the packet: a padded transport's padding or a full frame's checksum.
    const stride = align16(FRAME_LEAD_BYTES + packetBytes + 8);
    const passMax = Math.min(BATCH_PACKETS_MAX, Math.floor(AREA_BYTES / stride) & ~(LANES - 1));
    memory.set(body, this.#plain);
    memory.set(random, this.#plain + body.length);
    memory.set(random, this.#randomAt);
    this.#module.prepareBody(bodyBytes);
    const bytes = request.bytes.length >= count * stride ? request.bytes : Buffer.allocUnsafeSlow(count * stride);
    for (let first = 0; first < count; first += passMax) {
      const pass = Math.min(passMax, count - first);
      this.#loadLanes(request, first, pass);
      this.#module.sealLanes((pass + LANES - 1) & ~(LANES - 1), bodyBytes, stride);
      memory.copy(bytes, first * stride, this.#output, this.#output + pass * stride);
      for (let i = 0; i < pass; i++) {
        request.starts[first + i] = first * stride + (this.#batchSpans[2 * i] as number);
        request.ends[first + i] = first * stride + (this.#batchSpans[2 * i + 1] as number);
        if (request.framings[first + i] === FRAMING.full) finishFull(request, bytes, first + i);
      }
    }
    request.bytes = bytes;
  }

  /** Writes what differs from packet to packet; lanes without one work on the slot behind the last. */
  #loadLanes(request: SealManyRequest, first: number, pass: number): void {
    const view = this.#view;
    for (let i = 0; i < pass; i++) {
      const slot = request.slots[first + i] as Slot;
      this.#check(slot);
      this.#batchSlots[i] = slot;
      this.#batchFramings[i] = request.framings[first + i] as number;
      const head = this.#batchHeads + 16 * i;
      view.setBigUint64(head, request.messageIds[first + i] as bigint, true);
      view.setUint32(head + 8, request.seqNos[first + i] as number, true);
      view.setUint32(head + 12, request.body.length, true);
    }
    const lanes = (pass + LANES - 1) & ~(LANES - 1);
    this.#batchSlots.fill(this.slotsMax, pass, lanes);
    this.#batchFramings.fill(FRAMING.bare, pass, lanes);
  }
}

/** Puts length, sequence number and checksum around a packet of a batch. */
function finishFull(request: SealManyRequest, bytes: Buffer, index: number): void {
  const at = request.starts[index] as number;
  const payloadBytes = (request.ends[index] as number) - at;
  writeFrame(bytes, at, payloadBytes, FRAMING.full, request.fullSeqNos[index] as number);
  request.starts[index] = at - frameHeaderBytes(FRAMING.full, payloadBytes);
  request.ends[index] = at + payloadBytes + frameTrailerBytes(FRAMING.full);
}

/**
 * The packet module in WebAssembly. `slots` bounds the connections (default SLOTS_MAX); pages of slots never used are never committed. `random` fills
 * its argument with cryptographically random bytes (tests pass their own). Compiles on the first call of the process (≈ 10 ms).
 */
export function createPacketCipher(options: { slots?: number; random?: (bytes: Uint8Array) => void } = {}): PacketCipher {
  return new WasmCipher(options.slots ?? SLOTS_MAX, options.random ?? randomFillSync);
}
