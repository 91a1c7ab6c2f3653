import { crc32 } from 'node:zlib';
import { randomInt, randomBytes } from 'node:crypto';
import { HTTP_HEAD_BYTES_MAX, PACKET_BYTES_MAX, UNENCRYPTED_PACKET_BYTES_MAX } from '../limits';
import { FRAMING, type Framing, type PacketCipher, type Slot } from '../packet/cipher';
import { FULL_OVERHEAD_BYTES, frameHeaderBytes, frameTrailerBytes, writeFrame } from './framing';
import { OBFUSCATION_INIT_BYTES, startObfuscation } from './obfuscation';
import { readProxyHeader } from './proxy-protocol';
import type { TransportErrorCode } from './transport-error';
import { WEB_SOCKET_HEADER_BYTES_MAX, WebSocketReader, answerHttp, closeFrame, writeWebSocketHeader, type WebSocketSink } from './web-socket';

/** Why a transport ended. All but `closed` are the peer's fault; the gateway closes the socket without an answer. */
export type TransportFault =
  | 'closed' // WebSocket close handshake done
  | 'http' // an HTTP request that is no WebSocket upgrade; it was answered
  | 'unknown-transport'
  | 'bad-frame'
  | 'frame-too-long'
  | 'bad-checksum'
  | 'bad-sequence'
  | 'bad-web-socket'
  | 'bad-proxy-header'
  | 'bad-obfuscation';

/** What a transport tells its connection. Implemented by the gateway's connection object itself, so that none holds a closure. */
export interface TransportSink {
  /** One MTProto packet, encrypted or not. `packet` is valid during the call only. `quickAck`: the client asked for a quick ack. */
  onPacket(packet: Buffer, quickAck: boolean): void;
  /** Bytes to send now (an HTTP answer, a WebSocket pong or close). The bytes are the sink's. */
  onOutput(bytes: Buffer): void;
  /** The transport is over; nothing more will be read. Called at most once. */
  onFault(fault: TransportFault): void;
  /** The address of the client, from a trusted PROXY protocol header. */
  onAddress(address: string): void;
  /** Bytes of memory that the transport holds from now on for something that is not complete yet. The sink may destroy the transport, or another's. */
  onHeld(bytes: number): void;
}

/** Shared by all connections of a listener. */
export interface TransportSettings {
  /** Expect a PROXY protocol v1 or v2 header first on every connection (it is then required). Only for listeners that just a balancer can reach. */
  readonly trustProxy: boolean;
  /** MTProxy-style secret (16 bytes) that obfuscated connections may use; undefined for none. */
  readonly secret?: Uint8Array;
}

const NOTHING = Buffer.alloc(0);

/** What the next bytes are. */
const PHASE = { proxyHeader: 0, firstBytes: 1, httpHead: 2, frames: 3, over: 4 } as const;
type Phase = (typeof PHASE)[keyof typeof PHASE];

/** Bit of a length that asks for a quick ack. */
const QUICK_ACK_BIT = 0x80000000;
const ABRIDGED_TAG = 0xef;
const INTERMEDIATE_TAG = 0xeeeeeeee;
const PADDED_TAG = 0xdddddddd;
const HTTP_METHODS = new Set(['GET ', 'POST', 'HEAD', 'OPTI', 'PUT ', 'DELE']);
const HTTP_HEAD_END = Buffer.from('\r\n\r\n');
/** A full frame carries at least a transport error's worth of payload. */
const FULL_FRAME_BYTES_MIN = FULL_OVERHEAD_BYTES + 4;
/** Bytes that a partial frame's buffer starts with; it doubles up to the frame's length, so that memory follows what was really received. */
const PARTIAL_BYTES_MIN = 1_024;
/** What an encrypted packet's data begins after: key id and msg_key. */
const ENCRYPTED_HEADER_BYTES = 24;

const FRAMING_NAMES: Record<Framing, string> = {
  [FRAMING.bare]: 'unknown', [FRAMING.abridged]: 'abridged', [FRAMING.intermediate]: 'intermediate', [FRAMING.padded]: 'padded', [FRAMING.full]: 'full',
};

/**
 * Everything between a socket's bytes and MTProto packets, for one connection: finds out the transport from the first bytes (abridged, intermediate,
 * padded intermediate, full, obfuscated, WebSocket), cuts frames, frames answers. Small on purpose: keys and stream ciphers live in the cipher's slot.
 *
 * Whatever it returns must be written to the socket in the order of the calls: obfuscation is one stream. After `destroy` (or a fault) it returns no
 * bytes, so that an answer that comes too late can't reach a slot that is another connection's by then.
 * Source: core.telegram.org/mtproto/mtproto-transports
 */
export class Transport implements WebSocketSink {
  readonly cipher: PacketCipher;
  readonly slot: Slot;
  readonly #settings: TransportSettings;
  #phase: Phase;
  #framing: Framing = FRAMING.bare;
  #obfuscated = false;
  #requestedDc: number | undefined = undefined;
  #webSocket: WebSocketReader | undefined = undefined;
  /** Start of something that is not complete: the first bytes, an HTTP head, or a frame. */
  #partial: Buffer | undefined = undefined;
  #partialBytes = 0;
  #fullSeqNoIn = 0;
  #fullSeqNoOut = 0;
  /** The receiver during `receive`. */
  #sink: TransportSink | undefined = undefined;

  constructor(cipher: PacketCipher, slot: Slot, settings: TransportSettings) {
    this.cipher = cipher;
    this.slot = slot;
    this.#settings = settings;
    this.#phase = settings.trustProxy ? PHASE.proxyHeader : PHASE.firstBytes;
  }

  /** `abridged`, `obfuscated intermediate`, `websocket obfuscated padded` …, `unknown` before the first bytes: for metrics. */
  get name(): string {
    return `${this.#webSocket ? 'websocket ' : ''}${this.#obfuscated ? 'obfuscated ' : ''}${FRAMING_NAMES[this.#framing]}`;
  }

  /** The data center that an obfuscated client says it wants (int16 of the init packet; negative media, ±10000 test), else undefined. */
  get requestedDc(): number | undefined {
    return this.#requestedDc;
  }

  /** How packets are framed; `bare` until the first bytes told. */
  get framing(): Framing {
    return this.#framing;
  }

  /** True after `destroy` or a fault. */
  get isOver(): boolean {
    return this.#isOver();
  }

  get isWebSocket(): boolean {
    return this.#webSocket !== undefined;
  }

  /** Takes bytes as they came off the socket (and may change them in place: obfuscation). Calls the sink, possibly several times. Ignores bytes after a fault. */
  receive(chunk: Buffer, sink: TransportSink): void {
    this.#sink = sink;
    if (this.#webSocket) this.#webSocket.receive(chunk, this);
    else this.#stream(chunk);
    this.#sink = undefined;
  }

  /** WebSocketSink: payload of data frames is the byte stream of an obfuscated transport. */
  onPayload(bytes: Buffer): void {
    this.#stream(bytes);
  }

  /** WebSocketSink. */
  onReply(bytes: Buffer): void {
    if (this.#phase !== PHASE.over) this.#sink?.onOutput(bytes);
  }

  /** WebSocketSink. */
  onEnd(violation: boolean): void {
    this.#fail(violation ? 'bad-web-socket' : 'closed');
  }

  #fail(fault: TransportFault): void {
    if (this.#phase === PHASE.over) return;
    const sink = this.#sink;
    this.destroy();
    sink?.onFault(fault);
  }

  #stream(chunk: Buffer): void {
    if (this.#phase === PHASE.over) return;
    if (this.#phase === PHASE.frames) {
      if (this.#obfuscated) this.cipher.decryptStream(this.slot, chunk);
      this.#cut(chunk);
      return;
    }
    const collected = this.#partial ? Buffer.concat([this.#partial, chunk]) : chunk;
    if (this.#partial) this.#hold(undefined);
    const rest = this.#opening(collected);
    // The steps of an opening keep their own rest when they need more.
    if (rest === undefined) this.#hold(copyOf(collected, collected.length));
    else if (rest.length > 0) this.#stream(rest);
  }

  /** What is held of something incomplete changes. Afterwards the transport may be over. */
  #hold(partial: Buffer | undefined): void {
    this.#partial = partial;
    this.#sink?.onHeld(partial === undefined ? 0 : partial.length);
  }

  /** One step of what precedes the frames. Answers the bytes behind it, or undefined when it needs more. */
  #opening(bytes: Buffer): Buffer | undefined {
    switch (this.#phase) {
      case PHASE.proxyHeader: return this.#readProxy(bytes);
      case PHASE.httpHead: return this.#readHttp(bytes);
      default: return this.#readFirstBytes(bytes);
    }
  }

  #end(fault: TransportFault): Buffer {
    this.#fail(fault);
    return NOTHING;
  }

  #readProxy(bytes: Buffer): Buffer | undefined {
    const header = readProxyHeader(bytes);
    if (header === 'bad') return this.#end('bad-proxy-header');
    if (header === 'more') return undefined;
    this.#phase = PHASE.firstBytes;
    if (header.address !== undefined) this.#sink?.onAddress(header.address);
    return bytes.subarray(header.bytes);
  }

  #readFirstBytes(bytes: Buffer): Buffer | undefined {
    if (!this.#webSocket) {
      if (bytes[0] === ABRIDGED_TAG) return this.#begin(FRAMING.abridged, bytes.subarray(1));
      if (bytes.length < 4) return undefined;
      const first = bytes.readUInt32LE(0);
      if (first === INTERMEDIATE_TAG) return this.#begin(FRAMING.intermediate, bytes.subarray(4));
      if (first === PADDED_TAG) return this.#begin(FRAMING.padded, bytes.subarray(4));
      if (HTTP_METHODS.has(bytes.toString('latin1', 0, 4))) {
        this.#phase = PHASE.httpHead;
        return bytes;
      }
      if (bytes.length < 8) return undefined;
      // Obfuscated connections never have zeros here; a full frame has its sequence number 0.
      if (bytes.readUInt32LE(4) === 0) return this.#begin(FRAMING.full, bytes);
    }
    if (bytes.length < OBFUSCATION_INIT_BYTES) return undefined;
    const start = startObfuscation(this.cipher, this.slot, bytes, this.#settings.secret);
    if (!start) return this.#end(this.#webSocket ? 'bad-obfuscation' : 'unknown-transport');
    this.#obfuscated = true;
    this.#requestedDc = start.dc;
    return this.#begin(start.framing, bytes.subarray(OBFUSCATION_INIT_BYTES));
  }

  #begin(framing: Framing, rest: Buffer): Buffer {
    this.#framing = framing;
    this.#phase = PHASE.frames;
    return rest;
  }

  #readHttp(bytes: Buffer): Buffer | undefined {
    const end = bytes.indexOf(HTTP_HEAD_END);
    if (end < 0 && bytes.length < HTTP_HEAD_BYTES_MAX) return undefined;
    if (end < 0 || end > HTTP_HEAD_BYTES_MAX) return this.#end('http');
    const answer = answerHttp(bytes.toString('latin1', 0, end));
    this.#sink?.onOutput(answer.bytes);
    if (!answer.upgraded || this.#isOver()) return this.#end('http');
    this.#phase = PHASE.firstBytes;
    this.#webSocket = new WebSocketReader();
    this.#webSocket.receive(bytes.subarray(end + HTTP_HEAD_END.length), this);
    return NOTHING;
  }

  /** Bytes of a frame's header, given its first byte. */
  #headerBytes(first: number): number {
    if (this.#framing === FRAMING.abridged) return (first & 0x7f) === 0x7f ? 4 : 1;
    return 4;
  }

  /** Bytes of the frame that begins at `at` with a complete header, or 0 after a fault. */
  #frameBytes(bytes: Buffer, at: number): number {
    const first = bytes[at] as number;
    let frameBytes: number;
    let payloadMin = 4;
    if (this.#framing === FRAMING.abridged) {
      frameBytes = (first & 0x7f) === 0x7f ? 4 + bytes.readUIntLE(at + 1, 3) * 4 : 1 + (first & 0x7f) * 4;
      payloadMin = 5;
    } else if (this.#framing === FRAMING.full) {
      frameBytes = bytes.readUInt32LE(at);
      payloadMin = FULL_FRAME_BYTES_MIN;
    } else {
      frameBytes = 4 + (bytes.readUInt32LE(at) & ~QUICK_ACK_BIT);
      payloadMin = 8;
    }
    if (frameBytes > PACKET_BYTES_MAX) {
      this.#fail('frame-too-long');
      return 0;
    }
    if (frameBytes < payloadMin) {
      this.#fail('bad-frame');
      return 0;
    }
    return frameBytes;
  }

  /** Cuts frames out of a chunk. A frame inside one chunk is handed on as a view of it; only a frame across chunks is copied together. */
  #cut(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length && this.#phase === PHASE.frames) {
      if (this.#partial) {
        at = this.#continuePartial(chunk, at);
        continue;
      }
      const available = chunk.length - at;
      const headerBytes = this.#headerBytes(chunk[at] as number);
      if (available < headerBytes) return this.#keepPartial(chunk, at, headerBytes);
      const frameBytes = this.#frameBytes(chunk, at);
      if (frameBytes === 0) return;
      if (available < frameBytes) return this.#keepPartial(chunk, at, frameBytes);
      this.#deliver(chunk.subarray(at, at + frameBytes));
      at += frameBytes;
    }
  }

  #keepPartial(chunk: Buffer, at: number, wanted: number): void {
    const rest = chunk.subarray(at);
    this.#partialBytes = rest.length;
    this.#hold(copyOf(rest, Math.min(wanted, Math.max(2 * rest.length, PARTIAL_BYTES_MIN))));
    this.#checkPartial();
  }

  /** Whoever has no key yet says little: a long packet outside encryption is refused before more of it is kept. */
  #checkPartial(): void {
    const partial = this.#partial;
    if (partial === undefined || this.#partialBytes <= UNENCRYPTED_PACKET_BYTES_MAX) return;
    const keyIdAt = this.#framing === FRAMING.full ? 8 : this.#headerBytes(partial[0] as number);
    if (partial.readUInt32LE(keyIdAt) === 0 && partial.readUInt32LE(keyIdAt + 4) === 0) this.#fail('frame-too-long');
  }

  /** Fills the partial frame from the chunk; answers the position after what it took. */
  #continuePartial(chunk: Buffer, from: number): number {
    let at = from;
    for (;;) {
      const partial = this.#partial as Buffer;
      const headerBytes = this.#headerBytes(partial[0] as number);
      const headerKnown = this.#partialBytes >= headerBytes;
      const wanted = headerKnown ? this.#frameBytes(partial, 0) : headerBytes;
      if (wanted === 0) return chunk.length;
      const taken = Math.min(wanted - this.#partialBytes, chunk.length - at);
      this.#reserve(this.#partialBytes + taken, wanted);
      if (this.#partial === undefined) return chunk.length;
      chunk.copy(this.#partial, this.#partialBytes, at, at + taken);
      this.#partialBytes += taken;
      at += taken;
      if (this.#partialBytes < wanted) {
        this.#checkPartial();
        return at;
      }
      if (headerKnown) {
        const frame = this.#partial.subarray(0, wanted);
        this.#partialBytes = 0;
        this.#hold(undefined);
        this.#deliver(frame);
        return at;
      }
    }
  }

  /** Makes room; nothing is held afterwards if the sink ended the transport over it. */
  #reserve(needed: number, wanted: number): void {
    const partial = this.#partial as Buffer;
    if (partial.length >= needed) return;
    this.#hold(copyOf(partial.subarray(0, this.#partialBytes), Math.max(needed, Math.min(wanted, 2 * partial.length))));
  }

  #deliver(frame: Buffer): void {
    const sink = this.#sink as TransportSink;
    const first = frame[0] as number;
    switch (this.#framing) {
      case FRAMING.abridged:
        sink.onPacket(frame.subarray(this.#headerBytes(first)), (first & 0x80) !== 0);
        return;
      case FRAMING.full: {
        const end = frame.length - 4;
        if (crc32(frame.subarray(0, end)) !== frame.readUInt32LE(end)) return this.#fail('bad-checksum');
        if (frame.readUInt32LE(4) !== this.#fullSeqNoIn) return this.#fail('bad-sequence');
        this.#fullSeqNoIn = (this.#fullSeqNoIn + 1) >>> 0;
        sink.onPacket(frame.subarray(8, end), false);
        return;
      }
      case FRAMING.padded:
        sink.onPacket(withoutPadding(frame.subarray(4)), (frame[3] as number) >= 0x80);
        return;
      default:
        sink.onPacket(frame.subarray(4), (frame[3] as number) >= 0x80);
    }
  }

  /** The number that the next full frame carries (0 on other transports). PacketBatch takes one per frame. */
  takeFullSeqNo(): number {
    if (this.#framing !== FRAMING.full) return 0;
    const seqNo = this.#fullSeqNoOut;
    this.#fullSeqNoOut = (seqNo + 1) >>> 0;
    return seqNo;
  }

  /** Wire bytes of a packet that is already complete (unencrypted handshake answers). */
  frame(packet: Uint8Array): Buffer {
    if (this.#isOver()) return NOTHING;
    const padding = this.#framing === FRAMING.padded && packet.length > 4 ? randomInt(4) : 0;
    const payloadBytes = packet.length + padding;
    const headroom = this.#headroom();
    const at = headroom + frameHeaderBytes(this.#framing, payloadBytes);
    const out = Buffer.alloc(at + payloadBytes + frameTrailerBytes(this.#framing));
    out.set(packet, at);
    if (padding > 0) out.set(randomBytes(padding), at + packet.length);
    writeFrame(out, at, payloadBytes, this.#framing, this.takeFullSeqNo());
    this.cipher.encryptStream(this.slot, out.subarray(headroom));
    return this.#wrap(out, headroom);
  }

  /** Wire bytes of one message, encrypted for the slot's key and session. See PacketCipher.seal. */
  seal(messageId: bigint, seqNo: number, body: Uint8Array): Buffer {
    if (this.#isOver()) return NOTHING;
    const headroom = this.#headroom();
    return this.#wrap(this.cipher.seal(this.slot, this.#framing, messageId, seqNo, body, this.takeFullSeqNo(), headroom), headroom);
  }

  /** Wire bytes of a transport error. */
  error(code: TransportErrorCode): Buffer {
    const packet = Buffer.alloc(4);
    packet.writeInt32LE(code);
    return this.frame(packet);
  }

  /** Wire bytes of a quick ack (`OpenedPacket.quickAckToken`), which stands without a frame; undefined where the transport has none (full). */
  quickAck(token: number): Buffer | undefined {
    if (this.#framing === FRAMING.full || this.#isOver()) return undefined;
    const headroom = this.#headroom();
    const out = Buffer.alloc(headroom + 4);
    if (this.#framing === FRAMING.abridged) out.writeUInt32BE(token, headroom);
    else out.writeUInt32LE(token, headroom);
    this.cipher.encryptStream(this.slot, out.subarray(headroom));
    return this.#wrap(out, headroom);
  }

  /** Wire bytes that end the transport politely (WebSocket close), if it has any. */
  goodbye(): Buffer | undefined {
    return this.#webSocket && this.#phase !== PHASE.over ? closeFrame() : undefined;
  }

  /** Forgets buffered bytes; later bytes are ignored. The slot is the caller's to release. */
  destroy(): void {
    this.#phase = PHASE.over;
    this.#partial = undefined;
    this.#partialBytes = 0;
  }

  /** The sink may have destroyed the transport from inside a call. */
  #isOver(): boolean {
    return this.#phase === PHASE.over;
  }

  #headroom(): number {
    return this.#webSocket ? WEB_SOCKET_HEADER_BYTES_MAX : 0;
  }

  #wrap(out: Buffer, headroom: number): Buffer {
    return this.#webSocket ? out.subarray(writeWebSocketHeader(out, headroom, out.length - headroom)) : out;
  }
}

/** The bytes at the start of a buffer of their own, which is `capacity` long: a view would keep what it views, the pool's slab among it. */
function copyOf(bytes: Buffer, capacity: number): Buffer {
  const copy = Buffer.allocUnsafeSlow(capacity);
  bytes.copy(copy);
  return copy;
}

/** A padded frame doesn't say where its packet ends. Encrypted data is whole blocks; an unencrypted message names its length itself. */
function withoutPadding(payload: Buffer): Buffer {
  const isEncrypted = payload.length > ENCRYPTED_HEADER_BYTES && payload.readBigUInt64LE(0) !== 0n;
  return isEncrypted ? payload.subarray(0, ENCRYPTED_HEADER_BYTES + ((payload.length - ENCRYPTED_HEADER_BYTES) & ~15)) : payload;
}
