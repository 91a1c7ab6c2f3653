/** Ids of basic groups are n·32 + DC, between 2^20 and 2^35: they name their home DC and fit into the links that invite to them. */
const DC_COUNT = 32;
const N_BITS = 30;
const N_MIN = 2 ** 15;
/** A multiple of DC_COUNT that brings every id of SEEN_AS_CHANNEL out of it and below 2^35. */
const STEP = 2 ** 34;

/** GramJS and teleproto read −100… as a channel's id when the next digit is not 0 (their Utils.resolveId). */
const SEEN_AS_CHANNEL = /^100[1-9]/;

/** A new id of that DC from 4 random bytes. */
export function chatIdFrom(random: Uint8Array, dc: number): number {
  const bits = Buffer.from(random).readUInt32LE(0) % 2 ** N_BITS;
  // Too small ones are lifted out of the range of other kinds of ids; it changes one id in 32,768.
  const id = (bits < N_MIN ? bits + N_MIN : bits) * DC_COUNT + dc;
  return SEEN_AS_CHANNEL.test(String(id)) ? id + STEP : id;
}
