// Where things are. Scratch areas are static; the large areas and the slots lie behind them and are laid out once, by `layOut`.

/** Bytes of a connection's slot. */
export const SLOT_BYTES: usize = 768;

// Offsets inside a slot.
/** The first 128 bytes of the auth key: all that messages in both directions use. */
export const SLOT_AUTH_KEY: usize = 0;
export const SLOT_KEY_ID: usize = 128;
/** Salt and session id, in the order in which they precede every message. */
export const SLOT_SALT: usize = 136;
export const SLOT_SESSION: usize = 144;
/** 1 when the stream ciphers are started. */
export const SLOT_OBFUSCATED: usize = 152;
export const SLOT_INBOUND_STREAM: usize = 160;
export const SLOT_OUTBOUND_STREAM: usize = 432;

// Offsets inside a stream cipher's state (264 bytes).
/** Bytes already used of the current counter's block, 0…15. */
export const STREAM_USED: usize = 0;
/** The counter's upper and lower half, as numbers. */
export const STREAM_COUNTER_HIGH: usize = 8;
export const STREAM_COUNTER_LOW: usize = 16;
export const STREAM_ROUND_KEYS: usize = 24;

export const ROUND_KEYS_BYTES: usize = 240;
/** Fifteen round keys in eight planes of sixteen bytes. */
export const ROUND_KEY_PLANES_BYTES: usize = 1920;

/** Sessions that a batch encrypts side by side: one per bit of a byte. */
export const LANES: usize = 8;

// Bounds, the same as in src/packet/wasm-cipher.ts.
export const PACKET_AREA_BYTES: usize = 1114112;
export const BATCH_BODY_BYTES: usize = 16384 + 32;
export const BATCH_FRAMES_MAX: usize = 512;

/** Before the packet in a frame's place: room for a transport header and what the caller puts before it. */
export const FRAME_LEAD_BYTES: usize = 32;

/** What comes from outside: a packet to open, bytes to apply a stream cipher to, keys. */
export let inputArea: usize = 0;
/** A message in the clear that is to be sealed: header, body, padding. The body of a batch stands there too. */
export let plainArea: usize = 0;
/** The last message opened; sealing leaves it alone. */
export let openedArea: usize = 0;
/** Frames. */
export let outputArea: usize = 0;
/** Random bytes for the next message, see src/packet/layout.ts. */
export let randomArea: usize = 0;
/** A batch: per frame a slot index (u32), a framing (u32), message id, seq_no and body length (16 bytes); after it start and end of the frame (2 × u32). */
export let batchSlots: usize = 0;
export let batchFramings: usize = 0;
export let batchHeads: usize = 0;
export let batchSpans: usize = 0;
/** SHA-256 schedules of a batch's body, 256 bytes for each of its blocks. */
export let bodySchedules: usize = 0;
/** Bit planes of a batch's body, 128 bytes for each of its blocks. */
export let bodyPlanes: usize = 0;
/** Key streams of eight lanes. */
export let laneKeyStreams: usize = 0;
export const LANE_KEY_STREAM_BYTES: usize = BATCH_BODY_BYTES + 256;
let slots: usize = 0;

/** Lays out the areas from `from` on; answers their end, which must lie inside the memory. One slot more than `count`: lanes without a session use it. */
export function layOut(from: usize, count: u32): usize {
  let at = (from + 1023) & ~1023;
  inputArea = at; at += PACKET_AREA_BYTES;
  plainArea = at; at += PACKET_AREA_BYTES;
  openedArea = at; at += PACKET_AREA_BYTES;
  outputArea = at; at += PACKET_AREA_BYTES;
  randomArea = at; at += 64;
  batchSlots = at; at += BATCH_FRAMES_MAX * 4;
  batchFramings = at; at += BATCH_FRAMES_MAX * 4;
  batchHeads = at; at += BATCH_FRAMES_MAX * 16;
  batchSpans = at; at += BATCH_FRAMES_MAX * 8;
  bodySchedules = at; at += (BATCH_BODY_BYTES / 64 + 2) * 256;
  bodyPlanes = at; at += BATCH_BODY_BYTES * 8;
  laneKeyStreams = at; at += LANES * LANE_KEY_STREAM_BYTES;
  at = (at + 4095) & ~4095;
  slots = at;
  return at + (count + 1) * SLOT_BYTES;
}

// @ts-ignore: decorator
@inline
export function slotAddress(index: u32): usize {
  return slots + <usize>index * SLOT_BYTES;
}
