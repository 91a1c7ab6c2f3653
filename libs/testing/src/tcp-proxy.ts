import { connect, createServer, type Server, type Socket } from 'node:net';

/** What happens to the bytes of one direction of a link. Nothing of it breaks a stream: as with real TCP, bytes come late or the connection ends. */
export interface Weather {
  /** Every byte arrives this much later. Milliseconds, default 0. */
  delayMs: number;
  /** Bytes per second over all connections of this direction; Infinity, the default, is unlimited. */
  bytesPerSecond: number;
  /** Share of chunks (of at most a segment) that are lost once: they and what follows come `RETRANSMIT_MS` later. Default 0. */
  loss: number;
  /** Nothing arrives until this ends; what was sent meanwhile arrives then, up to `HELD_BYTES_MAX`, behind which the sender is held back. Default false. */
  cut: boolean;
}

/** A TCP connection as a tap sees it: it may look at the bytes, and end the connection between any two chunks. */
export interface TapConnection {
  /** Counts up from 1 over the connections of a proxy. */
  readonly id: number;
  /** Ends both sides at once by a reset. What has not arrived yet is lost. */
  reset(): void;
}
/** Called with each chunk before it is forwarded. Returning false swallows it: then the tap must end the connection, or the stream is corrupt. */
export interface Tap {
  there?(chunk: Buffer, connection: TapConnection): boolean | void;
  back?(chunk: Buffer, connection: TapConnection): boolean | void;
  end?(connection: TapConnection): void;
}

export interface TcpProxyOptions {
  target: { host: string; port: number };
  /** Default 127.0.0.1. */
  host?: string;
  /** Default: a free one. */
  port?: number;
  /** Weather of both directions at the beginning. */
  weather?: Partial<Weather>;
  /** Source address of connections to the target. */
  localAddress?: string;
  tap?: Tap;
  /** In [0, 1): decides losses. Default Math.random. */
  random?: () => number;
}

export type Direction = 'there' | 'back' | 'both';

export interface TcpProxy {
  readonly host: string;
  readonly port: number;
  /** Connections open now. */
  readonly connections: number;
  /** Connections that came so far, refused ones included. */
  readonly came: number;
  /** Bytes forwarded in all. */
  readonly bytes: { there: number; back: number };
  /** Changes the weather of a direction; what is not named stays. `there` is from who connects to the target. */
  set(weather: Partial<Weather>, direction?: Direction): void;
  /** Fair weather in both directions, and connections are accepted again. */
  clear(): void;
  /** New connections are ended as soon as they come. */
  refuse(refusing: boolean): void;
  /** Ends all connections by a reset; answers how many they were. */
  reset(): number;
  /** Watches or stops watching. */
  tap(tap: Tap | undefined): void;
  close(): Promise<void>;
}

/** A lost segment is sent again after about this time. Milliseconds: Linux's smallest retransmission timer. */
const RETRANSMIT_MS = 200;
/** A loss is decided per chunk of at most so many bytes. */
const SEGMENT_BYTES = 1_448;
/** Bytes under way in one direction of one connection; at the bound the sender's socket is no longer read, as a full TCP window would do. */
const HELD_BYTES_MAX = 4 * 1024 * 1024;
/** Timers are no finer: chunks due within this of each other leave together. Milliseconds. */
const TICK_MS = 1;

const FAIR: Weather = { delayMs: 0, bytesPerSecond: Infinity, loss: 0, cut: false };

/**
 * A TCP proxy for tests and benches that can delay, throttle, lose, cut one way, refuse and reset, and that a test can look into. The order and the
 * bytes of a stream are never changed. Listens when the promise resolves.
 */
export async function openTcpProxy(options: TcpProxyOptions): Promise<TcpProxy> {
  const random = options.random ?? Math.random;
  const weather = { there: { ...FAIR, ...options.weather }, back: { ...FAIR, ...options.weather } };
  /** When the last byte of each direction leaves, under limited bandwidth. */
  const busyUntil = { there: 0, back: 0 };
  const bytes = { there: 0, back: 0 };
  const links = new Set<Link>();
  let tap = options.tap;
  let refusing = false;
  let nextId = 1;
  let came = 0;

  class Pipe {
    #held: { chunk: Buffer | undefined; due: number }[] = [];
    #heldBytes = 0;
    #timer: NodeJS.Timeout | undefined;
    #lastDue = 0;

    constructor(readonly link: Link, readonly name: 'there' | 'back', readonly from: Socket, readonly to: Socket) {
      from.on('data', (chunk: Buffer) => {
        if (tap?.[name]?.(chunk, link) === false) return;
        this.#take(chunk);
      });
      from.on('end', () => this.#take(undefined));
      to.on('drain', () => this.flush());
    }

    /** A chunk, or the end of the stream, which keeps its place behind the bytes. */
    #take(chunk: Buffer | undefined): void {
      const now = performance.now();
      const air = weather[this.name];
      let due = now + air.delayMs;
      if (chunk !== undefined) {
        if (air.bytesPerSecond !== Infinity) {
          busyUntil[this.name] = Math.max(busyUntil[this.name], now) + (chunk.length / air.bytesPerSecond) * 1_000;
          due = Math.max(due, busyUntil[this.name] + air.delayMs);
        }
        if (air.loss > 0) {
          for (let segment = 0; segment < chunk.length; segment += SEGMENT_BYTES) if (random() < air.loss) due += RETRANSMIT_MS;
        }
        this.#heldBytes += chunk.length;
        if (this.#heldBytes >= HELD_BYTES_MAX) this.from.pause();
      }
      // A stream keeps its order: nothing overtakes.
      this.#lastDue = Math.max(this.#lastDue, due);
      this.#held.push({ chunk, due: this.#lastDue });
      this.flush();
    }

    flush(): void {
      clearTimeout(this.#timer);
      if (weather[this.name].cut || this.to.destroyed) return;
      const now = performance.now();
      for (let next = this.#held[0]; next !== undefined; next = this.#held[0]) {
        if (next.due > now + TICK_MS / 2) {
          this.#timer = setTimeout(() => this.flush(), Math.max(TICK_MS, next.due - now));
          return;
        }
        if (this.to.writableNeedDrain) return;
        this.#held.shift();
        if (next.chunk === undefined) {
          this.to.end();
          continue;
        }
        this.#heldBytes -= next.chunk.length;
        bytes[this.name] += next.chunk.length;
        this.to.write(next.chunk);
        if (this.from.isPaused() && this.#heldBytes < HELD_BYTES_MAX / 2) this.from.resume();
      }
    }

    stop(): void {
      clearTimeout(this.#timer);
      this.#held = [];
    }
  }

  class Link implements TapConnection {
    readonly id = nextId++;
    readonly #outer: Socket;
    readonly #pipes: [Pipe, Pipe];
    #over = false;

    constructor(readonly inner: Socket) {
      this.#outer = connect({ ...options.target, localAddress: options.localAddress, noDelay: true, allowHalfOpen: true });
      this.#pipes = [new Pipe(this, 'there', inner, this.#outer), new Pipe(this, 'back', this.#outer, inner)];
      for (const socket of [inner, this.#outer]) {
        socket.on('error', () => this.reset());
        socket.on('close', () => this.#closed());
      }
    }

    flush(): void {
      for (const pipe of this.#pipes) pipe.flush();
    }

    reset(): void {
      if (this.#over) return;
      this.#finish();
      // NOTE: of a socket whose own end was sent, libuv resets nothing and Node closes nothing then: the handle stays, and the process spins at its end for as long as it is let.
      for (const socket of [this.inner, this.#outer]) if (socket.writableEnded) socket.destroy(); else socket.resetAndDestroy();
    }

    #closed(): void {
      if (this.inner.destroyed && this.#outer.destroyed) this.#finish();
    }

    #finish(): void {
      if (this.#over) return;
      this.#over = true;
      links.delete(this);
      for (const pipe of this.#pipes) pipe.stop();
      tap?.end?.(this);
    }
  }

  const server: Server = createServer({ allowHalfOpen: true, noDelay: true }, (inner) => {
    came += 1;
    if (refusing) return void inner.resetAndDestroy();
    links.add(new Link(inner));
  });
  const host = options.host ?? '127.0.0.1';
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(options.port ?? 0, host, resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a proxy listens on a TCP port');
  const flush = (): void => {
    for (const link of links) link.flush();
  };
  const reset = (): number => {
    const open = [...links];
    for (const link of open) link.reset();
    return open.length;
  };
  return {
    host,
    port: address.port,
    get connections() { return links.size; },
    get came() { return came; },
    bytes,
    set: (change, direction = 'both') => {
      for (const name of direction === 'both' ? ['there', 'back'] as const : [direction]) Object.assign(weather[name], change);
      flush();
    },
    clear: () => {
      refusing = false;
      Object.assign(weather.there, FAIR);
      Object.assign(weather.back, FAIR);
      flush();
    },
    refuse: (value) => { refusing = value; },
    reset,
    tap: (value) => { tap = value; },
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      reset();
      await closed;
    },
  };
}
