import type { RsaKey } from '../rsa-key';
import type { TransportErrorCode } from '../transport/transport-error';

/** The outcome of a finished handshake. */
export interface EstablishedKey {
  /** 256 bytes. */
  readonly authKey: Buffer;
  readonly keyId: bigint;
  /** The first server salt: new_nonce xor server_nonce. Valid for HANDSHAKE_SALT_LIFETIME_S, see salts.ts. */
  readonly serverSalt: bigint;
  /** Unix seconds when a temporary key ends; undefined for a permanent key. */
  readonly expiresAt?: number;
  /** The `dc` field of the inner data if it had one: +10000 = test, negative = media. */
  readonly dc?: number;
}

export interface HandshakeDeps {
  /** All keys that clients may know; the first is offered first. */
  readonly keys: readonly RsaKey[];
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Cryptographically random bytes. */
  readonly random: (bytes: number) => Uint8Array;
  /**
   * Makes the key durable before the client is told that it exists. False: another key has this id (the client is asked to retry with dh_gen_retry).
   * Throws: the client is told dh_gen_fail.
   */
  readonly storeKey: (key: EstablishedKey) => Promise<boolean>;
  /** Worker threads for RSA and DH; default: half the cores, at least 1, at most 4. Started on first use, stopped after a minute without work. */
  readonly workers?: number;
  /** Counts outcomes for telemetry. */
  readonly onOutcome?: (outcome: HandshakeOutcome) => void;
}
export type HandshakeOutcome = 'established' | 'retry' | 'fail' | 'refused' | 'over-budget';

/** `answer`: send it in an unencrypted message. `established` comes with the answer that completes the handshake. `refuse`: a transport error; close after sending it. */
export type HandshakeReply =
  | { readonly kind: 'answer'; readonly body: Buffer; readonly established?: EstablishedKey }
  | { readonly kind: 'refuse'; readonly code: TransportErrorCode };

/** A connection's place in the handshake. Opaque; kept by the connection from the first unencrypted message on. */
export interface HandshakeState { readonly __handshake: unique symbol }

/** Key exchange for all connections of a process: checks, budgets, RSA and DH in worker threads. Source: core.telegram.org/mtproto/auth_key */
export class HandshakeServer {
  constructor(deps: HandshakeDeps) { void deps; }
  /** A new place in the handshake for a connection; small. Call `end` when the connection closes. */
  begin(): HandshakeState { throw new Error('not built yet'); }
  /**
   * One unencrypted query (its TL body; copied if needed) from `address`. Never rejects. Queries of one connection are answered in order; any failed check answers
   * −404 now and ever after, to the right query too; budgets answer −429. An unknown constructor is a failed check.
   */
  receive(state: HandshakeState, body: Uint8Array, address: string): Promise<HandshakeReply> { void state; void body; void address; throw new Error('not built yet'); }
  end(state: HandshakeState): void { void state; throw new Error('not built yet'); }
  /** Stops the worker threads. */
  stop(): Promise<void> { throw new Error('not built yet'); }
}
