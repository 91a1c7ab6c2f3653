/** Ids of basic groups are n·32 + DC, between 2^20 and 2^35: they name their home DC and fit into the links that invite to them. */
const DC_COUNT = 32;
const N_BITS = 30;
const N_MIN = 2 ** 15;

/** A new id of that DC from 4 random bytes. */
export function chatIdFrom(random: Uint8Array, dc: number): number {
  const bits = Buffer.from(random).readUInt32LE(0) % 2 ** N_BITS;
  // Too small ones are lifted out of the range of other kinds of ids; it changes one id in 32,768.
  return (bits < N_MIN ? bits + N_MIN : bits) * DC_COUNT + dc;
}
