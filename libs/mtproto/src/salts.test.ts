import { randomBytes } from 'node:crypto';
import { SaltSchedule } from './salts';

const HALF_HOUR_MS = 1_800_000;
const START_MS = 1_000_000 * HALF_HOUR_MS;
const KEY = 0xfedcba9876543210n;

describe('salts', () => {
  const schedule = new SaltSchedule(Buffer.alloc(32, 1));

  test('overlap: each is valid in its half hour and the next', () => {
    const salt = schedule.current(KEY, START_MS);
    const validAt = (ms: number): boolean => schedule.isValid(KEY, salt, ms);
    expect([START_MS - 1, START_MS, START_MS + HALF_HOUR_MS, START_MS + 2 * HALF_HOUR_MS - 1, START_MS + 2 * HALF_HOUR_MS].map(validAt)).toEqual([false, true, true, true, false]);
    expect(schedule.current(KEY, START_MS + HALF_HOUR_MS)).not.toBe(salt);
  });

  test('differ by key and by secret, and survive a restart', () => {
    const salt = schedule.current(KEY, START_MS);
    expect(new SaltSchedule(Buffer.alloc(32, 1)).current(KEY, START_MS + 5)).toBe(salt);
    expect(schedule.isValid(KEY + 1n, salt, START_MS)).toBe(false);
    expect(new SaltSchedule(Buffer.alloc(32, 2)).isValid(KEY, salt, START_MS)).toBe(false);
    expect(() => new SaltSchedule(Buffer.alloc(8))).toThrow(RangeError);
  });

  test('of the future come true', () => {
    const future = schedule.future(KEY, START_MS + 10, 64);
    expect(future).toHaveLength(64);
    for (const { salt, validSince, validUntil } of future) {
      expect(schedule.current(KEY, validSince * 1000)).toBe(salt);
      expect(schedule.isValid(KEY, salt, validUntil * 1000 - 1)).toBe(true);
      expect(schedule.isValid(KEY, salt, validUntil * 1000)).toBe(false);
    }
    expect([schedule.future(KEY, START_MS, 0), schedule.future(KEY, START_MS, 1_000)].map((salts) => salts.length)).toEqual([1, 64]);
  });

  test('of a handshake live beside them', () => {
    const handshakeSalt = { salt: randomBytes(8).readBigUInt64LE(0), validUntil: START_MS / 1000 + 60 };
    expect([0, 59_999, 60_000].map((ms) => schedule.isValid(KEY, handshakeSalt.salt, START_MS + ms, handshakeSalt))).toEqual([true, true, false]);
  });
});
