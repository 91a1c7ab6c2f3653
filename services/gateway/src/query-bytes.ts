import type { AuthKey } from './auth-key';
import { QUERY_BYTES_MAX, QUERY_BYTES_PER_KEY_MAX, QUERY_BYTES_PER_UNAUTHORISED_KEY_MAX, QUERY_BYTES_UNAUTHORISED_MAX, QUERY_BYTES_WAITING_MAX } from './limits';

/** What is counted for: a query under way, or a message in a session's inbox. */
export interface Counted {
  /** Bytes counted; 0: none. */
  bytes: number;
  /** How they were counted: under a key without a login, as waiting for another message. */
  unauthorised: boolean;
  waiting: boolean;
}

/**
 * Bytes of what clients asked and that isn't answered yet, as unpacked. Budgets per key, for all keys that nobody is logged in under, for all that waits for
 * another message (nothing that waits can keep others from running), and for the process. At each of them the query is refused.
 */
export class QueryBytes {
  private total = 0;
  private unauthorised = 0;
  private waiting = 0;

  get totalBytes(): number {
    return this.total;
  }

  /** Counts so many bytes (more) for a query under the key. False at a limit; then nothing changed. */
  take(key: AuthKey, counted: Counted, bytes: number): boolean {
    const unauthorised = counted.bytes === 0 ? (key.login?.userId ?? 0) === 0 : counted.unauthorised;
    if (key.queryBytes + bytes > (unauthorised ? QUERY_BYTES_PER_UNAUTHORISED_KEY_MAX : QUERY_BYTES_PER_KEY_MAX)) return false;
    if (this.total + bytes > QUERY_BYTES_MAX) return false;
    if (unauthorised && this.unauthorised + bytes > QUERY_BYTES_UNAUTHORISED_MAX) return false;
    if (counted.waiting && this.waiting + bytes > QUERY_BYTES_WAITING_MAX) return false;
    counted.unauthorised = unauthorised;
    this.count(key, counted, bytes);
    return true;
  }

  /** It has to wait for another message from now on. False at the limit; then nothing changed. */
  wait(counted: Counted): boolean {
    if (counted.waiting) return true;
    if (this.waiting + counted.bytes > QUERY_BYTES_WAITING_MAX) return false;
    counted.waiting = true;
    this.waiting += counted.bytes;
    return true;
  }

  /** It waits no longer. */
  run(counted: Counted): void {
    if (!counted.waiting) return;
    counted.waiting = false;
    this.waiting -= counted.bytes;
  }

  release(key: AuthKey, counted: Counted): void {
    this.count(key, counted, -counted.bytes);
  }

  private count(key: AuthKey, counted: Counted, bytes: number): void {
    counted.bytes += bytes;
    key.queryBytes += bytes;
    this.total += bytes;
    if (counted.unauthorised) this.unauthorised += bytes;
    if (counted.waiting) this.waiting += bytes;
  }
}
