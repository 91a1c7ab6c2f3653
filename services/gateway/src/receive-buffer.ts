import { Socket } from 'node:net';
import { RECEIVE_BUFFER_BYTES } from './limits';

/** What Node keeps a socket's own receive buffer and its reader under. */
interface Places {
  buffer: symbol;
  callback: symbol;
}

/**
 * One buffer into which all sockets of a kind are read. Without it Node makes room of 64 KiB for every read and cuts it down afterwards,
 * which at packets of some hundred bytes costs more than the rest of the read.
 *
 * Node offers this as `onread` (nodejs.org/api/net.html, socket.connect), but to sockets that connect only, not to those that a server
 * accepts. These are set up in the same way here; under a Node that keeps it elsewhere they read as usual.
 */
export class ReceiveBuffer<S extends Socket> {
  private readonly shared = Buffer.allocUnsafeSlow(RECEIVE_BUFFER_BYTES);
  private readonly places = findPlaces();
  private readonly onRead: (this: S, bytes: number) => boolean;

  /** @param receive gets what a socket (`this`) reads; the chunk is its own to keep */
  constructor(private readonly receive: (this: S, chunk: Buffer) => void) {
    const { shared } = this;
    this.onRead = function onRead(bytes) {
      // A copy out of a pool: most packets are small.
      receive.call(this, Buffer.from(shared.subarray(0, bytes)));
      return true;
    };
  }

  /** Starts reading. Returns whether the shared buffer is used. */
  read(socket: S): boolean {
    const { places } = this;
    const handle = (socket as unknown as { _handle?: { useUserBuffer?: (buffer: Uint8Array) => void } | null })._handle;
    if (places === undefined || typeof handle?.useUserBuffer !== 'function') {
      socket.on('data', this.receive);
      return false;
    }
    const inner = socket as unknown as Record<symbol, unknown>;
    inner[places.buffer] = this.shared;
    inner[places.callback] = this.onRead;
    handle.useUserBuffer(this.shared);
    socket.resume();
    return true;
  }
}

/** Looks at a socket that was made with a buffer of its own. Undefined: this Node does it otherwise. */
function findPlaces(): Places | undefined {
  const onread = { buffer: Buffer.alloc(1), callback: (): boolean => true };
  const socket = new Socket({ onread } as ConstructorParameters<typeof Socket>[0]);
  const under = (value: unknown): symbol | undefined => Object.getOwnPropertySymbols(socket).find((symbol) => (socket as unknown as Record<symbol, unknown>)[symbol] === value);
  const [buffer, callback] = [under(onread.buffer), under(onread.callback)];
  socket.destroy();
  return buffer === undefined || callback === undefined ? undefined : { buffer, callback };
}
