import { VIEWERS_EXACT_MAX } from '../limits';

/** Registers of the estimate: a standard error of 1.04 / √4096 = 1.6 %. */
const REGISTERS = 4096;
const REGISTER_BITS = 12;
const ALPHA = 0.7213 / (1 + 1.079 / REGISTERS);
/** First byte of the stored form. Stored for ever. */
const EXACT = 0;
const ESTIMATED = 1;
/** Bytes of a user's id in the exact form. */
const ID_BYTES = 6;

/**
 * Who has seen a post, each once: known one by one up to VIEWERS_EXACT_MAX, from there on estimated (HyperLogLog, Flajolet et al. 2007). What it told never falls.
 */
export class Viewers {
  private exact: Set<number> | undefined = new Set();
  private registers: Uint8Array | undefined;
  private told = 0;

  /** From its stored form and the count that was told with it. */
  static from(bytes: Uint8Array, told: number): Viewers {
    const viewers = new Viewers();
    viewers.told = told;
    const body = Buffer.from(bytes.buffer, bytes.byteOffset + 1, bytes.byteLength - 1);
    if (bytes[0] === ESTIMATED) {
      viewers.exact = undefined;
      viewers.registers = Uint8Array.from(body);
    } else {
      for (let at = 0; at + ID_BYTES <= body.length; at += ID_BYTES) viewers.exact?.add(body.readUIntLE(at, ID_BYTES));
    }
    return viewers;
  }

  /** Whether it changed anything. */
  add(user: number): boolean {
    if (this.exact) {
      if (this.exact.has(user)) return false;
      this.exact.add(user);
      if (this.exact.size > VIEWERS_EXACT_MAX) this.estimate(this.exact);
      return true;
    }
    return this.register(user);
  }

  get count(): number {
    this.told = Math.max(this.told, this.exact ? this.exact.size : Math.round(this.estimated()));
    return this.told;
  }

  bytes(): Uint8Array {
    if (this.registers) return Buffer.concat([Buffer.of(ESTIMATED), this.registers]);
    const users = [...(this.exact ?? [])];
    const bytes = Buffer.alloc(1 + users.length * ID_BYTES);
    bytes[0] = EXACT;
    users.forEach((user, index) => bytes.writeUIntLE(user, 1 + index * ID_BYTES, ID_BYTES));
    return bytes;
  }

  private estimate(users: ReadonlySet<number>): void {
    this.told = users.size;
    this.registers = new Uint8Array(REGISTERS);
    this.exact = undefined;
    for (const user of users) this.register(user);
  }

  private register(user: number): boolean {
    const registers = this.registers as Uint8Array;
    const place = mix(user, 0x9e3779b1) >>> (32 - REGISTER_BITS);
    const rank = Math.clz32(mix(user, 0x85ebca77)) + 1;
    if (rank <= (registers[place] as number)) return false;
    registers[place] = rank;
    return true;
  }

  private estimated(): number {
    const registers = this.registers as Uint8Array;
    let sum = 0;
    let empty = 0;
    for (const rank of registers) {
      sum += 2 ** -rank;
      if (rank === 0) empty += 1;
    }
    const estimate = (ALPHA * REGISTERS * REGISTERS) / sum;
    return estimate <= 2.5 * REGISTERS && empty > 0 ? REGISTERS * Math.log(REGISTERS / empty) : estimate;
  }
}

/** 32 well-mixed bits of an id (the finalizer of MurmurHash3 over both of its halves). */
function mix(id: number, seed: number): number {
  let bits = scramble((id >>> 0) ^ seed);
  bits = scramble(bits ^ Math.floor(id / 2 ** 32) ^ (seed >>> 7));
  return bits;
}

function scramble(value: number): number {
  let bits = value ^ (value >>> 16);
  bits = Math.imul(bits, 0x85ebca6b);
  bits ^= bits >>> 13;
  bits = Math.imul(bits, 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
