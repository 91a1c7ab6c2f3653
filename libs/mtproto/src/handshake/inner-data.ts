import { CONSTRUCTOR, HandshakeReader, MalformedError } from './tl';

/** p_q_inner_data in its four forms. */
export interface InnerData {
  readonly pq: Buffer;
  readonly p: Buffer;
  readonly q: Buffer;
  readonly nonce: Buffer;
  readonly serverNonce: Buffer;
  readonly newNonce: Buffer;
  /** +10000 = test, negative = media. */
  readonly dc?: number;
  /** Seconds; for a temporary key. */
  readonly expiresIn?: number;
}

function readFrom(reader: HandshakeReader): InnerData {
  const constructor = reader.uint32();
  const common = {
    pq: reader.string(), p: reader.string(), q: reader.string(), nonce: reader.int128(), serverNonce: reader.int128(), newNonce: reader.int256(),
  };
  switch (constructor) {
    case CONSTRUCTOR.pqInnerData: return common;
    case CONSTRUCTOR.pqInnerDataDc: return { ...common, dc: reader.int32() };
    case CONSTRUCTOR.pqInnerDataTemp: return { ...common, expiresIn: reader.int32() };
    case CONSTRUCTOR.pqInnerDataTempDc: return { ...common, dc: reader.int32(), expiresIn: reader.int32() };
    default: throw new MalformedError();
  }
}

/** Reads inner data that ends where the bytes end. Throws MalformedError. */
export function readInnerData(bytes: Uint8Array): InnerData {
  const reader = new HandshakeReader(bytes);
  const data = readFrom(reader);
  reader.end();
  return data;
}

const CONSTRUCTORS: ReadonlySet<number> = new Set([CONSTRUCTOR.pqInnerData, CONSTRUCTOR.pqInnerDataDc, CONSTRUCTOR.pqInnerDataTemp, CONSTRUCTOR.pqInnerDataTempDc]);

/** Length of the inner data that `bytes` begin with; undefined when they don't. */
export function innerDataBytes(bytes: Uint8Array): number | undefined {
  const reader = new HandshakeReader(bytes);
  // An exception costs more than all the rest here.
  if (bytes.length < 4 || !CONSTRUCTORS.has(Buffer.from(bytes.buffer, bytes.byteOffset, 4).readUInt32LE(0))) return undefined;
  try {
    readFrom(reader);
    return reader.position;
  } catch {
    return undefined;
  }
}
