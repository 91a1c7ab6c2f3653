import { USER_SLICES } from './limits';

/**
 * The slice of a key (a user, a box), for ever: FNV-1a over the 8 little-endian bytes of its number (ids of one DC differ by multiples of
 * 32, so a plain remainder would use half of the slices). Callers find the replica that owns a key by it, the box engine its partition.
 */
export function sliceOf(key: number, slices = USER_SLICES): number {
  let hash = 0x811c9dc5;
  let low = key >>> 0;
  let high = Math.floor(key / 2 ** 32) >>> 0;
  for (let i = 0; i < 4; i++, low >>>= 8) hash = Math.imul(hash ^ (low & 0xff), 0x01000193);
  for (let i = 0; i < 4; i++, high >>>= 8) hash = Math.imul(hash ^ (high & 0xff), 0x01000193);
  // The low bits of FNV-1a alone mix poorly: fold the high ones in.
  return ((hash ^ (hash >>> 15)) >>> 0) % slices;
}

/**
 * The replica that should hold a slice: its home (slice modulo `replicas`) while that one lives, else one of those that do, so that a dead
 * replica's slices are spread and no other slice moves. Undefined when none lives.
 * @param live numbers of the replicas that live, rising
 */
export function holderOfSlice(slice: number, live: readonly number[], replicas: number): number | undefined {
  const home = slice % Math.max(1, replicas);
  if (live.includes(home)) return home;
  return live[Math.floor(slice / Math.max(1, replicas)) % live.length];
}
