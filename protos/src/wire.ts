/** Thrown, always this one, at what a made codec doesn't cover: the general one is to do it. */
export const ODD = new Error('not covered by a made codec');

/** Messages within messages. */
const DEPTH_MAX = 100;
/** Longer ones go by the system's copy. */
const SHORT_COPY_BYTES = 24;
/** To begin with; a writer keeps the largest it needed, up to WRITER_KEPT_BYTES. */
const WRITER_BYTES = 64 * 1024;
const WRITER_KEPT_BYTES = 4 * 1024 * 1024;

const halves = new Uint32Array(2);
const signed = new BigInt64Array(halves.buffer);
const unsigned = new BigUint64Array(halves.buffer);
const float = new Float32Array(halves.buffer, 0, 1);
const double = new Float64Array(halves.buffer);
const { utf8Slice, utf8Write } = Buffer.prototype as unknown as {
  utf8Slice(this: Uint8Array, start: number, end: number): string;
  utf8Write(this: Uint8Array, text: string, start: number, length: number): number;
};

/** Reads protobuf's wire format (little-endian base-128 varints; https://protobuf.dev/programming-guides/encoding). Throws ODD at the end of the bytes. */
export class Reader {
  at = 0;
  private depth = 0;
  /** The last varint that `long` had room for. */
  private small = 0;
  private readonly length: number;

  constructor(private readonly bytes: Uint8Array) {
    this.length = bytes.length;
  }

  /** A field's number and wire type, as they stand together. */
  tag(): number {
    const first = this.bytes[this.at] as number;
    if (first < 0x80) {
      this.at += 1;
      return first;
    }
    const tag = this.uint32();
    // The general one refuses what is longer.
    if (tag > 0xfffffff) throw ODD;
    return tag;
  }

  uint32(): number {
    const { bytes } = this;
    let value = bytes[this.at++] as number;
    if (value < 0x80) return value;
    value = (value & 0x7f) | (((bytes[this.at] as number) & 0x7f) << 7);
    if ((bytes[this.at++] as number) < 0x80) return value;
    value |= ((bytes[this.at] as number) & 0x7f) << 14;
    if ((bytes[this.at++] as number) < 0x80) return value;
    value |= ((bytes[this.at] as number) & 0x7f) << 21;
    if ((bytes[this.at++] as number) < 0x80) return value;
    value = (value | (((bytes[this.at] as number) & 0x0f) << 28)) >>> 0;
    if ((bytes[this.at++] as number) < 0x80) return value;
    // The rest of 64 bits, of which nothing is left.
    for (let count = 0; count < 5; count += 1) if ((bytes[this.at++] as number) < 0x80) return value;
    throw ODD;
  }

  int32(): number {
    return this.uint32() | 0;
  }

  sint32(): number {
    const value = this.uint32();
    return (value >>> 1) ^ -(value & 1);
  }

  bool(): boolean {
    const value = this.bytes[this.at++] as number;
    if (value > 1) throw ODD;
    return value === 1;
  }

  int64(): bigint {
    return this.long() ? signed[0] as bigint : BigInt(this.small);
  }

  uint64(): bigint {
    return this.long() ? unsigned[0] as bigint : BigInt(this.small);
  }

  sint64(): bigint {
    const value = this.uint64();
    return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
  }

  fixed32(): number {
    return this.bits32();
  }

  sfixed32(): number {
    return this.bits32() | 0;
  }

  fixed64(): bigint {
    halves[0] = this.bits32();
    halves[1] = this.bits32();
    return unsigned[0] as bigint;
  }

  sfixed64(): bigint {
    halves[0] = this.bits32();
    halves[1] = this.bits32();
    return signed[0] as bigint;
  }

  float(): number {
    halves[0] = this.bits32();
    return float[0] as number;
  }

  double(): number {
    halves[0] = this.bits32();
    halves[1] = this.bits32();
    return double[0] as number;
  }

  /** Not UTF-8: ODD. */
  string(): string {
    const end = this.end();
    const start = this.at;
    this.at = end;
    if (start === end) return '';
    const text = utf8Slice.call(this.bytes, start, end);
    // What is no UTF-8 becomes this, which may also stand there.
    if (text.includes('\ufffd')) throw ODD;
    return text;
  }

  /** A view. */
  view(): Uint8Array {
    const end = this.end();
    const view = this.bytes.subarray(this.at, end);
    this.at = end;
    return view;
  }

  /** Where that ends whose length stands here. */
  end(): number {
    const length = this.uint32();
    const end = this.at + length;
    if (!(end <= this.length)) throw ODD;
    return end;
  }

  /** Where the message within ends whose length stands here; `leave` follows it. */
  enter(): number {
    this.depth += 1;
    if (this.depth >= DEPTH_MAX) throw ODD;
    return this.end();
  }

  leave(): void {
    this.depth -= 1;
  }

  /** Reads a varint: into `small` and false, or, where that has no room, into `halves` and true. */
  private long(): boolean {
    const { bytes } = this;
    let byte = bytes[this.at++] as number;
    if (byte < 0x80) {
      this.small = byte;
      return false;
    }
    let low = byte & 0x7f;
    for (let shift = 7; shift < 28; shift += 7) {
      byte = bytes[this.at++] as number;
      low |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.small = low;
        return false;
      }
    }
    // Bits 28 to 48.
    let high = 0;
    for (let shift = 0; shift < 21; shift += 7) {
      byte = bytes[this.at++] as number;
      high |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.small = low + high * 0x10000000;
        return false;
      }
    }
    // Bits 49 to 63; what is above is cut off.
    let top = 0;
    for (let shift = 0; ; shift += 7) {
      if (shift > 14) throw ODD;
      byte = bytes[this.at++] as number;
      top |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    if (!(this.at <= this.length)) throw ODD;
    halves[0] = (low | (high << 28)) >>> 0;
    halves[1] = ((high >>> 4) | (top << 17)) >>> 0;
    return true;
  }

  private bits32(): number {
    const { bytes, at } = this;
    this.at = at + 4;
    if (this.at > this.length) throw ODD;
    return ((bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24)) >>> 0;
  }
}

/** Writes protobuf's wire format. Throws ODD at values that are not of the type. Used again and again; `at` is where it stands. */
export class Writer {
  at = 0;
  private bytes = Buffer.allocUnsafe(WRITER_BYTES);

  /** A copy of what was written. */
  taken(): Buffer {
    const taken = Buffer.allocUnsafe(this.at);
    this.bytes.copy(taken, 0, 0, this.at);
    if (this.bytes.length > WRITER_KEPT_BYTES) this.bytes = Buffer.allocUnsafe(WRITER_BYTES);
    return taken;
  }

  uint32(value: number): void {
    if (value >>> 0 !== value) throw ODD;
    this.reserve(5);
    this.varint(value);
  }

  int32(value: number): void {
    if ((value | 0) !== value) throw ODD;
    this.reserve(10);
    if (value >= 0) return this.varint(value);
    halves[0] = value;
    halves[1] = 0xffffffff;
    this.varint64();
  }

  sint32(value: number): void {
    if ((value | 0) !== value) throw ODD;
    this.reserve(5);
    this.varint(((value << 1) ^ (value >> 31)) >>> 0);
  }

  bool(value: boolean): void {
    if (value !== true && value !== false) throw ODD;
    this.reserve(1);
    this.bytes[this.at++] = value ? 1 : 0;
  }

  int64(value: bigint): void {
    if (typeof value !== 'bigint') throw ODD;
    signed[0] = value;
    if (signed[0] !== value) throw ODD;
    this.reserve(10);
    this.varint64();
  }

  uint64(value: bigint): void {
    if (typeof value !== 'bigint') throw ODD;
    unsigned[0] = value;
    if (unsigned[0] !== value) throw ODD;
    this.reserve(10);
    this.varint64();
  }

  sint64(value: bigint): void {
    if (typeof value !== 'bigint' || BigInt.asIntN(64, value) !== value) throw ODD;
    this.uint64(BigInt.asUintN(64, (value << 1n) ^ (value >> 63n)));
  }

  fixed32(value: number): void {
    if (value >>> 0 !== value) throw ODD;
    this.reserve(4);
    this.bits32(value);
  }

  sfixed32(value: number): void {
    if ((value | 0) !== value) throw ODD;
    this.reserve(4);
    this.bits32(value);
  }

  fixed64(value: bigint): void {
    if (typeof value !== 'bigint') throw ODD;
    unsigned[0] = value;
    if (unsigned[0] !== value) throw ODD;
    this.bits64();
  }

  sfixed64(value: bigint): void {
    if (typeof value !== 'bigint') throw ODD;
    signed[0] = value;
    if (signed[0] !== value) throw ODD;
    this.bits64();
  }

  float(value: number): void {
    // Finite ones that a float has no room for are refused.
    if (typeof value !== 'number' || (Number.isFinite(value) && !Number.isFinite(Math.fround(value)))) throw ODD;
    float[0] = value;
    this.reserve(4);
    this.bits32(halves[0] as number);
  }

  double(value: number): void {
    if (typeof value !== 'number') throw ODD;
    double[0] = value;
    this.bits64();
  }

  string(value: string): void {
    if (typeof value !== 'string') throw ODD;
    const longest = value.length * 3;
    this.reserve(5 + longest);
    if (longest < 0x80) {
      const written = utf8Write.call(this.bytes, value, this.at + 1, longest);
      this.bytes[this.at] = written;
      this.at += 1 + written;
    } else {
      const length = Buffer.byteLength(value);
      this.varint(length);
      this.at += utf8Write.call(this.bytes, value, this.at, length);
    }
  }

  view(value: Uint8Array): void {
    if (!(value instanceof Uint8Array)) throw ODD;
    const { length } = value;
    this.reserve(5 + length);
    this.varint(length);
    const { bytes, at } = this;
    if (length <= SHORT_COPY_BYTES) for (let index = 0; index < length; index += 1) bytes[at + index] = value[index] as number;
    else bytes.set(value, at);
    this.at = at + length;
  }

  /** A field's number and wire type. */
  tag(value: number): void {
    this.reserve(5);
    this.varint(value);
  }

  /** Begins what has its length before it; `end` is told where. */
  begin(): number {
    this.reserve(1);
    this.at += 1;
    return this.at;
  }

  end(start: number): void {
    const length = this.at - start;
    if (length < 0x80) {
      this.bytes[start - 1] = length;
      return;
    }
    const more = length < 0x4000 ? 1 : length < 0x200000 ? 2 : length < 0x10000000 ? 3 : 4;
    this.reserve(more);
    this.bytes.copyWithin(start + more, start, this.at);
    this.at = start - 1;
    this.varint(length);
    this.at += length;
  }

  private reserve(count: number): void {
    if (this.at + count <= this.bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.at + count));
    this.bytes.copy(grown, 0, 0, this.at);
    this.bytes = grown;
  }

  private varint(value: number): void {
    const { bytes } = this;
    let rest = value;
    while (rest > 0x7f) {
      bytes[this.at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[this.at++] = rest;
  }

  /** The 64 bits in `halves`, as a varint. */
  private varint64(): void {
    const { bytes } = this;
    let low = halves[0] as number;
    let high = halves[1] as number;
    while (high !== 0) {
      bytes[this.at++] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    this.varint(low);
  }

  /** The 64 bits in `halves`. */
  private bits64(): void {
    this.reserve(8);
    this.bits32(halves[0] as number);
    this.bits32(halves[1] as number);
  }

  private bits32(value: number): void {
    const { bytes, at } = this;
    bytes[at] = value;
    bytes[at + 1] = value >>> 8;
    bytes[at + 2] = value >>> 16;
    bytes[at + 3] = value >>> 24;
    this.at = at + 4;
  }
}
