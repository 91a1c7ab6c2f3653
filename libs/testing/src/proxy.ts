import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Proxy {
  port: number;
  /** Connections open now, and made so far. */
  open(): number;
  made(): number;
  /** Breaks every connection, both ways. */
  cut(): void;
  /** Holds every byte back, also of new connections, which are accepted: a server that hangs, or a network that lost its way. */
  pause(): void;
  resume(): void;
  /** Takes no new connections (they are broken at once) until `admit`. */
  refuse(): void;
  admit(): void;
  /** What each piece on its way to (`up`) or from (`down`) the server becomes; undefined breaks the connection instead. */
  alter: ((piece: Buffer, way: 'up' | 'down') => Buffer | undefined) | undefined;
  close(): Promise<void>;
}

/** A TCP proxy on a loopback port of its own, in this process, through which tests hurt a connection. */
export async function openProxy(target: { host: string; port: number }): Promise<Proxy> {
  const pairs = new Set<[Socket, Socket]>();
  let paused = false;
  let refusing = false;
  let made = 0;
  const server = createServer((client) => {
    made += 1;
    if (refusing) {
      client.destroy();
      return;
    }
    const upstream = connect(target);
    const pair: [Socket, Socket] = [client, upstream];
    pairs.add(pair);
    const end = (): void => {
      pairs.delete(pair);
      client.destroy();
      upstream.destroy();
    };
    for (const [from, to, way] of [[client, upstream, 'up'], [upstream, client, 'down']] as const) {
      from.setNoDelay(true);
      if (paused) from.pause();
      from.on('data', (piece: Buffer) => {
        const altered = proxy.alter === undefined ? piece : proxy.alter(piece, way);
        if (altered === undefined) end();
        else if (!to.write(altered)) from.pause();
      });
      to.on('drain', () => {
        if (!paused) from.resume();
      });
      from.on('error', end);
      from.on('close', end);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const each = (act: (socket: Socket) => void): void => [...pairs].forEach((pair) => pair.forEach(act));
  const proxy: Proxy = {
    port: (server.address() as AddressInfo).port,
    open: () => pairs.size,
    made: () => made,
    cut: () => each((socket) => socket.destroy()),
    pause() {
      paused = true;
      each((socket) => socket.pause());
    },
    resume() {
      paused = false;
      each((socket) => socket.resume());
    },
    refuse() {
      refusing = true;
    },
    admit() {
      refusing = false;
    },
    alter: undefined,
    close() {
      proxy.cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return proxy;
}
