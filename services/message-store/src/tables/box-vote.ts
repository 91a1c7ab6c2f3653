import { defineTable } from '@heliograph/storage/table';

/**
 * What people chose in polls of channels: as many may vote as read one.
 *
 * Partition: (box, id, slot), id of the poll's message, slot = user mod 64.
 * Clustering: user, version of the command that made the row, newest first.
 * Columns: v = PollVote; options 0: taken back.
 * Rows: one for each voter, 40 bytes each; 3,200 a partition at 200,000 voters. As in box_member each change is a new row that names the version of the one
 *   before, whoever applies a command sees the newest below it, and the earlier one is removed later (engine/member-garbage.ts).
 * TTL: none; a deleted poll's stay. Writer: the box engine, version = the command's. Readers: the box engine, ChannelBoxService.Query.
 */
export const boxVote = defineTable({
  name: 'box_vote',
  keyspace: 'dc',
  partition: { box: 'int', id: 'int', slot: 'int' },
  clustering: { user: 'int', version: { type: 'long', order: 'desc' } },
  columns: { v: 'bytes' },
  writes: 'versioned',
});

/** Stored for ever. */
export const VOTE_SLOTS = 64;
export const voteSlotOf = (user: number): number => user % VOTE_SLOTS;

/**
 * Who voted in polls that aren't anonymous, in the order in which they did.
 *
 * Partition: (box, id, list), id of the poll's message; list 0 has all, list n + 1 those who chose answer n.
 * Clustering: version of the command that brought the vote, newest first.
 * Columns: v = PollVote, as in box_vote.
 * Rows: for each voter one in list 0 and one for each answer chosen, 40 bytes each: 8 MB a partition at 200,000. A vote that is changed or taken back leaves.
 * TTL: none. Writer: the box engine, version = that of the command that writes or removes it. Reader: ChannelBoxService.Query.
 */
export const boxVoter = defineTable({
  name: 'box_voter',
  keyspace: 'dc',
  partition: { box: 'int', id: 'int', list: 'int' },
  clustering: { version: { type: 'long', order: 'desc' } },
  columns: { v: 'bytes' },
  writes: 'versioned',
});
