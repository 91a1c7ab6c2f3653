import { isUtf8 } from 'node:buffer';
import { fetchError } from './tl-error';

declare global {
  // Node's own string conversions without the argument checks of toString and write, which cost more than the conversion.
  interface Buffer {
    latin1Slice(start: number, end: number): string;
    utf8Slice(start: number, end: number): string;
    utf8Write(text: string, offset: number, length?: number): number;
  }
}

/** Below this many bytes a loop beats a native call. */
const SHORT_BYTES = 32;

/** What compiled readers call: every step is checked against the end of the bytes. */
export class Input {
  readonly bytes: Buffer;
  private readonly view: DataView;
  readonly end: number;
  offset: number;
  /** Objects and vectors that may still be opened, one inside the other. */
  depthLeft: number;
  /** Objects that may still be read. */
  objectsLeft: number;
  private stringAt = 0;

  /** Reads `bytes` from `offset`. `bytes` isn't kept by anything that is read. */
  constructor(bytes: Uint8Array, offset: number, depthMax: number, objectsMax: number) {
    this.bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.offset = offset;
    this.end = bytes.length;
    this.depthLeft = depthMax;
    this.objectsLeft = objectsMax;
  }

  int(): number {
    const at = this.offset;
    if (at + 4 > this.end) throw fetchError();
    this.offset = at + 4;
    return this.view.getInt32(at, true);
  }

  uint(): number {
    return this.int() >>> 0;
  }

  long(): bigint {
    const at = this.offset;
    if (at + 8 > this.end) throw fetchError();
    this.offset = at + 8;
    return this.view.getBigInt64(at, true);
  }

  /** A 64-bit value as a number; one beyond 2^53 becomes the largest safe one, which is nobody's id and no file's size. */
  number(): number {
    const at = this.offset;
    if (at + 8 > this.end) throw fetchError();
    this.offset = at + 8;
    const value = this.view.getInt32(at + 4, true) * 0x1_0000_0000 + this.view.getUint32(at, true);
    return value > Number.MAX_SAFE_INTEGER ? Number.MAX_SAFE_INTEGER : value < Number.MIN_SAFE_INTEGER ? Number.MIN_SAFE_INTEGER : value;
  }

  double(): number {
    const at = this.offset;
    if (at + 8 > this.end) throw fetchError();
    this.offset = at + 8;
    return this.view.getFloat64(at, true);
  }

  bool(): boolean {
    const id = this.uint();
    if (id === 0x997275b5) return true;
    if (id === 0xbc799737) return false;
    throw fetchError();
  }

  /** int128, int256: a copy. */
  raw(length: number): Uint8Array {
    const at = this.offset;
    if (at + length > this.end) throw fetchError();
    this.offset = at + length;
    return this.copy(at, length);
  }

  /** `bytes`: a copy. */
  byteString(): Uint8Array {
    const length = this.openString();
    return this.copy(this.stringAt, length);
  }

  /** `string`: refused unless valid UTF-8. */
  string(): string {
    const length = this.openString();
    if (length === 0) return '';
    const bytes = this.bytes;
    const at = this.stringAt;
    const end = at + length;
    if (length <= SHORT_BYTES) {
      let seen = 0;
      for (let i = at; i < end; i++) seen |= bytes[i]!;
      if (seen < 0x80) return bytes.latin1Slice(at, end);
    }
    const text = bytes.utf8Slice(at, end);
    if (text.includes('\ufffd') && !isUtf8(bytes.subarray(at, end))) throw fetchError();
    return text;
  }

  /** The unread rest, as a copy: the query inside a wrapper such as invokeWithLayer. */
  rest(): Uint8Array {
    const at = this.offset;
    if (at === this.end) throw fetchError();
    this.offset = this.end;
    return this.copy(at, this.end - at);
  }

  /** Opens a Vector whose elements take `elementBytes` at least: the count, which fits the bytes left. */
  vector(elementBytes: number): number {
    if (this.uint() !== 0x1cb5c415) throw fetchError();
    return this.bareVector(elementBytes);
  }

  bareVector(elementBytes: number): number {
    const count = this.int();
    if (count < 0 || count * elementBytes > this.end - this.offset) throw fetchError();
    return count;
  }

  /** Moves past a string's length, content and padding; answers the length and leaves where the content starts in `stringAt`. */
  private openString(): number {
    const at = this.offset;
    if (at + 4 > this.end) throw fetchError();
    const bytes = this.bytes;
    const first = bytes[at]!;
    if (first === 255) throw fetchError();
    const header = first < 254 ? 1 : 4;
    const length = header === 1 ? first : bytes[at + 1]! | (bytes[at + 2]! << 8) | (bytes[at + 3]! << 16);
    const next = at + ((header + length + 3) & ~3);
    if (next > this.end) throw fetchError();
    this.stringAt = at + header;
    this.offset = next;
    return length;
  }

  private copy(at: number, length: number): Uint8Array {
    const copy = new Uint8Array(length);
    if (length <= SHORT_BYTES) for (let i = 0; i < length; i++) copy[i] = this.bytes[at + i]!;
    else copy.set(this.bytes.subarray(at, at + length));
    return copy;
  }
}
