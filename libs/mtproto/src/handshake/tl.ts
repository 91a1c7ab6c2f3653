import { HANDSHAKE_PADDING_BYTES_MAX, HANDSHAKE_STRING_BYTES_MAX } from '../limits';

/** Constructors of the key exchange. Source: core.telegram.org/schema/mtproto */
export const CONSTRUCTOR = {
  reqPq: 0x60469778,
  reqPqMulti: 0xbe7e8ef1,
  resPq: 0x05162463,
  pqInnerData: 0x83c95aec,
  pqInnerDataDc: 0xa9f55f95,
  pqInnerDataTemp: 0x3c6a84d4,
  pqInnerDataTempDc: 0x56fddf88,
  reqDhParams: 0xd712e4be,
  serverDhParamsOk: 0xd0e8075c,
  serverDhInnerData: 0xb5890dba,
  setClientDhParams: 0xf5045f1f,
  clientDhInnerData: 0x6643b654,
  dhGenOk: 0x3bcbf734,
  dhGenRetry: 0x46dc1fb9,
  dhGenFail: 0xa69dae02,
  vector: 0x1cb5c415,
} as const;

/** The bytes are not what the constructor says. */
export class MalformedError extends Error {
  constructor() {
    super('malformed handshake query');
  }
}

/** Reads the fixed constructors of the key exchange; every read is checked against the end. */
export class HandshakeReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes read so far. */
  get position(): number {
    return this.#at;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  #take(count: number): Buffer {
    if (count > this.remaining) throw new MalformedError();
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  uint32(): number {
    return this.#take(4).readUInt32LE(0);
  }

  int32(): number {
    return this.#take(4).readInt32LE(0);
  }

  uint64(): bigint {
    return this.#take(8).readBigUInt64LE(0);
  }

  int128(): Buffer {
    return this.#take(16);
  }

  int256(): Buffer {
    return this.#take(32);
  }

  /** A TL string of at most HANDSHAKE_STRING_BYTES_MAX bytes. */
  string(): Buffer {
    const first = this.#take(1)[0] as number;
    const isLong = first === 254;
    const length = isLong ? this.#take(3).readUIntLE(0, 3) : first;
    if (first === 255 || length > HANDSHAKE_STRING_BYTES_MAX) throw new MalformedError();
    const data = this.#take(length);
    this.#take((4 - (((isLong ? 4 : 1) + length) % 4)) % 4);
    return data;
  }

  /** Throws when more is left than the padding that a client may add to a query. */
  endPadded(): void {
    if (this.remaining > HANDSHAKE_PADDING_BYTES_MAX) throw new MalformedError();
  }

  /** Throws unless everything was read. */
  end(): void {
    if (this.remaining !== 0) throw new MalformedError();
  }
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

export function uint64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}

/** A TL string of less than 64 KiB. */
export function tlString(data: Uint8Array): Buffer {
  const head = data.length < 254 ? [data.length] : [254, data.length & 255, data.length >> 8, 0];
  return Buffer.concat([Buffer.from(head), data, Buffer.alloc((4 - ((head.length + data.length) % 4)) % 4)]);
}

/** The number that big-endian bytes say. */
export function bigEndian(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}
