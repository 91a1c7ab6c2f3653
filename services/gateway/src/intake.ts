import type { Connection } from './connection';
import { addressBucket } from './domain/address-bucket';
import type { DisconnectReason } from './domain/disconnect-reason';
import { INTAKE_BYTES_MAX, INTAKE_BYTES_PER_ADDRESS_MAX, INTAKE_BYTES_UNPROVEN_MAX, INTAKE_SMALL_BYTES } from './limits';

export interface IntakeDeps {
  /** Closes a connection; it calls `release`. */
  closeConnection(connection: Connection, reason: DisconnectReason): void;
}

/**
 * Bytes that clients sent and that can't be worked on yet: packets that are not complete, and packets whose auth key is being looked up.
 * One budget for the process, a smaller one for all connections that haven't proven a key yet, one per address. At the first two the connection
 * that has been at it for longest is cut off (an honest sender is done by then), at the third the one that asks.
 */
export class Intake {
  /** Connections that hold more than INTAKE_SMALL_BYTES, longest first. */
  private readonly proven = new Set<Connection>();
  private readonly unproven = new Set<Connection>();
  private readonly perAddress = new Map<string, number>();
  private bytes = 0;
  private unprovenBytes = 0;

  constructor(private readonly deps: IntakeDeps) {}

  get heldBytes(): number {
    return this.bytes;
  }

  /** The connection holds so many bytes more, or fewer. It, or another, may be closed afterwards. */
  change(connection: Connection, change: number): void {
    if (change === 0) return;
    const before = connection.heldBytes;
    const after = before + change;
    connection.heldBytes = after;
    this.bytes += change;
    if (!connection.authenticated) this.unprovenBytes += change;
    const large = largePart(after) - largePart(before);
    if (large !== 0) {
      if (largePart(before) === 0 || largePart(after) === 0) this.place(connection);
      const ofAddress = this.countAddress(connection.address, large);
      if (large > 0 && ofAddress > INTAKE_BYTES_PER_ADDRESS_MAX) return this.deps.closeConnection(connection, 'over-budget');
    }
    if (change < 0) return;
    if (this.unprovenBytes > INTAKE_BYTES_UNPROVEN_MAX) this.cutOff(this.unproven, connection);
    if (this.bytes > INTAKE_BYTES_MAX) this.cutOff(this.proven.size > 0 ? this.proven : this.unproven, connection);
  }

  /** The connection sent a valid packet: it was `unproven` until now. */
  onProven(connection: Connection): void {
    this.unprovenBytes -= connection.heldBytes;
    this.place(connection);
  }

  /** Its address became known. */
  onAddress(connection: Connection, from: string): void {
    const large = largePart(connection.heldBytes);
    if (large === 0) return;
    this.countAddress(from, -large);
    this.countAddress(connection.address, large);
  }

  /** The connection is closed: it holds nothing. */
  release(connection: Connection): void {
    if (connection.heldBytes !== 0) this.change(connection, -connection.heldBytes);
  }

  private place(connection: Connection): void {
    this.unproven.delete(connection);
    this.proven.delete(connection);
    if (largePart(connection.heldBytes) > 0) (connection.authenticated ? this.proven : this.unproven).add(connection);
  }

  private cutOff(holders: Set<Connection>, asking: Connection): void {
    for (const longest of holders) return this.deps.closeConnection(longest, 'over-budget');
    this.deps.closeConnection(asking, 'over-budget');
  }

  private countAddress(address: string, change: number): number {
    const bucket = addressBucket(address);
    const bytes = (this.perAddress.get(bucket) ?? 0) + change;
    if (bytes <= 0) this.perAddress.delete(bucket);
    else this.perAddress.set(bucket, bytes);
    return bytes;
  }
}

/** Small holdings are counted for the process only: nearly every connection has one now and then. */
const largePart = (bytes: number): number => (bytes > INTAKE_SMALL_BYTES ? bytes : 0);
