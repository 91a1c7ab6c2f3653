import type { Connection } from './connection';
import { OUTBOUND_BYTES_TOTAL_MAX } from './limits';

/** Bytes that wait in the sockets of readers who don't keep up, of all connections together: at the budget the one that is behind for longest is given up. */
export class Backlog {
  /** Behind for longest first. */
  private readonly behind = new Set<Connection>();
  private bytes = 0;

  constructor(private readonly giveUp: (connection: Connection) => void, private readonly bytesMax = OUTBOUND_BYTES_TOTAL_MAX) {}

  get waitingBytes(): number {
    return this.bytes;
  }

  /** So many bytes wait in the connection's socket now; 0: none, it is drained or closed. */
  set(connection: Connection, bytes: number): void {
    this.bytes += bytes - connection.backlogBytes;
    connection.backlogBytes = bytes;
    if (bytes === 0) this.behind.delete(connection);
    else this.behind.add(connection);
    if (this.bytes <= this.bytesMax) return;
    for (const longest of this.behind) return this.giveUp(longest);
  }
}
