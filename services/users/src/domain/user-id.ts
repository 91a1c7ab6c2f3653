/** Ids are n·32 + DC with n in [2^20, 2^35): they name their home DC and stay below 2^40, which clients enforce. */
const DC_COUNT = 32;
const N_MIN = 2 ** 20;
const N_BITS = 35;
const N_MAX = 2 ** N_BITS;

/** Service notifications: a user of every DC, stored in none. */
export const SERVICE_USER_ID = 777_000;

/** Whether such an id can be an account's. */
export const isAccountId = (userId: number): boolean => Number.isSafeInteger(userId) && userId >= N_MIN * DC_COUNT && userId < N_MAX * DC_COUNT;

/** A new id of that DC from 8 random bytes. */
export function userIdFrom(random: Uint8Array, dc: number): number {
  const bits = Number(Buffer.from(random).readBigUInt64LE(0) & BigInt(N_MAX - 1));
  // Too small ones are lifted out of the range of other kinds of ids; it changes one id in 32,768.
  const n = bits < N_MIN ? bits + N_MIN : bits;
  return n * DC_COUNT + dc;
}
