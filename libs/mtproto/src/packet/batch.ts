import { BATCH_PACKETS_MAX, SPARE_BATCH_BYTES_MAX } from '../limits';
import type { Transport } from '../transport/transport';
import { writeWebSocketHeader } from '../transport/web-socket';
import type { PacketCipher, SealManyRequest } from './cipher';

const NOTHING = Buffer.alloc(0);

/**
 * One message body for many connections: `begin(body)`, `add` per connection, `seal`, then `frame(i)` in the order of the calls of `add`.
 * Reusable; holds at most BATCH_PACKETS_MAX. Frames stay valid as long as somebody holds them (each is a view of the batch's own buffer:
 * write `Buffer.from(frame)` to a socket that is already backed up, so that one slow reader doesn't keep a whole batch alive), or until
 * `recycle`.
 *
 * Nothing else may be sent to a connection between its `add` and its frame's write: obfuscation is one stream, in the order of encryption.
 */
export class PacketBatch {
  readonly #cipher: PacketCipher;
  readonly #request: SealManyRequest = {
    body: NOTHING,
    count: 0,
    slots: new Uint32Array(BATCH_PACKETS_MAX),
    framings: new Uint8Array(BATCH_PACKETS_MAX),
    messageIds: new BigUint64Array(BATCH_PACKETS_MAX),
    seqNos: new Uint32Array(BATCH_PACKETS_MAX),
    fullSeqNos: new Uint32Array(BATCH_PACKETS_MAX),
    bytes: NOTHING,
    starts: new Uint32Array(BATCH_PACKETS_MAX),
    ends: new Uint32Array(BATCH_PACKETS_MAX),
  };
  readonly #inWebSocket = new Uint8Array(BATCH_PACKETS_MAX);
  /** Per slot, the number of the batch that it was last added to. */
  readonly #addedIn: Uint32Array;
  #batch = 0;
  /** Whose frames nobody needs any more. */
  #spare: Buffer = NOTHING;

  constructor(cipher: PacketCipher) {
    this.#cipher = cipher;
    this.#addedIn = new Uint32Array(cipher.slotsMax);
  }

  /** Number of packets added. */
  get size(): number {
    return this.#request.count;
  }

  /** Starts anew with `body`, which must stay unchanged until `seal`. */
  begin(body: Uint8Array): void {
    this.#request.body = body;
    this.#request.count = 0;
    this.#request.bytes = this.#spare;
    this.#spare = NOTHING;
    this.#batch = (this.#batch + 1) >>> 0;
    if (this.#batch === 0) {
      this.#addedIn.fill(0);
      this.#batch = 1;
    }
  }

  /** False when the batch is full or the connection is in it already: seal it, write it, begin again. Throws when the connection is closed: its slot may be another's. */
  add(transport: Transport, messageId: bigint, seqNo: number): boolean {
    if (transport.isOver) throw new Error('a closed connection can not be in a batch');
    const request = this.#request;
    if (request.count >= BATCH_PACKETS_MAX || this.#addedIn[transport.slot] === this.#batch) return false;
    const index = request.count++;
    this.#addedIn[transport.slot] = this.#batch;
    request.slots[index] = transport.slot;
    request.framings[index] = transport.framing;
    request.messageIds[index] = messageId;
    request.seqNos[index] = seqNo;
    request.fullSeqNos[index] = transport.takeFullSeqNo();
    this.#inWebSocket[index] = transport.isWebSocket ? 1 : 0;
    return true;
  }

  /** Encrypts, frames and obfuscates all packets. */
  seal(): void {
    this.#cipher.sealMany(this.#request);
  }

  /** Nobody needs these frames any more: a later batch may be written over them. */
  recycle(): void {
    const { bytes } = this.#request;
    if (bytes.length <= SPARE_BATCH_BYTES_MAX) this.#spare = bytes;
  }

  /** Wire bytes for the i-th connection. */
  frame(index: number): Buffer {
    const { bytes, starts, ends } = this.#request;
    const start = starts[index] as number;
    const end = ends[index] as number;
    return bytes.subarray(this.#inWebSocket[index] ? writeWebSocketHeader(bytes, start, end - start) : start, end);
  }
}
