/**
 * SipHash-2-4: a keyed hash of short inputs to 64 bits that nobody without the key can predict or tell from random
 * (Aumasson, Bernstein: "SipHash: a fast short-input PRF"). An HMAC of a word costs ten times as much, most of it in crossing into native code.
 */
export class SipHash {
  private readonly k0: number;
  private readonly k1: number;
  private readonly k2: number;
  private readonly k3: number;

  /** @param key 16 bytes */
  constructor(key: Uint8Array) {
    if (key.length !== 16) throw new RangeError(`a SipHash key of ${key.length} bytes`);
    [this.k0, this.k1, this.k2, this.k3] = [word(key, 0), word(key, 4), word(key, 8), word(key, 12)];
  }

  /** Hash of `length` bytes of `input`, little-endian into `out` at `at`. */
  into(out: Uint8Array, at: number, input: Uint8Array, length: number): void {
    // Each 64-bit lane is a low and a high half.
    let v0l = this.k0 ^ 0x70736575, v0h = this.k1 ^ 0x736f6d65;
    let v1l = this.k2 ^ 0x6e646f6d, v1h = this.k3 ^ 0x646f7261;
    let v2l = this.k0 ^ 0x6e657261, v2h = this.k1 ^ 0x6c796765;
    let v3l = this.k2 ^ 0x79746573, v3h = this.k3 ^ 0x74656462;
    const whole = length - (length % 8);
    for (let block = 0; block <= whole + 8; block += 8) {
      let ml = 0;
      let mh = 0;
      let rounds = 2;
      if (block < whole) {
        ml = word(input, block);
        mh = word(input, block + 4);
      } else if (block === whole) {
        for (let index = whole; index < length; index++) {
          const byte = input[index] as number;
          if (index - whole < 4) ml |= byte << (8 * (index - whole));
          else mh |= byte << (8 * (index - whole - 4));
        }
        mh |= (length & 0xff) << 24;
      } else {
        v2l ^= 0xff;
        rounds = 4;
      }
      v3l ^= ml;
      v3h ^= mh;
      for (; rounds > 0; rounds--) {
        let low = (v0l >>> 0) + (v1l >>> 0);
        v0h = (v0h + v1h + (low > 0xffffffff ? 1 : 0)) | 0;
        v0l = low | 0;
        let t = (v1l << 13) | (v1h >>> 19);
        v1h = ((v1h << 13) | (v1l >>> 19)) ^ v0h;
        v1l = t ^ v0l;
        t = v0l;
        v0l = v0h;
        v0h = t;
        low = (v2l >>> 0) + (v3l >>> 0);
        v2h = (v2h + v3h + (low > 0xffffffff ? 1 : 0)) | 0;
        v2l = low | 0;
        t = (v3l << 16) | (v3h >>> 16);
        v3h = ((v3h << 16) | (v3l >>> 16)) ^ v2h;
        v3l = t ^ v2l;
        low = (v0l >>> 0) + (v3l >>> 0);
        v0h = (v0h + v3h + (low > 0xffffffff ? 1 : 0)) | 0;
        v0l = low | 0;
        t = (v3l << 21) | (v3h >>> 11);
        v3h = ((v3h << 21) | (v3l >>> 11)) ^ v0h;
        v3l = t ^ v0l;
        low = (v2l >>> 0) + (v1l >>> 0);
        v2h = (v2h + v1h + (low > 0xffffffff ? 1 : 0)) | 0;
        v2l = low | 0;
        t = (v1l << 17) | (v1h >>> 15);
        v1h = ((v1h << 17) | (v1l >>> 15)) ^ v2h;
        v1l = t ^ v2l;
        t = v2l;
        v2l = v2h;
        v2h = t;
      }
      v0l ^= ml;
      v0h ^= mh;
    }
    put(out, at, v0l ^ v1l ^ v2l ^ v3l);
    put(out, at + 4, v0h ^ v1h ^ v2h ^ v3h);
  }
}

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24);
}

function put(out: Uint8Array, at: number, value: number): void {
  out[at] = value;
  out[at + 1] = value >>> 8;
  out[at + 2] = value >>> 16;
  out[at + 3] = value >>> 24;
}
