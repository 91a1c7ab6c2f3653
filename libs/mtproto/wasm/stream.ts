// AES-256-CTR of obfuscated connections: one stream per direction, continued over any number of calls. Eight blocks of a stream are encrypted at once, in bit planes.
import { expandKey, sharedKeyPlanes } from './aes-keys';
import { encryptPlanes, transpose } from './gen/aes';
import { ROUND_KEY_PLANES_BYTES, STREAM_COUNTER_HIGH, STREAM_COUNTER_LOW, STREAM_ROUND_KEYS, STREAM_USED } from './memory-map';

const keyPlanes = memory.data(1920, 16);
const keyStream = memory.data(144, 16);
/** Bytes of key stream made at once. */
const KEY_STREAM_BYTES: usize = 128;

/** Starts a stream: key of 32 bytes, big-endian counter of 16. */
export function startStream(stream: usize, key: usize, counter: usize): void {
  store<u64>(stream, 0, STREAM_USED);
  store<u64>(stream, bswap<u64>(load<u64>(counter)), STREAM_COUNTER_HIGH);
  store<u64>(stream, bswap<u64>(load<u64>(counter, 8)), STREAM_COUNTER_LOW);
  expandKey(key, stream + STREAM_ROUND_KEYS);
}

/** Writes the block that the stream's counter plus `ahead` gives to the cipher. */
// @ts-ignore: decorator
@inline
export function storeCounter(stream: usize, ahead: u64, to: usize): void {
  const low = load<u64>(stream, STREAM_COUNTER_LOW), sum = low + ahead;
  store<u64>(to, bswap<u64>(load<u64>(stream, STREAM_COUNTER_HIGH) + u64(sum < low)));
  store<u64>(to, bswap<u64>(sum), 8);
}

/** Moves the stream on by `bytes`. */
// @ts-ignore: decorator
@inline
export function advanceStream(stream: usize, bytes: usize): void {
  const end = <usize>load<u32>(stream, STREAM_USED) + bytes;
  const low = load<u64>(stream, STREAM_COUNTER_LOW), sum = low + <u64>(end >> 4);
  if (sum < low) store<u64>(stream, load<u64>(stream, STREAM_COUNTER_HIGH) + 1, STREAM_COUNTER_HIGH);
  store<u64>(stream, sum, STREAM_COUNTER_LOW);
  store<u32>(stream, <u32>(end & 15), STREAM_USED);
}

/** Xors the stream onto `bytes` bytes at `at`. */
export function applyStream(stream: usize, at: usize, bytes: usize): void {
  sharedKeyPlanes(stream + STREAM_ROUND_KEYS, keyPlanes);
  let left = bytes;
  let to = at;
  while (left > 0) {
    for (let i: usize = 0; i < 8; i++) storeCounter(stream, i, keyStream + 16 * i);
    transpose(keyStream);
    encryptPlanes(keyStream, keyPlanes);
    transpose(keyStream);
    const used = <usize>load<u32>(stream, STREAM_USED);
    const count = min<usize>(left, KEY_STREAM_BYTES - used);
    xorBytes(to, keyStream + used, count);
    advanceStream(stream, count);
    to += count;
    left -= count;
  }
}

/** to[i] ^= from[i]. */
export function xorBytes(to: usize, from: usize, bytes: usize): void {
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) v128.store(to + i, v128.xor(v128.load(to + i), v128.load(from + i)));
  for (; i < bytes; i++) store<u8>(to + i, load<u8>(to + i) ^ load<u8>(from + i));
}
