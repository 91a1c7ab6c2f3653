import { createHmac, randomBytes } from 'node:crypto';
import { accessHash, isAccessHash } from './access-hash';
import { ACCESS_HASHES_CACHED_MAX } from './limits';

describe('access hashes', () => {
  const secret = randomBytes(32);

  it('are HMACs of viewer, kind and peer, whether they were made before or not', () => {
    const place = Buffer.alloc(17);
    place.writeDoubleLE(7, 0);
    place[8] = 2;
    place.writeDoubleLE(8, 9);
    const expected = createHmac('sha256', secret).update(place).digest().readBigInt64LE(0);
    for (let time = 0; time < 2; time++) expect(accessHash(secret, 7, 'channel', 8)).toBe(expected);
    for (let peer = 0; peer < ACCESS_HASHES_CACHED_MAX * 2; peer++) accessHash(secret, 1, 'user', peer);
    expect(accessHash(secret, 7, 'channel', 8)).toBe(expected);
  });

  it('hold for one viewer, kind, peer and secret only', () => {
    const hash = accessHash(secret, 12, 'user', 345);
    expect(isAccessHash(secret, 12, 'user', 345, hash)).toBe(true);
    // As an unsigned number it is the same.
    expect(isAccessHash(secret, 12, 'user', 345, BigInt.asUintN(64, hash))).toBe(true);
    expect(isAccessHash(secret, 12, 'user', 345, hash ^ 1n)).toBe(false);
    expect(isAccessHash(secret, 123, 'user', 45, hash)).toBe(false);
    expect(isAccessHash(secret, 12, 'channel', 345, hash)).toBe(false);
    expect(isAccessHash(secret, 345, 'user', 12, hash)).toBe(false);
    expect(isAccessHash(randomBytes(32), 12, 'user', 345, hash)).toBe(false);
  });
});
