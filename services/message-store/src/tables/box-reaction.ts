import { defineTable } from '@heliograph/storage/table';

/**
 * How people reacted to messages of channels: as many may as read one.
 *
 * Partition: (box, id, slot), id of the message, slot = user mod 64.
 * Clustering: user, version of the command that made the row, newest first.
 * Columns: v = Reaction; nothing sealed: taken back.
 * Rows: one for each person who reacted, 70 bytes each; 3,200 a partition at 200,000 of them. As in box_vote each change is a new row that names the version of the
 *   one before, whoever applies a command sees the newest below it, and the earlier one is removed later (engine/member-garbage.ts).
 * TTL: none; those to a deleted message stay. Writer: the box engine, version = the command's. Readers: the box engine, ChannelBoxService.
 */
export const boxReaction = defineTable({
  name: 'box_reaction',
  keyspace: 'dc',
  partition: { box: 'int', id: 'int', slot: 'int' },
  clustering: { user: 'int', version: { type: 'long', order: 'desc' } },
  columns: { v: 'bytes' },
  writes: 'versioned',
});

/** Stored for ever. */
export const REACTION_SLOTS = 64;
export const reactionSlotOf = (user: number): number => user % REACTION_SLOTS;

/**
 * Who reacted to messages of supergroups, in the order in which they did.
 *
 * Partition: (box, id, list), id of the message; list 0 has all, the others those of one emoji, by its token.
 * Clustering: version of the command that brought the reaction, newest first.
 * Columns: v = Reaction, as in box_reaction.
 * Rows: for each person one in list 0 and one in the emoji's, 70 bytes each: 14 MB a partition at 200,000. A reaction that is changed or taken back leaves.
 * TTL: none. Writer: the box engine, version = that of the command that writes or removes it. Reader: ChannelBoxService.Query.
 */
export const boxReactor = defineTable({
  name: 'box_reactor',
  keyspace: 'dc',
  partition: { box: 'int', id: 'int', list: 'long' },
  clustering: { version: { type: 'long', order: 'desc' } },
  columns: { v: 'bytes' },
  writes: 'versioned',
});
