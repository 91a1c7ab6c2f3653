/** Writes the few TL types that service messages are made of into a buffer of exactly `size` bytes. */
export class TlBytes {
  readonly buffer: Buffer;
  private offset = 0;

  constructor(size: number) {
    this.buffer = Buffer.allocUnsafeSlow(size);
  }

  uint32(value: number): this {
    this.offset = this.buffer.writeUInt32LE(value >>> 0, this.offset);
    return this;
  }

  long(value: bigint): this {
    this.offset = this.buffer.writeBigUInt64LE(BigInt.asUintN(64, value), this.offset);
    return this;
  }

  raw(bytes: Uint8Array): this {
    this.buffer.set(bytes, this.offset);
    this.offset += bytes.byteLength;
    return this;
  }

  bytesField(bytes: Uint8Array): this {
    const start = this.offset;
    if (bytes.byteLength < 254) this.buffer[this.offset++] = bytes.byteLength;
    else {
      this.buffer.writeUInt32LE(((bytes.byteLength << 8) | 254) >>> 0, this.offset);
      this.offset += 4;
    }
    this.raw(bytes);
    while ((this.offset - start) % 4 !== 0) this.buffer[this.offset++] = 0;
    return this;
  }

  longs(values: readonly bigint[]): this {
    this.uint32(0x1cb5c415).uint32(values.length);
    for (const value of values) this.long(value);
    return this;
  }

  /** The finished bytes; throws when `size` was wrong. */
  done(): Buffer {
    if (this.offset !== this.buffer.byteLength) throw new RangeError(`wrote ${this.offset} of ${this.buffer.byteLength} bytes`);
    return this.buffer;
  }
}

/** Bytes that a `bytes` or `string` of this length takes. */
export const bytesFieldSize = (length: number): number => ((length < 254 ? 1 : 4) + length + 3) & ~3;
