/** The few TL types that a raw client writes and reads by hand; API requests come from libs/tl. */

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

export function int64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
  return bytes;
}

/** `bytes` and `string`: length, content, padding to four. */
export function tlBytes(content: Uint8Array | string): Buffer {
  const data = typeof content === 'string' ? Buffer.from(content) : Buffer.from(content);
  const head = data.length < 254 ? Buffer.from([data.length]) : Buffer.from([254, data.length & 255, (data.length >> 8) & 255, data.length >> 16]);
  return Buffer.concat([head, data, Buffer.alloc((4 - ((head.length + data.length) % 4)) % 4)]);
}

export const VECTOR = 0x1cb5c415;

export function longVector(ids: readonly bigint[]): Buffer {
  const bytes = Buffer.alloc(8 + 8 * ids.length);
  bytes.writeUInt32LE(VECTOR, 0);
  bytes.writeUInt32LE(ids.length, 4);
  ids.forEach((id, index) => bytes.writeBigUInt64LE(BigInt.asUintN(64, id), 8 + 8 * index));
  return bytes;
}

/** Reads what a server answered; throws RangeError past the end. */
export class TlReader {
  at = 0;

  constructor(readonly bytes: Buffer) {}

  get remaining(): number {
    return this.bytes.length - this.at;
  }

  uint32(): number {
    this.at += 4;
    return this.bytes.readUInt32LE(this.at - 4);
  }

  int32(): number {
    return this.uint32() | 0;
  }

  int64(): bigint {
    this.at += 8;
    return this.bytes.readBigUInt64LE(this.at - 8);
  }

  raw(length: number): Buffer {
    if (length > this.remaining) throw new RangeError('the answer is too short');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  byteString(): Buffer {
    const first = this.raw(1)[0] as number;
    const length = first === 254 ? this.raw(3).readUIntLE(0, 3) : first;
    const data = this.raw(length);
    this.raw((4 - (((first === 254 ? 4 : 1) + length) % 4)) % 4);
    return data;
  }

  longs(): bigint[] {
    if (this.uint32() !== VECTOR) throw new RangeError('no vector');
    return Array.from({ length: this.uint32() }, () => this.int64());
  }
}
