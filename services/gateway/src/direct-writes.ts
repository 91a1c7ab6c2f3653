import { Socket } from 'node:net';
import { DIRECT_WRITE_BYTES_MAX } from './limits';

/** What Node's sockets write through. */
export interface WriteHandle {
  /** 0, or the system's error below it. What the system doesn't take at once it queues; `request` is told when that is gone, and is untouched else. */
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number;
  /** Bytes queued. */
  readonly writeQueueSize: number;
}

interface WriteRequest {
  oncomplete?: (this: WriteRequest, status: number) => void;
  writer?: DirectWriter;
  /** Held for as long as the system reads it. */
  bytes?: Uint8Array;
}

/** Who writes: told of what the system didn't take at once. */
export interface DirectWriter {
  readonly socket: Socket;
  /** See `writeHandle`. */
  readonly handle: WriteHandle | undefined;
  /** Bytes of the last direct write that the system hasn't taken yet. */
  directBytes: number;
  /** Bytes were given to the socket's stream since it was last seen empty. To be set by whoever does. */
  streaming: boolean;
}

const Request = findRequest();
/** For writes that the system takes at once; another one takes its place when it is used. */
let spare = Request === undefined ? undefined : new Request();

/** What the socket writes through; undefined where this Node does it otherwise. Outlives the socket, and fails then. */
export function writeHandle(socket: Socket): WriteHandle | undefined {
  const handle = (socket as unknown as { _handle?: WriteHandle | null })._handle;
  return Request !== undefined && typeof handle?.writeBuffer === 'function' && typeof handle.writeQueueSize === 'number' ? handle : undefined;
}

/**
 * Gives a few bytes to the system, past the socket's stream, which costs a third as much as the system call itself. False: nothing was written,
 * the stream must do it (something waits already, the bytes are many, or this Node does it otherwise).
 * Order is kept: the stream's writes queue behind what is left of a direct one. Bytes that the system didn't take are in
 * `directBytes` until they are gone; `bytes` must stay unchanged until then.
 */
export function writeDirectly(writer: DirectWriter, bytes: Uint8Array): boolean {
  const { handle } = writer;
  if (handle === undefined || spare === undefined || bytes.byteLength > DIRECT_WRITE_BYTES_MAX || isWaiting(writer)) return false;
  const failure = handle.writeBuffer(spare, bytes);
  if (failure !== 0) {
    writer.socket.destroy(new Error(`a write failed: ${failure}`));
    return true;
  }
  const waiting = handle.writeQueueSize;
  if (waiting > 0) {
    writer.directBytes = waiting;
    spare.oncomplete = onComplete;
    spare.writer = writer;
    spare.bytes = bytes;
    spare = Request === undefined ? undefined : new Request();
  }
  return true;
}

/** Whether bytes that were given to the socket wait there. Mostly nothing went through its stream, which then needn't be looked at. */
export function isWaiting(writer: DirectWriter): boolean {
  if (writer.streaming && writer.socket.writableLength === 0) writer.streaming = false;
  return writer.streaming || writer.directBytes > 0;
}

function onComplete(this: WriteRequest, status: number): void {
  const { writer } = this;
  if (writer === undefined) return;
  writer.directBytes = 0;
  if (status < 0 && !writer.socket.destroyed) writer.socket.destroy(new Error(`a write failed: ${status}`));
}

/** The kind of object that a write needs, as seen by a handle that only pretends. Undefined: this Node does it otherwise. */
function findRequest(): (new () => WriteRequest) | undefined {
  let found: (new () => WriteRequest) | undefined;
  const handle = {
    readStart: () => 0,
    readStop: () => 0,
    writeBuffer: (request: WriteRequest) => {
      found = request.constructor as new () => WriteRequest;
      return 0;
    },
    getAsyncId: () => 0,
    close: (done?: () => void) => done?.(),
    ref: () => undefined,
    unref: () => undefined,
  };
  try {
    const socket = new Socket({ handle, readable: false, manualStart: true } as ConstructorParameters<typeof Socket>[0]);
    socket.on('error', () => undefined);
    socket.write(Buffer.alloc(1));
    socket.destroy();
  } catch {
    return undefined;
  }
  return found?.name === 'WriteWrap' ? found : undefined;
}
