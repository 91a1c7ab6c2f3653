import { defineTable } from '@heliograph/storage/table';

/**
 * What channels know of users: those who are or were members, who are restricted or kicked.
 *
 * Partition: (box, slot), slot = |user| mod 256; slots 256 and 257 list those who are kicked and restricted once more, so that they are found without
 *   a walk over all members.
 * Clustering: user (a channel that posts here: its box, < 0), version of the command that made the row, newest first.
 * Columns: v = ChannelMember.
 * Rows: one for each user ever known, about 100 bytes each; ≤ 800 a partition at 200,000 members. Each change is a new row: whoever applies a command
 *   sees the newest row below the command's version. The row before is removed when a stored head has covered the newer one for a while (engine/member-garbage.ts);
 *   each row names the version of the one before it, so that a gap is seen (engine/member-rows.ts).
 * TTL: none. Writer: the box engine, version = the command's. Readers: the box engine, lists of members.
 */
export const boxMember = defineTable({
  name: 'box_member',
  keyspace: 'dc',
  partition: { box: 'int', slot: 'int' },
  clustering: { user: 'int', version: { type: 'long', order: 'desc' } },
  columns: { v: 'bytes' },
  writes: 'versioned',
});

export const MEMBER_SLOTS = 256;
/** Slots of the lists. Stored for ever. */
export const SLOT_KICKED = 256;
export const SLOT_RESTRICTED = 257;

/** The slot of a user's own row. */
export const slotOf = (user: number): number => Math.abs(user) % MEMBER_SLOTS;
