/**
 * The primitive types of Kafka's protocol (kafka.apache.org/protocol, "Protocol Primitive Types"), in the *flexible* encoding: lengths
 * are unsigned varints of length + 1 (0: null), structures end in tagged fields.
 */

export class WireWriter {
  private bytes: Buffer;
  position = 0;

  constructor(size = 512) {
    this.bytes = Buffer.allocUnsafe(size);
  }

  /** What was written; the writer must not be used after it. */
  finish(): Buffer {
    return this.bytes.subarray(0, this.position);
  }

  private reserve(count: number): void {
    if (this.position + count <= this.bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.position + count, this.bytes.length * 2));
    this.bytes.copy(grown, 0, 0, this.position);
    this.bytes = grown;
  }

  int8(value: number): this {
    this.reserve(1);
    this.position = this.bytes.writeInt8(value, this.position);
    return this;
  }

  boolean(value: boolean): this {
    return this.int8(value ? 1 : 0);
  }

  int16(value: number): this {
    this.reserve(2);
    this.position = this.bytes.writeInt16BE(value, this.position);
    return this;
  }

  int32(value: number): this {
    this.reserve(4);
    this.position = this.bytes.writeInt32BE(value, this.position);
    return this;
  }

  uint32(value: number): this {
    this.reserve(4);
    this.position = this.bytes.writeUInt32BE(value, this.position);
    return this;
  }

  int64(value: bigint): this {
    this.reserve(8);
    this.position = this.bytes.writeBigInt64BE(value, this.position);
    return this;
  }

  /** Unsigned varint, below 2^31. */
  uvarint(value: number): this {
    this.reserve(5);
    let rest = value;
    for (; rest > 0x7f; rest >>>= 7) this.bytes[this.position++] = (rest & 0x7f) | 0x80;
    this.bytes[this.position++] = rest;
    return this;
  }

  /** Zigzag varint of a 32-bit integer, as inside records. */
  varint(value: number): this {
    this.reserve(5);
    let rest = ((value << 1) ^ (value >> 31)) >>> 0;
    for (; rest > 0x7f; rest >>>= 7) this.bytes[this.position++] = (rest & 0x7f) | 0x80;
    this.bytes[this.position++] = rest;
    return this;
  }

  raw(value: Uint8Array): this {
    this.reserve(value.length);
    this.bytes.set(value, this.position);
    this.position += value.length;
    return this;
  }

  /** UTF-8 of `value`, whose length in bytes is `length`. */
  utf8(value: string, length: number): this {
    this.reserve(length);
    this.position += this.bytes.write(value, this.position, length, 'utf8');
    return this;
  }

  string(value: string): this {
    const length = Buffer.byteLength(value);
    return this.uvarint(length + 1).utf8(value, length);
  }

  nullableString(value: string | undefined): this {
    return value === undefined ? this.uvarint(0) : this.string(value);
  }

  /** The older encoding, with a length of 16 bits: header and SASL handshake. */
  shortString(value: string): this {
    const length = Buffer.byteLength(value);
    return this.int16(length).utf8(value, length);
  }

  byteArray(value: Uint8Array): this {
    return this.uvarint(value.length + 1).raw(value);
  }

  array<T>(items: readonly T[], write: (item: T) => void): this {
    this.uvarint(items.length + 1);
    for (const item of items) write(item);
    return this;
  }

  /** No tagged fields. */
  noTags(): this {
    return this.int8(0);
  }

  /** Room for an int32 that is known later. Answers its place for `setInt32`. */
  placeInt32(): number {
    this.int32(0);
    return this.position - 4;
  }

  setInt32(place: number, value: number): void {
    this.bytes.writeInt32BE(value, place);
  }
}

/** Throws RangeError when the bytes end too early: an answer that is not what its version says. */
export class WireReader {
  constructor(readonly bytes: Buffer, public position = 0, readonly end = bytes.length) {}

  private take(count: number): number {
    const at = this.position;
    if (at + count > this.end) throw new RangeError(`an answer of Kafka ends after ${this.end} bytes, ${at + count} were expected`);
    this.position = at + count;
    return at;
  }

  int8(): number {
    return this.bytes.readInt8(this.take(1));
  }

  boolean(): boolean {
    return this.int8() !== 0;
  }

  int16(): number {
    return this.bytes.readInt16BE(this.take(2));
  }

  int32(): number {
    return this.bytes.readInt32BE(this.take(4));
  }

  int64(): bigint {
    return this.bytes.readBigInt64BE(this.take(8));
  }

  uvarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.bytes[this.take(1)] as number;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new RangeError('a varint of Kafka is longer than 5 bytes');
  }

  varint(): number {
    const value = this.uvarint();
    return (value >>> 1) ^ -(value & 1);
  }

  /** Passes over a varint of up to 64 bits. */
  skipVarlong(): void {
    while ((this.bytes[this.take(1)] as number) >= 0x80);
  }

  utf8(length: number): string {
    const at = this.take(length);
    return this.bytes.toString('utf8', at, at + length);
  }

  /** Null reads as ''. */
  string(): string {
    const length = this.uvarint();
    return length === 0 ? '' : this.utf8(length - 1);
  }

  shortString(): string {
    const length = this.int16();
    return length < 0 ? '' : this.utf8(length);
  }

  /** A view of the answer. */
  view(length: number): Buffer {
    const at = this.take(length);
    return this.bytes.subarray(at, at + length);
  }

  byteArray(): Buffer {
    const length = this.uvarint();
    return length === 0 ? Buffer.alloc(0) : this.view(length - 1);
  }

  array<T>(read: () => T): T[] {
    const length = this.uvarint();
    const items: T[] = [];
    for (let i = 1; i < length; i++) items.push(read());
    return items;
  }

  /** A topic id as 32 hexadecimal digits. */
  uuid(): string {
    const at = this.take(16);
    return this.bytes.toString('hex', at, at + 16);
  }

  skipTags(): void {
    for (let count = this.uvarint(); count > 0; count--) {
      this.uvarint();
      this.take(this.uvarint());
    }
  }
}
