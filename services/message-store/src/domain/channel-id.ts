/**
 * Ids of channels are n·32 + DC, of ten digits and below 7.85·10^9: with the Bot API's −100 before them they are read as channels by every library
 * (docs: core.telegram.org/api/bots/ids; older Pyrograms know no higher ones).
 */
const DC_COUNT = 32;
const N_MIN = 1_000_000_000 / DC_COUNT;
const N_END = 7_850_000_000 / DC_COUNT;

/** A new id of that DC from 4 random bytes. */
export function channelIdFrom(random: Uint8Array, dc: number): number {
  return (N_MIN + (Buffer.from(random).readUInt32LE(0) % (N_END - N_MIN))) * DC_COUNT + dc;
}
