/**
 * The ephemeral port: everything in it may vanish at any time. Production: Redis. Embedded: memory. Keys `<service>:<what>:<id>`.
 * A key holds a value, a counter or a set; used as another it is refused. Errors: EphemeralRefused, EphemeralUnavailable.
 */
export interface Ephemeral {
  get(key: string): Promise<Uint8Array | undefined>;
  set(key: string, value: Uint8Array, ttlMs: number): Promise<void>;
  /** Sets only if absent; true if it did. */
  setIfAbsent(key: string, value: Uint8Array, ttlMs: number): Promise<boolean>;
  /** Sets, and gives what was there: of those who exchange at once, each gets another's value. */
  exchange(key: string, value: Uint8Array, ttlMs: number): Promise<Uint8Array | undefined>;
  delete(key: string): Promise<void>;
  /** Adds `by` to a counter that starts at 0 and ends `ttlMs` after its first increment; the new value. */
  increment(key: string, by: number, ttlMs: number): Promise<{ value: number; ttlLeftMs: number }>;
  /** Adds members; the set then ends `ttlMs` from now. */
  setAdd(key: string, members: readonly string[], ttlMs: number): Promise<void>;
  setRemove(key: string, members: readonly string[]): Promise<void>;
  setMembers(key: string): Promise<string[]>;
  /** To who subscribes now; nobody is told whether anyone heard it. */
  publish(channel: string, message: Uint8Array): Promise<void>;
  subscribe(channel: string, listener: (message: Uint8Array) => void): Promise<{ close(): Promise<void> }>;
  /**
   * Asks the engine whether it answers, and what its clock shows (Unix milliseconds, where it tells). Rejects as other requests do.
   * Absent where the store is part of this process.
   */
  check?(): Promise<{ now?: number }>;
  close(): Promise<void>;
}
