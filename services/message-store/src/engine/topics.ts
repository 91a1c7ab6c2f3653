import { BOX_UPDATES } from '@heliograph/box/topics';
import type { Topic } from '@heliograph/event-log/event-log';
import { sliceOf } from '@heliograph/service-kit/slices';
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

export { BOX_UPDATES };
export const ENGINE_TOPICS: readonly Topic[] = [BOX_COMMANDS, BOX_UPDATES, BOX_RELAY];

/** The partition of a box, for ever: its slice. Callers find the replica that owns a box by the same function. */
export function partitionOfBox(box: number): number {
  return sliceOf(box, BOX_PARTITIONS);
}
