import type { Transport } from '../transport/transport';
import type { PacketCipher } from './cipher';

/**
 * One message body for many connections: `begin(body)`, `add` per connection, `seal`, then `frame(i)` in the order of the calls of `add`.
 * Reusable; holds at most BATCH_PACKETS_MAX. Frames stay valid as long as somebody holds them (each is a view of the batch's own buffer:
 * write `Buffer.from(frame)` to a socket that is already backed up, so that one slow reader doesn't keep a whole batch alive).
 */
export class PacketBatch {
  constructor(cipher: PacketCipher) { void cipher; }
  /** Number of packets added. */
  get size(): number { throw new Error('not built yet'); }
  begin(body: Uint8Array): void { void body; throw new Error('not built yet'); }
  /** False when the batch is full or the connection is in it already: seal it, write it, begin again. */
  add(transport: Transport, messageId: bigint, seqNo: number): boolean { void transport; void messageId; void seqNo; throw new Error('not built yet'); }
  /** Encrypts, frames and obfuscates all packets. */
  seal(): void { throw new Error('not built yet'); }
  /** Wire bytes for the i-th connection. */
  frame(index: number): Buffer { void index; throw new Error('not built yet'); }
}
