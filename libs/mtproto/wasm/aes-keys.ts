// AES-256 key schedules (FIPS 197, section 5.2), in words and in bit planes.
import { DECRYPTION_TABLES, SBOX } from './aes-tables';
import { foldInversions, transpose } from './gen/aes';
import { LANES, ROUND_KEYS_BYTES } from './memory-map';

const forwardKeys = memory.data(240, 16);

// @ts-ignore: decorator
@inline
function substituted(word: u32): u32 {
  return <u32>load<u8>(SBOX + (word & 255)) | <u32>load<u8>(SBOX + ((word >> 8) & 255)) << 8 | <u32>load<u8>(SBOX + ((word >> 16) & 255)) << 16 | <u32>load<u8>(SBOX + (word >> 24)) << 24;
}

/** Xors four words of the schedule onto `word` in turn, storing each eight words later. */
// @ts-ignore: decorator
@inline
function chain(at: usize, word: u32): u32 {
  const w0 = word ^ load<u32>(at), w1 = w0 ^ load<u32>(at, 4), w2 = w1 ^ load<u32>(at, 8), w3 = w2 ^ load<u32>(at, 12);
  store<u32>(at, w0, 32);
  store<u32>(at, w1, 36);
  store<u32>(at, w2, 40);
  store<u32>(at, w3, 44);
  return w3;
}

/** Fifteen round keys of sixteen bytes. */
export function expandKey(key: usize, roundKeys: usize): void {
  v128.store(roundKeys, v128.load(key));
  v128.store(roundKeys, v128.load(key, 16), 16);
  let constant: u32 = 1;
  let last = load<u32>(roundKeys, 28);
  let at = roundKeys;
  for (let i = 0; ; i++) {
    last = chain(at, substituted(rotr<u32>(last, 8)) ^ constant);
    constant <<= 1;
    if (i == 6) return;
    last = chain(at + 16, substituted(last));
    at += 32;
  }
}

/** Round keys of the equivalent inverse cipher: in reverse, the inner ones through InvMixColumns. */
export function expandInverseKey(key: usize, roundKeys: usize): void {
  expandKey(key, forwardKeys);
  for (let round: usize = 0; round <= 14; round++) {
    for (let column: usize = 0; column < 4; column++) {
      let word = load<u32>(forwardKeys + ((14 - round) * 4 + column) * 4);
      if (round > 0 && round < 14) {
        word = load<u32>(DECRYPTION_TABLES + (<u32>load<u8>(SBOX + (word & 255)) << 2))
          ^ load<u32>(DECRYPTION_TABLES + (<u32>load<u8>(SBOX + ((word >> 8) & 255)) << 2), 1024)
          ^ load<u32>(DECRYPTION_TABLES + (<u32>load<u8>(SBOX + ((word >> 16) & 255)) << 2), 2048)
          ^ load<u32>(DECRYPTION_TABLES + (<u32>load<u8>(SBOX + (word >> 24)) << 2), 3072);
      }
      store<u32>(roundKeys + (round * 4 + column) * 4, word);
    }
  }
}

/** Bit planes of eight sessions' round keys (240 bytes each, one after the other). */
export function keyPlanes(roundKeys: usize, planes: usize): void {
  for (let round: usize = 0; round < 15; round++) {
    const to = planes + round * 128;
    for (let lane: usize = 0; lane < LANES; lane++) v128.store(to + 16 * lane, v128.load(roundKeys + ROUND_KEYS_BYTES * lane + 16 * round));
    transpose(to);
    if (round) foldInversions(to);
  }
}

/** Bit planes of sixteen bytes that all eight lanes share: every bit becomes a byte of ones or zeros. */
// @ts-ignore: decorator
@inline
export function sharedPlanes(bytes: v128, planes: usize): void {
  let bit = i8x16.splat(1);
  for (let plane: usize = 0; plane < 8; plane++) {
    v128.store(planes + plane * 16, i8x16.eq(v128.and(bytes, bit), bit));
    bit = i8x16.add(bit, bit);
  }
}

/** Bit planes of one session's round keys, for eight blocks of its own stream. */
export function sharedKeyPlanes(roundKeys: usize, planes: usize): void {
  for (let round: usize = 0; round < 15; round++) {
    const to = planes + round * 128;
    sharedPlanes(v128.load(roundKeys + 16 * round), to);
    if (round) foldInversions(to);
  }
}
