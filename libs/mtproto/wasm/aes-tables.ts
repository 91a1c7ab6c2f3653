// The S-box, its inverse, and the combined tables of SubBytes and MixColumns, computed once instead of carried along.

export const SBOX = memory.data(256, 64);
export const INVERSE_SBOX = memory.data(256, 64);
/** Four tables of 256 columns, each the one before turned by a byte. */
export const ENCRYPTION_TABLES = memory.data(4096, 64);
export const DECRYPTION_TABLES = memory.data(4096, 64);

/** Doubles in GF(2^8). */
// @ts-ignore: decorator
@inline
function doubled(x: u32): u32 {
  return (x << 1) ^ (x & 128 ? 0x11b : 0);
}

function makeSboxes(): void {
  // `element` runs through the field as powers of 3, `inverse` through the inverses.
  let element: u32 = 1, inverse: u32 = 1;
  do {
    element = (element ^ doubled(element)) & 255;
    inverse ^= inverse << 1;
    inverse ^= inverse << 2;
    inverse ^= inverse << 4;
    inverse &= 255;
    if (inverse & 128) inverse ^= 9;
    const affine = inverse ^ (inverse << 1 | inverse >> 7) ^ (inverse << 2 | inverse >> 6) ^ (inverse << 3 | inverse >> 5) ^ (inverse << 4 | inverse >> 4);
    store<u8>(SBOX + element, <u8>(affine ^ 0x63));
  } while (element != 1);
  store<u8>(SBOX, 0x63);
  for (let i: u32 = 0; i < 256; i++) store<u8>(INVERSE_SBOX + <u32>load<u8>(SBOX + i), <u8>i);
}

function storeTurned(tables: usize, index: u32, column: u32): void {
  for (let turn: u32 = 0; turn < 4; turn++) store<u32>(tables + turn * 1024 + index * 4, rotl<u32>(column, turn * 8));
}

export function makeTables(): void {
  makeSboxes();
  for (let i: u32 = 0; i < 256; i++) {
    const s: u32 = load<u8>(SBOX + i), s2 = doubled(s);
    storeTurned(ENCRYPTION_TABLES, i, s2 | s << 8 | s << 16 | (s2 ^ s) << 24);
    const v: u32 = load<u8>(INVERSE_SBOX + i), v2 = doubled(v), v4 = doubled(v2), v8 = doubled(v4);
    storeTurned(DECRYPTION_TABLES, i, (v8 ^ v4 ^ v2) | (v8 ^ v) << 8 | (v8 ^ v4 ^ v) << 16 | (v8 ^ v2 ^ v) << 24);
  }
}
