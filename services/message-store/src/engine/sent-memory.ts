import { SENT_REMEMBERED_ROWS, SENT_REMEMBERED_SECONDS } from './limits';

export interface Sent {
  id: number;
  date: number;
}

/**
 * The random_ids that a box remembers: exactly those of its newest SENT_REMEMBERED_ROWS sends, whether they were seen happening or
 * read back, so that a box that was in memory all along and one that was just loaded decide alike.
 */
export class SentMemory {
  private readonly byRandomId = new Map<bigint, Sent>();
  private readonly order: { randomId: bigint; id: number }[] = [];
  private first = 0;

  /** In order of id, rising. */
  add(randomId: bigint, sent: Sent): void {
    this.byRandomId.set(randomId, sent);
    this.order.push({ randomId, id: sent.id });
    if (this.order.length - this.first > SENT_REMEMBERED_ROWS) {
      const oldest = this.order[this.first++] as { randomId: bigint; id: number };
      // A random_id that was forgotten by its date and used again is now the newer one's.
      if (this.byRandomId.get(oldest.randomId)?.id === oldest.id) this.byRandomId.delete(oldest.randomId);
      if (this.first > SENT_REMEMBERED_ROWS) {
        this.order.splice(0, this.first);
        this.first = 0;
      }
    }
  }

  /** The earlier message of that random_id, if it is still remembered at `date` (of the command that asks). */
  find(randomId: bigint, date: number): Sent | undefined {
    const sent = this.byRandomId.get(randomId);
    return sent !== undefined && date - sent.date <= SENT_REMEMBERED_SECONDS ? sent : undefined;
  }
}
