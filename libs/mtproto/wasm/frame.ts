// Transport frames around packets, as in src/transport/framing.ts.
import { randomArea } from './memory-map';

const ABRIDGED: u32 = 1;
const INTERMEDIATE: u32 = 2;
const PADDED: u32 = 3;

/** See src/packet/layout.ts. */
const FRAME_PADDING_COUNT_AT: usize = 27;
const FRAME_PADDING_AT: usize = 28;

/** Appends what the padded transport adds; answers the payload's bytes. */
export function padFrame(framing: u32, packet: usize, bytes: usize): usize {
  if (framing != PADDED) return bytes;
  store<u32>(packet + bytes, load<u32>(randomArea, FRAME_PADDING_AT));
  return bytes + (<usize>load<u8>(randomArea, FRAME_PADDING_COUNT_AT) & 3);
}

/** Writes the header before the payload; answers its bytes. Full frames get theirs outside. */
export function writeHeader(framing: u32, packet: usize, payloadBytes: usize): usize {
  if (framing == ABRIDGED) {
    const quarter = <u32>(payloadBytes >> 2);
    if (quarter < 127) {
      store<u8>(packet - 1, <u8>quarter);
      return 1;
    }
    store<u32>(packet - 4, quarter << 8 | 0x7f);
    return 4;
  }
  if (framing == INTERMEDIATE || framing == PADDED) {
    store<u32>(packet - 4, <u32>payloadBytes);
    return 4;
  }
  return 0;
}
