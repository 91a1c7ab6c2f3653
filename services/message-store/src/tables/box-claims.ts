import { defineTable } from '@heliograph/storage/table';

/**
 * Which replica of the engine works on what. Taken and released at hand-over only, never on the way of a message.
 *
 * Partition: service (always `message-store`: one partition, read as a whole once a second by each replica).
 * Clustering: kind (`boxes`: a partition of box-commands; `relay`: the commands for another data center), number (of the partition, of the DC).
 * Columns: owner = number of the replica; life = which process of that number, null: nobody; generation = rises with each change of hands;
 *   since = when it was taken, unix milliseconds of the taker's clock, for people only.
 * Rows: 16 + one per other data center, about 60 bytes each.
 * TTL: none. Writer and reader: the box engine's claims (engine/claims.ts). Conditional: of two takers one wins.
 */
export const boxClaims = defineTable({
  name: 'box_claims',
  keyspace: 'dc',
  partition: { service: 'text' },
  clustering: { kind: 'text', number: 'int' },
  columns: { owner: 'int', life: 'text', generation: 'int', since: 'int' },
  writes: 'conditional',
});
