// SHA-256 of one message, and of four messages side by side.
import { compressLanes, compressLanesShared, rounds } from './gen/sha256';
import { INITIAL_STATE, ROUND_CONSTANTS } from './sha256-constants';

const state = memory.data(32, 16);
const schedule = memory.data(256, 16);
/** The last block or two of a message: rest, 0x80, zeros, length in bits. */
const lastBlocks = memory.data(128, 16);

// @ts-ignore: decorator
@inline
function bigEndianWords(words: v128): v128 {
  return i8x16.shuffle(words, words, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
}

/** W[t] + K[t] of one block: 64 words. */
export function expandSchedule(words: usize, block: usize): void {
  for (let at: usize = 0; at < 64; at += 16) v128.store(words + at, bigEndianWords(v128.load(block + at)));
  for (let t: usize = 16; t < 64; t++) {
    const word = words + (t << 2);
    const early = load<u32>(word - 60), late = load<u32>(word - 8);
    store<u32>(word, load<u32>(word - 64) + (rotr<u32>(early, 7) ^ rotr<u32>(early, 18) ^ (early >> 3)) + load<u32>(word - 28) + (rotr<u32>(late, 17) ^ rotr<u32>(late, 19) ^ (late >> 10)));
  }
  for (let at: usize = 0; at < 256; at += 16) v128.store(words + at, i32x4.add(v128.load(words + at), v128.load(ROUND_CONSTANTS + at)));
}

function block(at: usize): void {
  expandSchedule(schedule, at);
  rounds(state, schedule);
}

/** Writes the last blocks of a message of `totalBytes` whose unfinished block is `rest` (`restBytes`). Answers their bytes: 64 or 128. */
export function finalBlocks(rest: usize, restBytes: usize, totalBytes: u64): usize {
  memory.fill(lastBlocks, 0, 128);
  memory.copy(lastBlocks, rest, restBytes);
  store<u8>(lastBlocks + restBytes, 0x80);
  const bytes: usize = restBytes + 9 > 64 ? 128 : 64;
  store<u64>(lastBlocks + bytes - 8, bswap<u64>(totalBytes * 8));
  return bytes;
}

// @ts-ignore: decorator
@inline
export function finalBlocksAddress(): usize {
  return lastBlocks;
}

function digestTo(output: usize): void {
  v128.store(output, bigEndianWords(v128.load(state)));
  v128.store(output, bigEndianWords(v128.load(state, 16)), 16);
}

/** SHA-256 of `prefixBlock` (64 bytes, made by the caller out of prefix and the message's start) and the rest of the message. */
export function hashAfterPrefix(prefixBlock: usize, rest: usize, restBytes: usize, output: usize): void {
  memory.copy(state, INITIAL_STATE, 32);
  block(prefixBlock);
  let at: usize = 0;
  for (; at + 64 <= restBytes; at += 64) block(rest + at);
  const bytes = finalBlocks(rest + at, restBytes - at, <u64>restBytes + 64);
  block(lastBlocks);
  if (bytes == 128) block(lastBlocks + 64);
  digestTo(output);
}

/** SHA-256 of a message of 52 bytes whose block has room for its ending: msg_key and 36 bytes of auth key. */
export function hash52(messageBlock: usize, output: usize): void {
  memory.copy(state, INITIAL_STATE, 32);
  end52(messageBlock);
  block(messageBlock);
  digestTo(output);
}

/** Ends a 52-byte message in its block: 0x80, zeros, 416 bits. */
// @ts-ignore: decorator
@inline
export function end52(messageBlock: usize): void {
  store<u32>(messageBlock, 0x80, 52);
  store<u32>(messageBlock, 0, 56);
  store<u32>(messageBlock, 0xa0010000, 60);
}

// Four messages side by side: word i of a state is a vector with one message per 32-bit lane.

const laneState = memory.data(128, 16);
const laneWords = memory.data(256, 16);

/** Takes 4 × 4 words from four rows into four columns, or back. */
// @ts-ignore: decorator
@inline
function storeTransposed(to: usize, stride: usize, r0: v128, r1: v128, r2: v128, r3: v128): void {
  const low01 = i32x4.shuffle(r0, r1, 0, 4, 1, 5), high01 = i32x4.shuffle(r0, r1, 2, 6, 3, 7);
  const low23 = i32x4.shuffle(r2, r3, 0, 4, 1, 5), high23 = i32x4.shuffle(r2, r3, 2, 6, 3, 7);
  v128.store(to, i64x2.shuffle(low01, low23, 0, 2));
  v128.store(to + stride, i64x2.shuffle(low01, low23, 1, 3));
  v128.store(to + 2 * stride, i64x2.shuffle(high01, high23, 0, 2));
  v128.store(to + 3 * stride, i64x2.shuffle(high01, high23, 1, 3));
}

/** Begins four hashes with one block each, `stride` bytes apart. */
export function beginLanes(blocks: usize, stride: usize): void {
  for (let i: usize = 0; i < 8; i++) v128.store(laneState + 16 * i, v128.load32_splat(INITIAL_STATE + 4 * i));
  for (let i: usize = 0; i < 4; i++) {
    const from = blocks + 16 * i;
    storeTransposed(laneWords + 64 * i, 16, bigEndianWords(v128.load(from)), bigEndianWords(v128.load(from + stride)), bigEndianWords(v128.load(from + 2 * stride)), bigEndianWords(v128.load(from + 3 * stride)));
  }
  compressLanes(laneState, laneWords);
}

/** Goes on with a block that the four messages share, given its schedule. */
export function continueLanes(sharedSchedule: usize): void {
  compressLanesShared(laneState, sharedSchedule);
}

/** Writes the four digests, 32 bytes apart. */
export function endLanes(output: usize): void {
  for (let i: usize = 0; i < 2; i++) {
    const from = laneState + 64 * i;
    const to = output + 16 * i;
    storeTransposed(to, 32, v128.load(from), v128.load(from, 16), v128.load(from, 32), v128.load(from, 48));
    for (let lane: usize = 0; lane < 4; lane++) v128.store(to + 32 * lane, bigEndianWords(v128.load(to + 32 * lane)));
  }
}
