import { connect, type Socket } from 'node:net';
import { intermediate, type Frame, type TransportCodec } from './transport-codec';

/** Where a gateway listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface WireOptions {
  /** Default: intermediate. */
  readonly codec?: TransportCodec;
  /** Source address, such as 127.0.0.9: limits count by it. */
  readonly localAddress?: string;
  /** Bytes before the transport's own: a PROXY protocol header. */
  readonly preamble?: Buffer;
  /** Nothing is sent on opening, not even the transport's tag. */
  readonly silent?: boolean;
}

export const WAIT_MS = 5_000;

/** One connection: raw bytes out, frames in. */
export class Wire {
  /** Bytes received so far. */
  bytesIn = 0;
  /** What the socket gave, as long as `keepBytes` is set. */
  readonly heard: Buffer[] = [];
  keepBytes = false;
  closed = false;
  /** A violation of the transport by the server. */
  fault: Error | undefined;
  private readonly frames: Frame[] = [];
  private readonly waiting: ((frame: Frame | undefined) => void)[] = [];
  private readonly onClosed: (() => void)[] = [];
  /** Takes frames instead of the queue. */
  onFrame: ((frame: Frame) => void) | undefined;

  private constructor(readonly socket: Socket, readonly codec: TransportCodec) {
    socket.on('data', (bytes) => this.receive(bytes));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.closed = true;
      for (const resolve of this.waiting.splice(0)) resolve(undefined);
      for (const resolve of this.onClosed.splice(0)) resolve();
    });
  }

  static async open({ host, port }: Address, options: WireOptions = {}): Promise<Wire> {
    const socket = connect({ host, port, localAddress: options.localAddress, noDelay: true });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    const wire = new Wire(socket, options.codec ?? intermediate());
    if (options.silent !== true) wire.raw(Buffer.concat([options.preamble ?? Buffer.alloc(0), wire.codec.opening]));
    return wire;
  }

  raw(bytes: Buffer): void {
    if (!this.closed && this.socket.writable) this.socket.write(bytes);
  }

  send(packet: Buffer, quickAck = false): void {
    this.raw(this.codec.frame(packet, quickAck));
  }

  /** The next frame; undefined when the connection closed first. Fails after `timeoutMs`. */
  async next(timeoutMs = WAIT_MS): Promise<Frame | undefined> {
    const ready = this.frames.shift();
    if (ready !== undefined || this.closed) return ready;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.splice(this.waiting.indexOf(done), 1);
        reject(this.fault ?? new Error(`no frame within ${timeoutMs} ms`));
      }, timeoutMs);
      const done = (frame: Frame | undefined): void => {
        clearTimeout(timer);
        resolve(frame);
      };
      this.waiting.push(done);
    });
  }

  /** Resolves when the server closed the connection; fails after `timeoutMs`. */
  async whenClosed(timeoutMs = WAIT_MS): Promise<void> {
    if (this.closed) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`the connection is still open after ${timeoutMs} ms`)), timeoutMs);
      this.onClosed.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private receive(bytes: Buffer): void {
    this.bytesIn += bytes.length;
    if (this.keepBytes) this.heard.push(Buffer.from(bytes));
    try {
      for (const frame of this.codec.receive(bytes)) this.take(frame);
    } catch (error) {
      this.fault = error as Error;
      this.close();
    }
  }

  private take(frame: Frame): void {
    if (this.onFrame !== undefined) return this.onFrame(frame);
    const resolve = this.waiting.shift();
    if (resolve === undefined) this.frames.push(frame);
    else resolve(frame);
  }
}

/** The transport error that a frame is; undefined when it is none. */
export function transportError(frame: Frame | undefined): number | undefined {
  return frame?.packet !== undefined && frame.packet.length === 4 ? frame.packet.readInt32LE(0) : undefined;
}
