const WORD = (1n << 64n) - 1n;

/** The hash by which clients say which list they have (docs: core.telegram.org/api/offsets#hash-generation); as TL's long. */
export function listHash(ids: Iterable<number | bigint>): bigint {
  let hash = 0n;
  for (const id of ids) {
    hash ^= hash >> 21n;
    hash ^= (hash << 35n) & WORD;
    hash ^= hash >> 4n;
    hash = (hash + (BigInt(id) & WORD)) & WORD;
  }
  return BigInt.asIntN(64, hash);
}
