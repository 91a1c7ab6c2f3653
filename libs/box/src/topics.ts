import type { Topic } from '@heliograph/event-log/event-log';
import { BOX_PARTITIONS, BOX_UPDATE_BYTES_MAX } from './limits';

/**
 * What changed, after it is durable. Key: box. Value: heliograph.box.v1.BoxEvent. A lost event is repaired by its clients' pts.
 * The partition of a box is that of its commands. Writer: the box engine. Consumer: fanout.
 */
export const BOX_UPDATES: Topic = {
  name: 'box-updates',
  partitions: BOX_PARTITIONS,
  durability: 'volatile',
  retentionMs: 3_600_000,
  recordBytesMax: BOX_UPDATE_BYTES_MAX,
};
