/** A message that doesn't hold what its constructor promises. */
export class MalformedError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'MalformedError';
  }
}

/** The constructor that stands first. Throws MalformedError when there is none. */
export function constructorOf(bytes: Uint8Array): number {
  if (bytes.byteLength < 4) throw new MalformedError('message too short');
  return ((bytes[0] as number) | (bytes[1] as number) << 8 | (bytes[2] as number) << 16 | (bytes[3] as number) << 24) >>> 0;
}

const text = new TextDecoder('utf-8', { fatal: true });

/** Bounds-checked reading of the few TL types that service messages and wrappers are made of. Every read throws MalformedError past the end. */
export class TlCursor {
  private readonly view: DataView;
  offset: number;

  constructor(readonly bytes: Uint8Array, offset = 0) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.offset = offset;
  }

  get remaining(): number {
    return this.bytes.byteLength - this.offset;
  }

  peekUint32(): number {
    this.need(4);
    return this.view.getUint32(this.offset, true);
  }

  uint32(): number {
    const value = this.peekUint32();
    this.offset += 4;
    return value;
  }

  int32(): number {
    return this.uint32() | 0;
  }

  /** Unsigned. */
  long(): bigint {
    this.need(8);
    const value = this.view.getBigUint64(this.offset, true);
    this.offset += 8;
    return value;
  }

  skip(bytes: number): void {
    this.need(bytes);
    this.offset += bytes;
  }

  /** The contents of a `bytes` or `string`, as a view. */
  bytesField(): Uint8Array {
    this.need(4);
    const first = this.bytes[this.offset] as number;
    let length = first;
    let header = 1;
    if (first === 254) {
      length = this.view.getUint32(this.offset, true) >>> 8;
      header = 4;
    } else if (first === 255) throw new MalformedError('bytes of unknown length');
    const padded = (header + length + 3) & ~3;
    this.need(padded);
    const start = this.offset + header;
    this.offset += padded;
    return this.bytes.subarray(start, start + length);
  }

  stringField(): string {
    try {
      return text.decode(this.bytesField());
    } catch (error) {
      if (error instanceof MalformedError) throw error;
      throw new MalformedError('string is not UTF-8');
    }
  }

  /** `Vector<long>` with its constructor, at most `max` long. */
  longs(max: number): bigint[] {
    if (this.uint32() !== 0x1cb5c415) throw new MalformedError('vector expected');
    const count = this.uint32();
    if (count > max || count * 8 > this.remaining) throw new MalformedError('vector too long');
    const values: bigint[] = [];
    for (let index = 0; index < count; index++) values.push(this.long());
    return values;
  }

  /** Throws unless everything was read. */
  end(): void {
    if (this.remaining !== 0) throw new MalformedError('bytes after the message');
  }

  private need(bytes: number): void {
    if (bytes > this.remaining) throw new MalformedError('message too short');
  }
}
