import { crc32 } from 'node:zlib';
import { FRAMING, type Framing } from '../packet/cipher';

/** Length, sequence number and checksum around a payload in the full transport. */
export const FULL_OVERHEAD_BYTES = 12;
const FULL_TRAILER_BYTES = 4;

/** Bytes that stand before a payload of `payloadBytes`. */
export function frameHeaderBytes(framing: Framing, payloadBytes: number): number {
  switch (framing) {
    case FRAMING.bare: return 0;
    case FRAMING.abridged: return payloadBytes < 127 * 4 ? 1 : 4;
    case FRAMING.full: return 8;
    default: return 4;
  }
}

/** Bytes that stand after it, apart from a padded transport's padding. */
export function frameTrailerBytes(framing: Framing): number {
  return framing === FRAMING.full ? FULL_TRAILER_BYTES : 0;
}

/**
 * Writes header and trailer around the payload (its padding included) that stands at `at`. The header ends at `at`.
 * Source: core.telegram.org/mtproto/mtproto-transports
 */
export function writeFrame(out: Buffer, at: number, payloadBytes: number, framing: Framing, fullSeqNo: number): void {
  switch (framing) {
    case FRAMING.bare: return;
    case FRAMING.abridged: {
      const quarter = payloadBytes >>> 2;
      if (quarter < 127) out[at - 1] = quarter;
      else out.writeUInt32LE(((quarter << 8) | 0x7f) >>> 0, at - 4);
      return;
    }
    case FRAMING.full: {
      const start = at - 8;
      out.writeUInt32LE(payloadBytes + FULL_OVERHEAD_BYTES, start);
      out.writeUInt32LE(fullSeqNo, start + 4);
      out.writeUInt32LE(crc32(out.subarray(start, at + payloadBytes)), at + payloadBytes);
      return;
    }
    default: out.writeUInt32LE(payloadBytes, at - 4);
  }
}
