/** A growing byte buffer with a position. Its memory is reused: what it holds is valid until `reset`. */
export class ByteWriter {
  /** NOTE: made by allocUnsafeSlow, so that byteOffset is 0; the embedded store reads it by address. */
  bytes: Buffer;
  position = 0;

  constructor(size = 64 * 1024) {
    this.bytes = Buffer.allocUnsafeSlow(size);
  }

  reset(): void {
    this.position = 0;
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    const needed = this.position + count;
    if (needed <= this.bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(grown, 0, 0, this.position);
    this.bytes = grown;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.position++] = value;
  }

  /** Unsigned LEB128 of a safe integer. */
  varint(value: number): void {
    this.reserve(8);
    let rest = value;
    while (rest >= 0x80) {
      this.bytes[this.position++] = (rest % 0x80) + 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.bytes[this.position++] = rest;
  }

  uint64(value: bigint): void {
    this.reserve(8);
    this.bytes.writeBigUInt64BE(BigInt.asUintN(64, value), this.position);
    this.position += 8;
  }

  uint48(value: number): void {
    this.reserve(6);
    this.bytes.writeUIntBE(value, this.position, 6);
    this.position += 6;
  }

  raw(value: Uint8Array): void {
    this.reserve(value.length);
    this.bytes.set(value, this.position);
    this.position += value.length;
  }

  /** Length as varint, then UTF-8. */
  text(value: string): void {
    const length = Buffer.byteLength(value);
    this.varint(length);
    this.reserve(length);
    this.bytes.utf8Write(value, this.position, length);
    this.position += length;
  }

  /** Length as varint, then the bytes. */
  blob(value: Uint8Array): void {
    this.varint(value.length);
    this.raw(value);
  }
}

/** Reads what ByteWriter wrote. Bytes are copied out, so that the source may be reused. */
export class ByteReader {
  position = 0;
  end = 0;
  bytes: Buffer = Buffer.alloc(0);

  from(bytes: Buffer, start: number, end: number): this {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
    return this;
  }

  byte(): number {
    return this.bytes[this.position++] as number;
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.bytes[this.position++] as number;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
  }

  uint64(): bigint {
    const value = this.bytes.readBigUInt64BE(this.position);
    this.position += 8;
    return value;
  }

  uint48(): number {
    const value = this.bytes.readUIntBE(this.position, 6);
    this.position += 6;
    return value;
  }

  text(): string {
    const length = this.varint();
    const value = this.bytes.utf8Slice(this.position, this.position + length);
    this.position += length;
    return value;
  }

  blob(): Uint8Array {
    const length = this.varint();
    const value = new Uint8Array(length);
    value.set(this.bytes.subarray(this.position, this.position + length));
    this.position += length;
    return value;
  }
}
