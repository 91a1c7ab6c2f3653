import { CONTAINER_MESSAGES_MAX } from '../limits';
import { CONSTRUCTOR } from './constructors';
import { MalformedError, TlCursor } from './tl-cursor';

/** One message, alone or inside a container. */
export interface Message {
  readonly id: bigint;
  readonly seqNo: number;
  /** View of the packet. */
  readonly body: Uint8Array;
  /** It came out of a gzip_packed: another one inside is malformed. */
  readonly packed?: boolean;
}

/** Bytes that may be kept: a copy where the view is a part of something larger. */
export function ownBytes(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : Uint8Array.prototype.slice.call(bytes);
}

/**
 * The messages of a container, or undefined when it must be refused with 64: too many, one inside another, an id that isn't below the container's,
 * lengths that don't fit. Whole or not at all. Source: core.telegram.org/mtproto/service_messages#containers
 */
export function openContainer(containerId: bigint, body: Uint8Array): Message[] | undefined {
  const cursor = new TlCursor(body, 4);
  const messages: Message[] = [];
  try {
    const count = cursor.uint32();
    if (count > CONTAINER_MESSAGES_MAX || count * 20 > cursor.remaining) return undefined;
    for (let index = 0; index < count; index++) {
      const id = cursor.long();
      const seqNo = cursor.uint32();
      const length = cursor.uint32();
      if (id >= containerId || length < 4 || length % 4 !== 0) return undefined;
      const start = cursor.offset;
      if (cursor.peekUint32() === CONSTRUCTOR.msg_container) return undefined;
      cursor.skip(length);
      messages.push({ id, seqNo, body: body.subarray(start, start + length) });
    }
    return cursor.remaining === 0 ? messages : undefined;
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}
