import { createHash } from 'node:crypto';
import { WEB_SOCKET_CONTROL_BYTES_MAX, WEB_SOCKET_FRAME_BYTES_MAX } from '../limits';

/** The server side of RFC 6455, as far as MTProto needs it: messages are only pieces of one byte stream. */

const HANDSHAKE_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
/** Bytes that a WebSocket header takes before a frame of ours, at most. */
export const WEB_SOCKET_HEADER_BYTES_MAX = 10;
const PATHS = new Set(['/apiws', '/apiws_test', '/apiws_premium']);

const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
/** RFC 6455 section 7.4.1. */
const CLOSE = { normal: 1000, protocolError: 1002, unsupported: 1003, tooBig: 1009 } as const;

/** Writes a binary frame's header so that it ends at `at`, before `payloadBytes` of payload. Answers where it starts. */
export function writeWebSocketHeader(out: Buffer, at: number, payloadBytes: number): number {
  if (payloadBytes < 126) {
    out[at - 1] = payloadBytes;
    out[at - 2] = 0x80 | OPCODE.binary;
    return at - 2;
  }
  if (payloadBytes < 65_536) {
    out.writeUInt16BE(payloadBytes, at - 2);
    out[at - 3] = 126;
    out[at - 4] = 0x80 | OPCODE.binary;
    return at - 4;
  }
  out.writeUInt32BE(payloadBytes, at - 4);
  out.writeUInt32BE(0, at - 8);
  out[at - 9] = 127;
  out[at - 10] = 0x80 | OPCODE.binary;
  return at - 10;
}

function controlFrame(opcode: number, payload: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([0x80 | opcode, payload.length]), payload]);
}

/** A close frame with a status code. */
export function closeFrame(code: number = CLOSE.normal): Buffer {
  const payload = Buffer.alloc(2);
  payload.writeUInt16BE(code);
  return controlFrame(OPCODE.close, payload);
}

/** How an HTTP request on the port ends. */
export interface HttpAnswer {
  readonly bytes: Buffer;
  /** True when the connection speaks WebSocket from here on. */
  readonly upgraded: boolean;
}

function refusal(status: string): HttpAnswer {
  return { bytes: Buffer.from(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`), upgraded: false };
}

function listed(header: string | undefined, token: string): boolean {
  return header !== undefined && header.split(',').some((item) => item.trim().toLowerCase() === token);
}

/** Decides about a complete HTTP request head (without its closing blank line): 101 for a WebSocket upgrade on /apiws, 404 on other paths, 400 for a bad upgrade. */
export function answerHttp(head: string): HttpAnswer {
  const [requestLine = '', ...lines] = head.split('\r\n');
  const [method, target = '', version] = requestLine.split(' ');
  const path = target.split('?', 1)[0] as string;
  if (!PATHS.has(path)) return refusal('404 Not Found');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon <= 0) return refusal('400 Bad Request');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  const key = headers.get('sec-websocket-key');
  const isUpgrade = method === 'GET' && version === 'HTTP/1.1' && listed(headers.get('upgrade'), 'websocket') && listed(headers.get('connection'), 'upgrade');
  if (!isUpgrade || key === undefined || Buffer.from(key, 'base64').length !== 16) return refusal('400 Bad Request');
  if (headers.get('sec-websocket-version') !== '13') return refusal('426 Upgrade Required\r\nSec-WebSocket-Version: 13');
  const protocols = headers.get('sec-websocket-protocol');
  if (protocols !== undefined && !listed(protocols, 'binary')) return refusal('400 Bad Request');
  const accept = createHash('sha1').update(key + HANDSHAKE_GUID).digest('base64');
  const protocolLine = protocols === undefined ? '' : 'Sec-WebSocket-Protocol: binary\r\n';
  return { bytes: Buffer.from(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${protocolLine}\r\n`), upgraded: true };
}

/** Where a reader's findings go. */
export interface WebSocketSink {
  /** A piece of payload, unmasked in place. Valid during the call only. */
  onPayload(bytes: Buffer): void;
  /** A pong, or a close in answer to a close or a violation. */
  onReply(bytes: Buffer): void;
  /** After the close frame was answered, or the peer broke the protocol. */
  onEnd(violation: boolean): void;
}

/** Takes masked client frames apart, over any chunking, without keeping payload. */
export class WebSocketReader {
  /** Header bytes collected so far (2…14), then the payload of a control frame. */
  readonly #small = Buffer.alloc(WEB_SOCKET_CONTROL_BYTES_MAX);
  #smallBytes = 0;
  #inPayload = false;
  #opcode = 0;
  /** A data message is not finished yet: only continuations may follow. */
  #fragmented = false;
  #remaining = 0;
  readonly #mask = Buffer.alloc(4);
  #maskAt = 0;
  #over = false;

  /** Takes the socket's next bytes; unmasks them in place. */
  receive(chunk: Buffer, sink: WebSocketSink): void {
    let at = 0;
    while (!this.#over && (at < chunk.length || (this.#inPayload && this.#remaining === 0))) {
      at = this.#inPayload ? this.#payload(chunk, at, sink) : this.#header(chunk, at, sink);
    }
  }

  #violate(code: number, sink: WebSocketSink): void {
    this.#over = true;
    sink.onReply(closeFrame(code));
    sink.onEnd(true);
  }

  /** Collects a header byte by byte; answers the position after what it took. */
  #header(chunk: Buffer, from: number, sink: WebSocketSink): number {
    let at = from;
    const small = this.#small;
    while (at < chunk.length) {
      small[this.#smallBytes++] = chunk[at++] as number;
      if (this.#smallBytes < 2) continue;
      const short = (small[1] as number) & 0x7f;
      const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
      if (this.#smallBytes < 2 + lengthBytes + 4) continue;
      const payloadBytes = lengthBytes === 0 ? short : lengthBytes === 2 ? small.readUInt16BE(2) : small.readUInt32BE(2) * 2 ** 32 + small.readUInt32BE(6);
      small.copy(this.#mask, 0, 2 + lengthBytes, 6 + lengthBytes);
      this.#smallBytes = 0;
      this.#start(small[0] as number, small[1] as number, payloadBytes, sink);
      return at;
    }
    return at;
  }

  #start(first: number, second: number, payloadBytes: number, sink: WebSocketSink): void {
    const final = (first & 0x80) !== 0;
    const opcode = first & 15;
    const isControl = opcode >= OPCODE.close;
    if ((first & 0x70) !== 0 || (second & 0x80) === 0) return this.#violate(CLOSE.protocolError, sink);
    if (isControl) {
      if (!final || payloadBytes > WEB_SOCKET_CONTROL_BYTES_MAX || opcode > OPCODE.pong) return this.#violate(CLOSE.protocolError, sink);
    } else {
      if (opcode === OPCODE.text) return this.#violate(CLOSE.unsupported, sink);
      if (opcode > OPCODE.binary || (opcode === OPCODE.continuation) !== this.#fragmented) return this.#violate(CLOSE.protocolError, sink);
      if (payloadBytes > WEB_SOCKET_FRAME_BYTES_MAX) return this.#violate(CLOSE.tooBig, sink);
      this.#fragmented = !final;
    }
    this.#opcode = opcode;
    this.#remaining = payloadBytes;
    this.#maskAt = 0;
    this.#inPayload = true;
  }

  #payload(chunk: Buffer, at: number, sink: WebSocketSink): number {
    const end = Math.min(chunk.length, at + this.#remaining);
    const piece = chunk.subarray(at, end);
    for (let i = 0; i < piece.length; i++) piece[i] = (piece[i] as number) ^ (this.#mask[(this.#maskAt + i) & 3] as number);
    this.#maskAt = (this.#maskAt + piece.length) & 3;
    this.#remaining -= piece.length;
    const finished = this.#remaining === 0;
    if (finished) this.#inPayload = false;
    if (this.#opcode < OPCODE.close) {
      if (piece.length > 0) sink.onPayload(piece);
    } else {
      piece.copy(this.#small, this.#smallBytes);
      this.#smallBytes += piece.length;
      if (finished) this.#control(sink);
    }
    return end;
  }

  #control(sink: WebSocketSink): void {
    const payload = Buffer.from(this.#small.subarray(0, this.#smallBytes));
    this.#smallBytes = 0;
    if (this.#opcode === OPCODE.ping) sink.onReply(controlFrame(OPCODE.pong, payload));
    if (this.#opcode !== OPCODE.close) return;
    this.#over = true;
    sink.onReply(payload.length >= 2 ? closeFrame(payload.readUInt16BE(0)) : closeFrame());
    sink.onEnd(false);
  }
}
