/** Ids that the box engine treats specially. */

/** The service account has no box in any DC: what it is sent is delivered nowhere. */
export const SERVICE_ACCOUNT = 777_000;

/** Whether a peer of a user's box has a box of its own that copies go to. */
export function hasBox(peer: number): boolean {
  return peer > 0 && peer !== SERVICE_ACCOUNT;
}

const OFFSET_BITS = 44n;

/** Version of a record's effect: rises with the log for ever, 0 is never one. */
export function versionOf(epoch: number, offset: bigint): bigint {
  return (BigInt(epoch) << OFFSET_BITS) | offset;
}

/** The row of what belongs to a box and to no peer: a user's settings, a basic group itself. */
export const BOX_ITSELF = 0;

/** Peer folders. */
export const MAIN_LIST = 0;
export const ARCHIVE = 1;
