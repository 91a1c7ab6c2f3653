/** Index of a connection's 768 bytes of key material and cipher state. */
export type Slot = number & { readonly __slot: unique symbol };
/** What `allocate` answers when every slot is taken. */
export const NO_SLOT = -1 as Slot;

/** How a packet is framed on the wire. Numbers are shared with the packet module. */
export const FRAMING = { bare: 0, abridged: 1, intermediate: 2, padded: 3, full: 4 } as const;
export type Framing = (typeof FRAMING)[keyof typeof FRAMING];

/** A packet that was decrypted and verified. One object is reused for every packet; `body` is valid until the cipher opens another. */
export interface OpenedPacket {
  salt: bigint;
  sessionId: bigint;
  messageId: bigint;
  seqNo: number;
  /** View into the cipher's memory: copy what must outlive the next `open`. */
  body: Uint8Array;
  /** Token for a quick ack: the first 32 bits of SHA256(auth_key part ‖ plaintext), bit 31 set. */
  quickAckToken: number;
}

/**
 * Packet cryptography over per-connection slots. Two implementations give the same bytes: the WebAssembly module (production) and the
 * reference one on node:crypto (tests); a native addon may be a third. MTProto 2.0 only: we send with x = 8 and receive with x = 0.
 * A cipher is single-threaded and belongs to one event loop.
 */
export interface PacketCipher {
  readonly slotsMax: number;
  readonly slotsUsed: number;
  /** A wiped slot, or NO_SLOT when all are taken. */
  allocate(): Slot;
  /** Wipes and frees a slot. Freeing a free slot throws. */
  release(slot: Slot): void;
  /** Puts the auth key (256 bytes; the first 128 are kept) and its id into the slot. */
  setAuthKey(slot: Slot, keyId: bigint, authKey: Uint8Array): void;
  /** Key id in the slot, 0n before setAuthKey. */
  authKeyId(slot: Slot): bigint;
  /** Salt and session id that `seal` writes into packets of this slot. */
  setSession(slot: Slot, salt: bigint, sessionId: bigint): void;
  /** Starts the obfuscation ciphers (AES-256-CTR) of both directions; keys 32 bytes, ivs 16. */
  setObfuscation(slot: Slot, inboundKey: Uint8Array, inboundIv: Uint8Array, outboundKey: Uint8Array, outboundIv: Uint8Array): void;
  /** Applies the inbound obfuscation cipher in place. */
  decryptStream(slot: Slot, bytes: Uint8Array): void;
  /** Applies the outbound obfuscation cipher in place. */
  encryptStream(slot: Slot, bytes: Uint8Array): void;
  /**
   * Decrypts and verifies `packet` (key id ‖ msg_key ‖ data) with the slot's key, into `into`. False when anything is wrong (msg_key, length, padding):
   * every failure takes the same path, and the caller drops the connection.
   */
  open(slot: Slot, packet: Uint8Array, into: OpenedPacket): boolean;
  /**
   * Encrypts one message for the slot's session and frames it (and obfuscates it when the slot's obfuscation is started).
   * Padding is random. The result is the caller's, with `headroom` unused bytes before the frame. `full` frames get sequence number `fullSeqNo`.
   * Throws RangeError above BODY_BYTES_MAX or when the body's length is not a multiple of 4.
   */
  seal(slot: Slot, framing: Framing, messageId: bigint, seqNo: number, body: Uint8Array, fullSeqNo?: number, headroom?: number): Buffer;
  /**
   * The same body for many slots at once, a slot at most once: frame `i` is the one that
   * `seal(slots[i], framings[i], messageIds[i], seqNos[i], body, fullSeqNos[i])` would give, apart from the random padding, which the frames of a batch share.
   * Frames are views of one buffer, each with BATCH_HEADROOM bytes before it.
   */
  sealMany(request: SealManyRequest): void;
}

/** Bytes free before each frame of a batch (a WebSocket header fits). */
export const BATCH_HEADROOM = 16;

/** Arguments and results of sealMany as parallel arrays, owned and reused by PacketBatch. */
export interface SealManyRequest {
  body: Uint8Array;
  count: number;
  readonly slots: Uint32Array;
  readonly framings: Uint8Array;
  readonly messageIds: BigUint64Array;
  readonly seqNos: Uint32Array;
  readonly fullSeqNos: Uint32Array;
  /** In: written over where it is large enough. Result: the buffer with all frames; frame i is `bytes.subarray(starts[i], ends[i])`. */
  bytes: Buffer;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}
