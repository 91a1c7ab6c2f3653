import { createCipheriv, createHash, randomBytes, type Cipher } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** What comes out of a transport: a packet, or the token of a quick ack. */
export type Frame = { readonly packet: Buffer; readonly quickAck?: undefined } | { readonly quickAck: number; readonly packet?: undefined };

/** The client's side of a transport. Stateful: one per connection. */
export interface TransportCodec {
  /** Bytes that open the connection. */
  readonly opening: Buffer;
  /** Wire bytes of a packet; `quickAck` asks for one. */
  frame(packet: Buffer, quickAck?: boolean): Buffer;
  /** Wire bytes of something that is no frame: obfuscated and wrapped like one. */
  wrap(bytes: Buffer): Buffer;
  /** Takes what the socket gave. Throws when the server breaks the transport's rules. */
  receive(bytes: Buffer): Frame[];
}

abstract class Framing implements TransportCodec {
  abstract readonly opening: Buffer;
  private rest: Buffer = Buffer.alloc(0);

  abstract frame(packet: Buffer, quickAck?: boolean): Buffer;
  /** One frame at the start of `bytes` and its length; undefined when it isn't complete. */
  protected abstract cut(bytes: Buffer): { frame: Frame; length: number } | undefined;

  wrap(bytes: Buffer): Buffer {
    return bytes;
  }

  receive(bytes: Buffer): Frame[] {
    this.rest = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
    const frames: Frame[] = [];
    for (let next = this.cut(this.rest); next !== undefined; next = this.cut(this.rest)) {
      frames.push(next.frame);
      this.rest = this.rest.subarray(next.length);
    }
    return frames;
  }
}

class Abridged extends Framing {
  readonly opening: Buffer = Buffer.from([0xef]);

  frame(packet: Buffer, quickAck = false): Buffer {
    const quarters = packet.length / 4;
    const bit = quickAck ? 0x80 : 0;
    const head = quarters < 127 ? Buffer.from([bit | quarters]) : Buffer.from([bit | 127, quarters & 255, (quarters >> 8) & 255, quarters >> 16]);
    return Buffer.concat([head, packet]);
  }

  protected cut(bytes: Buffer): { frame: Frame; length: number } | undefined {
    if (bytes.length < 4) return undefined;
    const first = bytes[0] as number;
    if (first & 0x80) return { frame: { quickAck: bytes.readUInt32BE(0) }, length: 4 };
    const header = first === 127 ? 4 : 1;
    const length = header + 4 * (first === 127 ? bytes.readUIntLE(1, 3) : first);
    return bytes.length < length ? undefined : { frame: { packet: Buffer.from(bytes.subarray(header, length)) }, length };
  }
}

class Intermediate extends Framing {
  readonly opening: Buffer;

  constructor(private readonly padded: boolean) {
    super();
    this.opening = Buffer.alloc(4, padded ? 0xdd : 0xee);
  }

  frame(packet: Buffer, quickAck = false): Buffer {
    const padding = this.padded ? randomBytes((randomBytes(1)[0] as number) & 15) : Buffer.alloc(0);
    const head = Buffer.alloc(4);
    head.writeUInt32LE((packet.length + padding.length + (quickAck ? 0x80000000 : 0)) >>> 0);
    return Buffer.concat([head, packet, padding]);
  }

  protected cut(bytes: Buffer): { frame: Frame; length: number } | undefined {
    if (bytes.length < 4) return undefined;
    const head = bytes.readUInt32LE(0);
    if (head >= 0x80000000) return { frame: { quickAck: head }, length: 4 };
    if (bytes.length < 4 + head) return undefined;
    let packet = Buffer.from(bytes.subarray(4, 4 + head));
    // An unencrypted message names its length; encrypted data is whole blocks; an error is four bytes, whatever comes behind.
    if (this.padded && packet.length >= 4 && packet.length < 20) packet = packet.subarray(0, 4);
    else if (this.padded && packet.length >= 24 && packet.readBigUInt64LE(0) !== 0n) packet = packet.subarray(0, 24 + ((packet.length - 24) & ~15));
    return { frame: { packet }, length: 4 + head };
  }
}

class Full extends Framing {
  readonly opening: Buffer = Buffer.alloc(0);
  private sent = 0;
  private received = 0;

  frame(packet: Buffer): Buffer {
    return this.forged(packet, {});
  }

  /** A frame with a wrong number or checksum. */
  forged(packet: Buffer, lies: { seqNo?: number; length?: number; checksum?: number }): Buffer {
    const frame = Buffer.alloc(packet.length + 12);
    frame.writeUInt32LE(lies.length ?? frame.length, 0);
    frame.writeUInt32LE(lies.seqNo ?? this.sent, 4);
    this.sent += 1;
    packet.copy(frame, 8);
    frame.writeUInt32LE((crc32(frame.subarray(0, -4)) ^ (lies.checksum ?? 0)) >>> 0, frame.length - 4);
    return frame;
  }

  protected cut(bytes: Buffer): { frame: Frame; length: number } | undefined {
    if (bytes.length < 4) return undefined;
    const length = bytes.readUInt32LE(0);
    if (bytes.length < length) return undefined;
    if (bytes.readUInt32LE(4) !== this.received++) throw new Error('the server counts its full frames wrongly');
    if (bytes.readUInt32LE(length - 4) !== crc32(bytes.subarray(0, length - 4))) throw new Error('the server sends a wrong checksum');
    return { frame: { packet: Buffer.from(bytes.subarray(8, length - 4)) }, length };
  }
}

export const abridged = (): TransportCodec => new Abridged();
export const intermediate = (): TransportCodec => new Intermediate(false);
export const padded = (): TransportCodec => new Intermediate(true);
export const full = (): Full => new Full();

/** 64 random bytes that are not the start of another transport. */
export function obfuscationInit(tag: Uint8Array, dc = 2): Buffer {
  const init = randomBytes(64);
  init[0] = 0x41 + ((init[0] as number) & 15);
  init.writeUInt32LE((init.readUInt32LE(4) | 1) >>> 0, 4);
  // Not "POST", "GET " or the like.
  init[1] = 0x80;
  init.set(Buffer.alloc(4, tag[0]), 56);
  init.writeInt16LE(dc, 60);
  return init;
}

/** Obfuscation over another transport, with an MTProxy-style secret if there is one. */
export function obfuscated(inner: TransportCodec, secret?: Uint8Array): TransportCodec {
  const init = obfuscationInit(inner.opening);
  const stream = (from: Buffer): Cipher => {
    const key = from.subarray(0, 32);
    return createCipheriv('aes-256-ctr', secret === undefined ? key : createHash('sha256').update(key).update(secret).digest(), from.subarray(32, 48));
  };
  const outgoing = stream(Buffer.from(init.subarray(8, 56)));
  const incoming = stream(Buffer.from(init.subarray(8, 56)).reverse());
  const opening = Buffer.concat([init.subarray(0, 56), outgoing.update(init).subarray(56)]);
  return {
    opening,
    frame: (packet, quickAck) => outgoing.update(inner.frame(packet, quickAck)),
    wrap: (bytes) => outgoing.update(inner.wrap(bytes)),
    receive: (bytes) => inner.receive(incoming.update(bytes)),
  };
}

export const WEB_SOCKET_OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** One WebSocket frame of a client; `lies` break RFC 6455. */
export function webSocketFrame(opcode: number, payload: Uint8Array, lies: { final?: boolean; masked?: boolean; reserved?: number; length?: number } = {}): Buffer {
  const length = lies.length ?? payload.length;
  const masked = lies.masked ?? true;
  const bit = masked ? 0x80 : 0;
  const head = length < 126 ? Buffer.from([0, bit | length]) : length < 65_536 ? Buffer.from([0, bit | 126, length >> 8, length & 255]) : Buffer.concat([Buffer.from([0, bit | 127, 0, 0]), Buffer.alloc(6)]);
  if (length >= 65_536) head.writeUIntBE(length, 4, 6);
  head[0] = (lies.final === false ? 0 : 0x80) | (lies.reserved ?? 0) | opcode;
  if (!masked) return Buffer.concat([head, payload]);
  const mask = randomBytes(4);
  return Buffer.concat([head, mask, Buffer.from(payload).map((byte, i) => byte ^ (mask[i & 3] as number))]);
}

export interface UpgradeRequest {
  method?: string;
  path?: string;
  version?: string;
  headers?: Record<string, string | undefined>;
}

export function upgradeRequest({ method = 'GET', path = '/apiws', version = 'HTTP/1.1', headers = {} }: UpgradeRequest = {}): Buffer {
  const all: Record<string, string | undefined> = {
    Host: 'localhost', Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': randomBytes(16).toString('base64'), 'Sec-WebSocket-Protocol': 'binary', ...headers,
  };
  const lines = Object.entries(all).filter(([, value]) => value !== undefined).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${method} ${path} ${version}\r\n${lines.join('')}\r\n`);
}

/** WebSocket around another transport. `pieces`: bytes of payload per frame, as one fragmented message. */
export function webSocket(inner: TransportCodec, pieces = Number.MAX_SAFE_INTEGER): TransportCodec {
  const wrap = (payload: Buffer): Buffer => {
    const frames: Buffer[] = [];
    for (let at = 0; at < payload.length || at === 0; at += pieces) {
      frames.push(webSocketFrame(at === 0 ? WEB_SOCKET_OPCODE.binary : WEB_SOCKET_OPCODE.continuation, payload.subarray(at, Math.min(payload.length, at + pieces)), { final: at + pieces >= payload.length }));
    }
    return Buffer.concat(frames);
  };
  let rest: Buffer = Buffer.alloc(0);
  let upgraded = false;
  return {
    opening: Buffer.concat([upgradeRequest(), wrap(inner.opening)]),
    frame: (packet, quickAck) => wrap(inner.frame(packet, quickAck)),
    wrap: (bytes) => wrap(inner.wrap(bytes)),
    receive: (bytes) => {
      rest = Buffer.concat([rest, bytes]);
      if (!upgraded) {
        const end = rest.indexOf('\r\n\r\n');
        if (end < 0) return [];
        if (!rest.toString('latin1', 0, end).startsWith('HTTP/1.1 101 ')) throw new Error(`no upgrade: ${rest.toString('latin1', 0, 40)}`);
        upgraded = true;
        rest = rest.subarray(end + 4);
      }
      const frames: Frame[] = [];
      while (rest.length >= 2) {
        const short = rest[1] as number;
        const header = short < 126 ? 2 : short === 126 ? 4 : 10;
        if (rest.length < header) break;
        const length = short < 126 ? short : short === 126 ? rest.readUInt16BE(2) : rest.readUIntBE(4, 6);
        if (rest.length < header + length) break;
        if (rest[0] === (0x80 | WEB_SOCKET_OPCODE.binary)) frames.push(...inner.receive(Buffer.from(rest.subarray(header, header + length))));
        rest = rest.subarray(header + length);
      }
      return frames;
    },
  };
}
