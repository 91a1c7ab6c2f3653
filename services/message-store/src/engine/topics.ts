import type { Topic } from '@heliograph/event-log/event-log';
import { BOX_PARTITIONS, RECORD_BYTES_MAX, RELAY_PARTITIONS } from './limits';

/**
 * Every change to every box of this DC, in order per box. Key: box. Value: heliograph.box.v1.Command.
 * No compaction and no transactions on it: the engine demands offsets without gaps.
 * Writers: the box engine (its callers' commands and those it derives). Consumer: the box engine.
 */
export const BOX_COMMANDS: Topic = {
  name: 'box-commands',
  partitions: BOX_PARTITIONS,
  durability: 'durable',
  retentionMs: 7 * 24 * 3_600_000,
  recordBytesMax: RECORD_BYTES_MAX,
};

/**
 * What changed, after it is durable. Key: box. Value: heliograph.box.v1.BoxEvent. A lost event is repaired by its clients' pts.
 * The partition of a box is that of its commands. Writer: the box engine. Consumer: fanout.
 */
export const BOX_UPDATES: Topic = {
  name: 'box-updates',
  partitions: BOX_PARTITIONS,
  durability: 'volatile',
  retentionMs: 3_600_000,
  recordBytesMax: 4 * RECORD_BYTES_MAX,
};

/**
 * Derived commands for boxes of other DCs. Partition: the id of the target's DC. Key: target box. Value: Command.
 * Writer: the box engine. Consumer: its forwarder (relay.ts).
 */
export const BOX_RELAY: Topic = {
  name: 'box-relay',
  partitions: RELAY_PARTITIONS,
  durability: 'durable',
  retentionMs: 14 * 24 * 3_600_000,
  recordBytesMax: RECORD_BYTES_MAX,
};

export const ENGINE_TOPICS: readonly Topic[] = [BOX_COMMANDS, BOX_UPDATES, BOX_RELAY];

/**
 * The partition of a box, for ever: FNV-1a over the 8 little-endian bytes of its number (ids of one DC differ by multiples of 32,
 * so a plain remainder would use half of the partitions).
 */
export function partitionOfBox(box: number): number {
  let hash = 0x811c9dc5;
  let low = box >>> 0;
  let high = Math.floor(box / 2 ** 32) >>> 0;
  for (let i = 0; i < 4; i++, low >>>= 8) hash = Math.imul(hash ^ (low & 0xff), 0x01000193);
  for (let i = 0; i < 4; i++, high >>>= 8) hash = Math.imul(hash ^ (high & 0xff), 0x01000193);
  // The low bits of FNV-1a alone mix poorly: fold the high ones in.
  return ((hash ^ (hash >>> 15)) >>> 0) % BOX_PARTITIONS;
}

/** Home DC of a user's box. */
export function dcOfBox(box: number): number {
  return box % 32;
}
