import { deleteOperation, type Storage } from '@heliograph/storage/storage';
import { boxMember } from '../tables/box-member';
import { boxReaction } from '../tables/box-reaction';
import { boxVote } from '../tables/box-vote';
import { MEMBER_GARBAGE_BATCH_ROWS, MEMBER_GARBAGE_ROWS_MAX } from './limits';

/** A row that a newer one has taken the place of. */
export interface SupersededRow {
  /** Id of the message that it is a vote in, or a reaction to; 0: it is of a member. */
  id: number;
  of: 'member' | 'vote' | 'reaction';
  user: number;
  /** Of the older row. */
  version: bigint;
  slots: readonly number[];
}

interface Garbage extends SupersededRow {
  box: number;
  /** Milliseconds of the clock. */
  at: number;
}

/**
 * Rows of members, votes and reactions that nobody needs any more: a stored head is above the newer ones. They are kept for a while, so that an engine which is behind
 * can still go on; one that comes even later sees that they are missing (RowsGone). What is on the list at a crash, or beyond MEMBER_GARBAGE_ROWS_MAX, stays in
 * the table for ever, where nothing but its bytes matters.
 */
export class MemberGarbage {
  private rows: Garbage[] = [];
  private removing = false;

  constructor(private readonly storage: Storage, private readonly keptMs: number) {}

  add(box: number, superseded: readonly SupersededRow[], now: number): void {
    for (const each of superseded) if (this.rows.length < MEMBER_GARBAGE_ROWS_MAX) this.rows.push({ ...each, box, at: now + this.keptMs });
  }

  /** Removes what is due. Of one user the oldest first, each before the next: no gap opens below a row that is there. */
  async tick(now: number): Promise<void> {
    if (this.removing || this.rows[0] === undefined || this.rows[0].at > now) return;
    this.removing = true;
    const due: Garbage[] = [];
    const users = new Set<string>();
    for (const row of this.rows) {
      const key = `${row.box}/${row.of}/${row.id}/${row.user}`;
      if (row.at > now || due.length >= MEMBER_GARBAGE_BATCH_ROWS || users.has(key)) break;
      users.add(key);
      due.push(row);
    }
    try {
      await this.storage.batch(due.flatMap(({ box, of, id, user, version, slots }) => slots.map((slot) => (of === 'member'
        ? deleteOperation(boxMember, { box, slot, user, version }, { version: version + 1n })
        : deleteOperation(of === 'vote' ? boxVote : boxReaction, { box, id, slot, user, version }, { version: version + 1n })
      ))));
      this.rows = this.rows.slice(due.length);
    } catch {
      // Another tick tries again.
    } finally {
      this.removing = false;
    }
  }
}
