import type { PacketCipher, Slot } from '../packet/cipher';
import type { TransportErrorCode } from './transport-error';

/** Why a transport ended. All but `closed` are the peer's fault; the gateway closes the socket without an answer. */
export type TransportFault =
  | 'closed' // WebSocket close handshake done
  | 'http' // an HTTP request that is no WebSocket upgrade; it was answered
  | 'unknown-transport' | 'bad-frame' | 'frame-too-long' | 'bad-checksum' | 'bad-sequence' | 'bad-web-socket' | 'bad-proxy-header' | 'bad-obfuscation';

/** What a transport tells its connection. Implemented by the gateway's connection object itself, so that none holds a closure. */
export interface TransportSink {
  /** One MTProto packet, encrypted or not. `packet` is valid during the call only. `quickAck`: the client asked for a quick ack. */
  onPacket(packet: Buffer, quickAck: boolean): void;
  /** Bytes to send now (an HTTP answer, a WebSocket pong or close). The bytes are the sink's. */
  onOutput(bytes: Buffer): void;
  /** The transport is over; nothing more will be read. Called at most once. */
  onFault(fault: TransportFault): void;
  /** The address of the client, from a trusted PROXY protocol header or the upgrade's X-Forwarded-For (only with `trustProxy`). */
  onAddress(address: string): void;
}

/** Shared by all connections of a listener. */
export interface TransportSettings {
  /** Expect a PROXY protocol v1 or v2 header first on every connection (it is then required). Only for listeners that just a balancer can reach. */
  readonly trustProxy: boolean;
  /** MTProxy-style secret (16 bytes) of obfuscated connections; undefined for none. */
  readonly secret?: Uint8Array;
}

/**
 * Everything between a socket's bytes and MTProto packets, for one connection: finds out the transport from the first bytes (abridged, intermediate,
 * padded intermediate, full, obfuscated, WebSocket), cuts frames, frames answers. Small on purpose: keys and stream ciphers live in the cipher's slot.
 */
export class Transport {
  constructor(readonly cipher: PacketCipher, readonly slot: Slot, private readonly settings: TransportSettings) {}

  /** `abridged`, `obfuscated intermediate`, `websocket padded` …, `unknown` before the first bytes: for metrics. */
  get name(): string { void this.settings; throw new Error('not built yet'); }
  /** The data center that an obfuscated client says it wants (int16 of the init packet; negative media, ±10000 test), else undefined. */
  get requestedDc(): number | undefined { throw new Error('not built yet'); }

  /** Takes bytes as they came off the socket (and may change them in place: obfuscation). Calls the sink, possibly several times. Ignores bytes after a fault. */
  receive(chunk: Buffer, sink: TransportSink): void { void chunk; void sink; throw new Error('not built yet'); }

  /** Wire bytes of a packet that is already complete (unencrypted handshake answers). */
  frame(packet: Uint8Array): Buffer { void packet; throw new Error('not built yet'); }
  /** Wire bytes of one message, encrypted for the slot's key and session. See PacketCipher.seal. */
  seal(messageId: bigint, seqNo: number, body: Uint8Array): Buffer { void messageId; void seqNo; void body; throw new Error('not built yet'); }
  /** Wire bytes of a transport error. */
  error(code: TransportErrorCode): Buffer { void code; throw new Error('not built yet'); }
  /** Wire bytes of a quick ack (`OpenedPacket.quickAckToken`); undefined where the transport has none (full). */
  quickAck(token: number): Buffer | undefined { void token; throw new Error('not built yet'); }
  /** Wire bytes that end the transport politely (WebSocket close), if it has any. */
  goodbye(): Buffer | undefined { throw new Error('not built yet'); }
  /** Forgets buffered bytes. The slot is the caller's to release. */
  destroy(): void { throw new Error('not built yet'); }
}
