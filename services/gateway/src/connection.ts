import type { Socket } from 'node:net';
import type { Slot } from '@heliograph/mtproto/packet/cipher';
import type { HandshakeState } from '@heliograph/mtproto/handshake/handshake-server';
import type { Transport, TransportFault, TransportSink } from '@heliograph/mtproto/transport/transport';
import type { AuthKey } from './auth-key';
import { isWaiting, writeDirectly, writeHandle, type DirectWriter, type WriteHandle } from './direct-writes';
import type { DisconnectReason } from './domain/disconnect-reason';
import type { Timed } from './domain/timer-wheel';
import type { Gateway } from './gateway';
import type { Session } from './session';

/** Why reading is paused; several reasons may hold at once. */
export const PAUSE = { keyLookup: 1, backPressure: 2 } as const;

/** A socket that knows its connection, so that one set of handlers serves all. */
export interface GatewaySocket extends Socket {
  gw: Connection;
}

/** Packets that came before their auth key was found. */
export interface Waiting {
  packets: { packet: Buffer; quickAck: boolean }[];
  bytes: number;
}

/** One client connection: plain state, no closures, buffers or ciphers of its own (these live in the packet module's slot). */
export class Connection implements TransportSink, Timed, DirectWriter {
  deadlineAt = 0;
  timerBucket = -1;

  /** The key in the slot. */
  key: AuthKey | undefined = undefined;
  /** Session and salt in the slot: what `seal` writes. */
  sealedSession: Session | undefined = undefined;
  sealedSalt = 0n;
  /** Sessions that this connection carries; nearly always one. */
  session: Session | undefined = undefined;
  otherSessions: Session[] | undefined = undefined;
  handshake: HandshakeState | undefined = undefined;
  waiting: Waiting | undefined = undefined;
  /** Bytes that the transport holds of an incomplete packet, and all that is held with those of waiting packets: see Intake. */
  partialBytes = 0;
  heldBytes = 0;

  closed = false;
  /** Set: closes as soon as nothing is under way. */
  ending: DisconnectReason | undefined = undefined;
  paused = 0;
  packets = 0;
  /** Packets under keys that don't exist. */
  unknownKeys = 0;
  authenticated = false;
  /** Unix milliseconds at which the packet that is being received began; 0 between packets. */
  packetBeganAt = 0;
  /** Unix milliseconds from ping_delay_disconnect; 0: none. */
  disconnectAt = 0;
  /** Unix milliseconds since when its socket has bytes waiting, and how many had left by then; 0: none waiting. */
  stalledAt = 0;
  sentWhenStalled = 0;
  /** Bytes given to the socket, and those of them that were waiting in it when it was last full: see Backlog. */
  bytesOut = 0;
  backlogBytes = 0;
  directBytes = 0;
  streaming = false;
  readonly handle: WriteHandle | undefined;

  constructor(
    readonly gateway: Gateway,
    readonly socket: GatewaySocket,
    readonly slot: Slot,
    readonly transport: Transport,
    public address: string,
    readonly acceptedAt: number,
  ) {
    this.handle = writeHandle(socket);
  }

  onPacket(packet: Buffer, quickAck: boolean): void {
    this.packets += 1;
    this.packetBeganAt = 0;
    if (!this.closed && this.ending === undefined) this.gateway.receivePacket(this, packet, quickAck);
  }

  onOutput(bytes: Buffer): void {
    this.write(bytes);
  }

  onFault(fault: TransportFault): void {
    this.gateway.closeConnection(this, fault === 'closed' ? 'closed-by-client' : 'transport-fault', fault === 'http' || fault === 'closed');
  }

  onAddress(address: string): void {
    this.gateway.moveAddress(this, address);
  }

  onHeld(bytes: number): void {
    const change = bytes - this.partialBytes;
    this.partialBytes = bytes;
    this.gateway.intake.change(this, change);
  }

  /** Gives bytes to the socket; a reader that is too far behind is disconnected. False: they must stay as they are, some may wait. */
  write(bytes: Buffer): boolean {
    if (this.closed) return true;
    this.bytesOut += bytes.byteLength;
    if (writeDirectly(this, bytes)) return this.directBytes === 0;
    this.streaming = true;
    if (!this.socket.write(bytes)) this.gateway.onBackPressure(this);
    return false;
  }

  get isWaiting(): boolean {
    return isWaiting(this);
  }

  /** Bytes that were given to the socket and that the system hasn't taken. */
  get waitingBytes(): number {
    return this.socket.writableLength + this.directBytes;
  }

  pause(reason: number): void {
    if (this.paused === 0) this.socket.pause();
    this.paused |= reason;
  }

  resume(reason: number): void {
    if (this.paused === 0) return;
    this.paused &= ~reason;
    if (this.paused === 0 && !this.closed) this.socket.resume();
  }
}
