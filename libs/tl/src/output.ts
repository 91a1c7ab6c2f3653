import { STRING_BYTES_MAX, WRITE_BUFFER_BYTES } from './limits';

/** Below this many UTF-16 units a loop beats a native call. */
const SHORT_UNITS = 32;

/** A value of ours that TL can't say as declared: a defect of the caller, never the client's. */
export class TlWriteError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'TlWriteError';
  }
}

const wrong = (expected: string, value: unknown): TlWriteError => new TlWriteError(`${expected} expected, got ${value === null ? 'null' : typeof value === 'number' ? String(value) : typeof value}`);

/** What compiled writers call: appends to a buffer that grows by doubling. */
export class Output {
  bytes: Buffer;
  private view: DataView;
  offset = 0;

  constructor(bytes: Buffer = Buffer.allocUnsafeSlow(WRITE_BUFFER_BYTES), private readonly fixed = false) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  private room(length: number): void {
    if (this.offset + length > this.bytes.length) this.grow(length);
  }

  private grow(length: number): void {
    if (this.fixed) throw new RangeError(`the buffer has no room for ${length} more bytes`);
    let size = this.bytes.length * 2;
    while (size < this.offset + length) size *= 2;
    const grown = Buffer.allocUnsafeSlow(size);
    this.bytes.copy(grown, 0, 0, this.offset);
    this.bytes = grown;
    this.view = new DataView(grown.buffer, grown.byteOffset, grown.length);
  }

  /** A constructor id, flags, or a length: 32 bits without a check. */
  word(value: number): void {
    this.room(4);
    this.view.setInt32(this.offset, value, true);
    this.offset += 4;
  }

  /** Overwrites the word at `offset`. */
  patch(offset: number, value: number): void {
    this.view.setInt32(offset, value, true);
  }

  int(value: number): void {
    if (value !== (value | 0)) throw wrong('int', value);
    this.room(4);
    this.view.setInt32(this.offset, value, true);
    this.offset += 4;
  }

  long(value: bigint): void {
    if (typeof value !== 'bigint') throw wrong('long', value);
    this.room(8);
    this.view.setBigInt64(this.offset, value, true);
    this.offset += 8;
  }

  /** A safe integer as 64 bits. */
  number(value: number): void {
    if (!Number.isSafeInteger(value)) throw wrong('long as a number', value);
    this.room(8);
    this.view.setInt32(this.offset, value | 0, true);
    this.view.setInt32(this.offset + 4, Math.floor(value / 0x1_0000_0000), true);
    this.offset += 8;
  }

  double(value: number): void {
    if (typeof value !== 'number') throw wrong('double', value);
    this.room(8);
    this.view.setFloat64(this.offset, value, true);
    this.offset += 8;
  }

  bool(value: boolean): void {
    if (typeof value !== 'boolean') throw wrong('Bool', value);
    this.word(value ? 0x997275b5 : 0xbc799737);
  }

  /** int128, int256: exactly `length` bytes. */
  raw(value: Uint8Array, length: number): void {
    if (!(value instanceof Uint8Array) || value.length !== length) throw wrong(`${length} bytes`, value);
    this.append(value);
  }

  /** Bytes as they are. */
  append(value: Uint8Array): void {
    this.room(value.length);
    this.bytes.set(value, this.offset);
    this.offset += value.length;
  }

  byteString(value: Uint8Array): void {
    if (!(value instanceof Uint8Array)) throw wrong('bytes', value);
    const length = value.length;
    this.room(length + 8);
    this.stringHeader(length);
    this.bytes.set(value, this.offset);
    this.offset += length;
    this.pad(length < 254 ? length + 1 : length);
  }

  string(value: string): void {
    if (typeof value !== 'string') throw wrong('string', value);
    const units = value.length;
    if (units <= SHORT_UNITS) {
      this.room(units + 8);
      const bytes = this.bytes;
      const at = this.offset + 1;
      let seen = 0;
      for (let i = 0; i < units; i++) {
        const unit = value.charCodeAt(i);
        seen |= unit;
        bytes[at + i] = unit;
      }
      if (seen < 0x80) {
        bytes[at - 1] = units;
        this.offset = at + units;
        this.pad(units + 1);
        return;
      }
    }
    if (units < 85) {
      // At most 3 bytes a unit, so the length fits one byte.
      this.room(units * 3 + 8);
      const length = this.bytes.utf8Write(value, this.offset + 1);
      this.bytes[this.offset] = length;
      this.offset += length + 1;
      this.pad(length + 1);
      return;
    }
    const length = Buffer.byteLength(value);
    this.room(length + 8);
    this.stringHeader(length);
    this.bytes.utf8Write(value, this.offset, length);
    this.offset += length;
    this.pad(length < 254 ? length + 1 : length);
  }

  private stringHeader(length: number): void {
    if (length < 254) {
      this.bytes[this.offset++] = length;
      return;
    }
    if (length > STRING_BYTES_MAX) throw new TlWriteError(`a string of ${length} bytes is longer than TL can say`);
    this.bytes[this.offset++] = 254;
    this.bytes[this.offset++] = length & 0xff;
    this.bytes[this.offset++] = (length >> 8) & 0xff;
    this.bytes[this.offset++] = length >> 16;
  }

  private pad(length: number): void {
    for (let rest = -length & 3; rest > 0; rest--) this.bytes[this.offset++] = 0;
  }

  /** Opens a Vector. */
  vector(values: { readonly length: number }): number {
    if (!Array.isArray(values)) throw wrong('a Vector', values);
    this.room(8);
    this.view.setInt32(this.offset, 0x1cb5c415, true);
    this.view.setInt32(this.offset + 4, values.length, true);
    this.offset += 8;
    return values.length;
  }
}
