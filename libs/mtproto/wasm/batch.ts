// One body for many connections. Eight sessions at a time are independent of each other, so AES runs in bit planes over eight lanes and SHA-256 four lanes per vector;
// what the body alone decides (its hash schedules, its planes) is computed once per batch.
import { expandKey, keyPlanes, sharedPlanes } from './aes-keys';
import { padFrame, writeHeader } from './frame';
import { encryptPlanes, transpose } from './gen/aes';
import {
  FRAME_LEAD_BYTES, LANES, LANE_KEY_STREAM_BYTES, ROUND_KEYS_BYTES, SLOT_AUTH_KEY, SLOT_KEY_ID, SLOT_OBFUSCATED, SLOT_OUTBOUND_STREAM, SLOT_SALT, STREAM_ROUND_KEYS, STREAM_USED,
  batchFramings, batchHeads, batchSlots, batchSpans, bodyPlanes, bodySchedules, laneKeyStreams, outputArea, plainArea, slotAddress,
} from './memory-map';
import { copy16, copy36, copy8, mixKeyAndIv } from './packet';
import { beginLanes, continueLanes, end52, endLanes, expandSchedule, finalBlocks, finalBlocksAddress } from './sha256';
import { advanceStream, storeCounter, xorBytes } from './stream';

const HEADER_BYTES: usize = 32;

/** Per lane: 32 bytes of auth key, then salt, session id, message id, seq_no, length. The first block that msg_key hashes, and the first two that are encrypted. */
const headers = memory.data(512, 16);
const digests = memory.data(256, 16);
const blocksA = memory.data(512, 16);
const blocksB = memory.data(512, 16);
const digestsA = memory.data(256, 16);
const digestsB = memory.data(256, 16);
const laneKeys = memory.data(256, 16);
const laneIvs = memory.data(256, 16);
const laneRoundKeys = memory.data(1920, 16);
const lanePlanes = memory.data(1920, 16);
/** IGE's previous ciphertext and plaintext, and the block at hand, in planes. */
const previousCipher = memory.data(128, 16);
const previousPlain = memory.data(128, 16);
const current = memory.data(128, 16);

/** Blocks that hashing the body takes after the first one. */
function hashBlocks(bodyBytes: usize): usize {
  return (bodyBytes + 72) / 64;
}

/** Computes what all packets of a batch share; body and padding stand in plainArea. */
export function prepareBody(bodyBytes: usize): void {
  let words = bodySchedules;
  let at: usize = 0;
  for (; at + 64 <= bodyBytes; at += 64) {
    expandSchedule(words, plainArea + at);
    words += 256;
  }
  const bytes = finalBlocks(plainArea + at, bodyBytes - at, <u64>bodyBytes + 64);
  expandSchedule(words, finalBlocksAddress());
  if (bytes == 128) expandSchedule(words + 256, finalBlocksAddress() + 64);
  for (at = 0; at < bodyBytes; at += 16) sharedPlanes(v128.load(plainArea + at), bodyPlanes + at * 8);
}

// @ts-ignore: decorator
@inline
function laneSlot(group: usize, lane: usize): usize {
  return slotAddress(load<u32>(batchSlots + 4 * (group + lane)));
}

// @ts-ignore: decorator
@inline
function packetAt(group: usize, lane: usize, stride: usize): usize {
  return outputArea + (group + lane) * stride + FRAME_LEAD_BYTES;
}

/** SHA-256 over auth key part, header and body of eight lanes. */
function digestLanes(group: usize, bodyBytes: usize): void {
  for (let lane: usize = 0; lane < LANES; lane++) {
    const slot = laneSlot(group, lane), header = headers + 64 * lane;
    copy16(header, slot + SLOT_AUTH_KEY + 96);
    copy16(header + 16, slot + SLOT_AUTH_KEY + 112);
    copy16(header + 32, slot + SLOT_SALT);
    copy16(header + 48, batchHeads + (group + lane) * 16);
  }
  const blocks = hashBlocks(bodyBytes);
  for (let half: usize = 0; half < 2; half++) {
    beginLanes(headers + half * 256, 64);
    for (let i: usize = 0; i < blocks; i++) continueLanes(bodySchedules + 256 * i);
    endLanes(digests + half * 128);
  }
}

/** Writes key id and msg_key of eight packets and derives their AES keys. */
function deriveLanes(group: usize, stride: usize): void {
  for (let lane: usize = 0; lane < LANES; lane++) {
    const slot = laneSlot(group, lane), a = blocksA + 64 * lane, b = blocksB + 64 * lane, msgKey = digests + 32 * lane + 8;
    copy16(a, msgKey);
    copy36(a + 16, slot + SLOT_AUTH_KEY + 8);
    end52(a);
    copy36(b, slot + SLOT_AUTH_KEY + 48);
    copy16(b + 36, msgKey);
    end52(b);
    const packet = packetAt(group, lane, stride);
    copy8(packet, slot + SLOT_KEY_ID);
    copy16(packet + 8, msgKey);
  }
  for (let half: usize = 0; half < 2; half++) {
    beginLanes(blocksA + half * 256, 64);
    endLanes(digestsA + half * 128);
    beginLanes(blocksB + half * 256, 64);
    endLanes(digestsB + half * 128);
  }
  for (let lane: usize = 0; lane < LANES; lane++) {
    mixKeyAndIv(digestsA + 32 * lane, digestsB + 32 * lane, laneKeys + 32 * lane, laneIvs + 32 * lane);
    expandKey(laneKeys + 32 * lane, laneRoundKeys + ROUND_KEYS_BYTES * lane);
    copy16(previousCipher + 16 * lane, laneIvs + 32 * lane);
    copy16(previousPlain + 16 * lane, laneIvs + 32 * lane + 16);
  }
  keyPlanes(laneRoundKeys, lanePlanes);
  transpose(previousCipher);
  transpose(previousPlain);
}

/** Planes a ^= planes b. */
// @ts-ignore: decorator
@inline
function xorPlanes(a: usize, b: usize): void {
  for (let plane: usize = 0; plane < 128; plane += 16) v128.store(a + plane, v128.xor(v128.load(a + plane), v128.load(b + plane)));
}

// @ts-ignore: decorator
@inline
function copyPlanes(to: usize, from: usize): void {
  for (let plane: usize = 0; plane < 128; plane += 16) copy16(to + plane, from + plane);
}

/** AES-IGE of eight packets, block by block. */
function encryptLanes(group: usize, plainBytes: usize, stride: usize): void {
  const first = packetAt(group, 0, stride) + 24;
  for (let at: usize = 0; at < plainBytes; at += 16) {
    let plain: usize;
    if (at < HEADER_BYTES) {
      for (let lane: usize = 0; lane < LANES; lane++) copy16(current + 16 * lane, headers + 64 * lane + 32 + at);
      transpose(current);
      plain = current;
    } else {
      plain = bodyPlanes + (at - HEADER_BYTES) * 8;
    }
    xorPlanes(previousCipher, plain);
    encryptPlanes(previousCipher, lanePlanes);
    xorPlanes(previousCipher, previousPlain);
    copyPlanes(previousPlain, plain);
    copyPlanes(current, previousCipher);
    transpose(current);
    for (let lane: usize = 0; lane < LANES; lane++) copy16(first + lane * stride + at, current + 16 * lane);
  }
}

/** Frames eight packets and applies the outbound streams of those that are obfuscated. */
function frameLanes(group: usize, packetBytes: usize, stride: usize): void {
  let obfuscated: u32 = 0;
  /** Bytes of key stream: a frame begins somewhere in its stream's first block. */
  let longest: usize = 0;
  for (let lane: usize = 0; lane < LANES; lane++) {
    const index = group + lane, framing = load<u32>(batchFramings + 4 * index), packet = packetAt(group, lane, stride);
    const payloadBytes = padFrame(framing, packet, packetBytes);
    const start = packet - writeHeader(framing, packet, payloadBytes), end = packet + payloadBytes;
    store<u32>(batchSpans + 8 * index, <u32>(start - outputArea));
    store<u32>(batchSpans + 8 * index, <u32>(end - outputArea), 4);
    if (load<u32>(laneSlot(group, lane), SLOT_OBFUSCATED)) {
      obfuscated |= 1 << <u32>lane;
      longest = max<usize>(longest, <usize>load<u32>(laneSlot(group, lane) + SLOT_OUTBOUND_STREAM, STREAM_USED) + end - start);
    }
  }
  if (!obfuscated) return;
  for (let lane: usize = 0; lane < LANES; lane++) memory.copy(laneRoundKeys + ROUND_KEYS_BYTES * lane, laneSlot(group, lane) + SLOT_OUTBOUND_STREAM + STREAM_ROUND_KEYS, ROUND_KEYS_BYTES);
  keyPlanes(laneRoundKeys, lanePlanes);
  const blocks = (longest + 15) / 16;
  for (let i: usize = 0; i < blocks; i++) {
    for (let lane: usize = 0; lane < LANES; lane++) storeCounter(laneSlot(group, lane) + SLOT_OUTBOUND_STREAM, i, current + 16 * lane);
    transpose(current);
    encryptPlanes(current, lanePlanes);
    transpose(current);
    for (let lane: usize = 0; lane < LANES; lane++) copy16(laneKeyStreams + lane * LANE_KEY_STREAM_BYTES + 16 * i, current + 16 * lane);
  }
  for (let lane: usize = 0; lane < LANES; lane++) {
    if (!(obfuscated & (1 << <u32>lane))) continue;
    const stream = laneSlot(group, lane) + SLOT_OUTBOUND_STREAM, span = batchSpans + 8 * (group + lane);
    const start = <usize>load<u32>(span), bytes = <usize>load<u32>(span, 4) - start;
    xorBytes(outputArea + start, laneKeyStreams + lane * LANE_KEY_STREAM_BYTES + <usize>load<u32>(stream, STREAM_USED), bytes);
    advanceStream(stream, bytes);
  }
}

/** Seals `count` packets (a multiple of eight) of the prepared body, `stride` bytes apart in outputArea. A slot must not come twice. */
export function sealLanes(count: usize, bodyBytes: usize, stride: usize): void {
  for (let group: usize = 0; group < count; group += LANES) {
    digestLanes(group, bodyBytes);
    deriveLanes(group, stride);
    encryptLanes(group, bodyBytes + HEADER_BYTES, stride);
    frameLanes(group, bodyBytes + HEADER_BYTES + 24, stride);
  }
}
