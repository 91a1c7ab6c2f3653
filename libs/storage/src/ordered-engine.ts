import type { ByteWriter } from './byte-writer';

/** Bytes before each operation's key in the writer: key length (2), value length + 1 or 0 for a removal (4). */
export const OPERATION_HEADER_BYTES = 6;

/**
 * An ordered map of bytes with group commit, below the embedded adapters of storage and event log. All of it is synchronous
 * and sees every earlier operation; only durability is awaited. Operations become durable in the order they were made, and
 * those made without an `await` between become durable together or not at all.
 *
 * An operation is written in place: `begin`, write the key to `writer`, note its end, (for a put) write the value, then
 * `put`, `remove` or `abandon`.
 */
export interface OrderedEngine {
  /** Replaced whenever a group is cut: read it anew for each operation. */
  readonly writer: ByteWriter;
  /** Starts an operation and returns its position; throws StorageUnavailable if the engine failed or is closed. */
  begin(): number;
  put(operation: number, keyEnd: number): void;
  remove(operation: number, keyEnd: number): void;
  abandon(operation: number): void;
  /** The value of the key in bytes[start, end), valid until the next call of the engine; `lastSize` is its length. */
  get(bytes: Buffer, start: number, end: number): Buffer | undefined;
  readonly lastSize: number;
  /** Visits keys in [from, to) in order (or against it) until `visit` answers false. Buffers belong to the visitor. `visit` must not call the engine. */
  range(from: Buffer, to: Buffer | undefined, reverse: boolean, visit: (key: Buffer, value: Buffer) => boolean): void;
  /** Resolves when every operation so far is durable; rejects with StorageUnavailable (then their fate is unknown). One promise per group. */
  durable(): Promise<void>;
  /** Throws StorageUnavailable if the engine failed or is closed. */
  check(): void;
  /** Before writes that must be applied together: throws StorageUnavailable like `check`, and when as many bytes wait for the disk as may. */
  admit(): void;
}
