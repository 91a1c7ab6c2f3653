/** Miller-Rabin with bases that are exact below 3·10^24. */
export function isPrime(candidate: bigint): boolean {
  if (candidate < 2n) return false;
  const bases = [2n, 3n, 5n, 7n, 11n, 13n, 17n, 19n, 23n, 29n, 31n, 37n];
  for (const base of bases) if (candidate % base === 0n) return candidate === base;
  let odd = candidate - 1n;
  let twos = 0;
  for (; odd % 2n === 0n; twos++) odd /= 2n;
  return bases.every((base) => {
    let power = 1n;
    for (let square = base % candidate, rest = odd; rest > 0n; rest >>= 1n, square = (square * square) % candidate) if (rest & 1n) power = (power * square) % candidate;
    for (let i = 0; i < twos; i++, power = (power * power) % candidate) if (power === candidate - 1n || (i === 0 && power === 1n)) return true;
    return false;
  });
}
