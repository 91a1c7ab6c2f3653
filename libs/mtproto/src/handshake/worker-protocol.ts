/** What the handshake threads are asked and what they answer: lists, as waking a thread costs a third of what it is woken for. */

/** Given to a thread when it starts. */
export interface WorkerSettings {
  /** PKCS#1 PEM, in the order of HandshakeDeps.keys. */
  readonly privatePems: readonly string[];
}

export type WorkerRequest =
  /** Opens the client's RSA block and picks the server's half of the exchange. */
  | { readonly id: number; readonly kind: 'begin'; readonly keyIndex: number; readonly block: Uint8Array }
  /** Computes the shared key. */
  | { readonly id: number; readonly kind: 'finish'; readonly exponent: Uint8Array; readonly clientValue: Uint8Array };

export interface BeginResult {
  /** Inner data; undefined when the block was not genuine. */
  readonly innerData: Uint8Array | undefined;
  readonly exponent: Uint8Array;
  /** g_a, 256 bytes. */
  readonly serverValue: Uint8Array;
}

export interface FinishResult {
  /** 256 bytes. */
  readonly authKey: Uint8Array;
}

export type WorkerAnswer = { readonly id: number; readonly begin?: BeginResult; readonly finish?: FinishResult; readonly failed?: boolean };
