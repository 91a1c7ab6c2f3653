/**
 * The client's proof of work: pq, two random primes of 31 bits, fresh for every handshake.
 * Source: core.telegram.org/mtproto/auth_key#dh-exchange-initiation
 */
export interface Factors {
  /** p < q. */
  readonly p: number;
  readonly q: number;
}

const SMALL_PRIMES = [3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97];
/** Miller-Rabin with these bases is exact below 4,759,123,141. Source: G. Jaeschke, On strong pseudoprimes to several bases (1993) */
const WITNESSES = [2, 7, 61];

/** a · b mod n below 2^31, in doubles: b goes in two halves, so that no product exceeds 2^48. */
function multiplyModulo(a: number, b: number, n: number): number {
  return (((a * (b >>> 16)) % n) * 65_536 + a * (b & 0xffff)) % n;
}

function powerModulo(base: number, exponent: number, modulus: number): number {
  let result = 1;
  let square = base % modulus;
  for (let rest = exponent; rest > 0; rest >>>= 1) {
    if (rest & 1) result = multiplyModulo(result, square, modulus);
    square = multiplyModulo(square, square, modulus);
  }
  return result;
}

function passes(witness: number, candidate: number, odd: number, twos: number): boolean {
  let power = powerModulo(witness, odd, candidate);
  if (power === 1 || power === candidate - 1) return true;
  for (let i = 1; i < twos; i++) {
    power = multiplyModulo(power, power, candidate);
    if (power === candidate - 1) return true;
  }
  return false;
}

/** Exact for odd numbers from 101 to 2^31. */
export function isPrime(candidate: number): boolean {
  if (SMALL_PRIMES.some((prime) => candidate % prime === 0)) return false;
  let odd = candidate - 1;
  let twos = 0;
  while (odd % 2 === 0) {
    odd /= 2;
    twos += 1;
  }
  return WITNESSES.every((witness) => passes(witness, candidate, odd, twos));
}

/** A random prime between 2^30 and 2^31. */
function randomPrime(random: (bytes: number) => Uint8Array): number {
  for (;;) {
    // From a random odd number upward: one draw and on average eleven steps.
    const [a = 0, b = 0, c = 0, d = 0] = random(4);
    let candidate = (((a & 0x3f) << 24) | (b << 16) | (c << 8) | d | 0x40000001) >>> 0;
    for (; candidate < 2 ** 31; candidate += 2) if (isPrime(candidate)) return candidate;
  }
}

/** Two different random primes. */
export function randomFactors(random: (bytes: number) => Uint8Array): Factors {
  for (;;) {
    const a = randomPrime(random);
    const b = randomPrime(random);
    if (a !== b) return { p: Math.min(a, b), q: Math.max(a, b) };
  }
}
