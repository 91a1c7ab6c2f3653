import type { EventLog, Topic } from '@heliograph/event-log/event-log';
import type { TakeRecordsRequest } from '@heliograph/protos/heliograph/messagestore/v1/placed_records_pb';

/** How long an answer to a hand-over waits for others, in milliseconds, and how many wait at the most: nobody waits for them, and each by itself would wake the caller. */
export const HANDED_ANSWER_MS = 50;
export const HANDED_ANSWERS_MAX = 8;

/** Gives records of one topic, which another process appended, to whoever reads their partitions here; for those that nobody does, it does nothing. */
export class PlacedRecordsTaker {
  private waiting: (() => void)[] = [];

  constructor(private readonly deps: { eventLog: Pick<EventLog, 'hand'>; clock: { sleep(ms: number): Promise<void> } }, private readonly topic: Topic) {}

  /** Handler of PlacedRecordsService. */
  async takeRecords({ batches }: Pick<TakeRecordsRequest, 'batches'>): Promise<Record<string, never>> {
    for (const { incarnation, partition, firstOffset, records } of batches) this.deps.eventLog.hand?.({ topic: this.topic.name, incarnation, partition, firstOffset, records });
    await new Promise<void>((resolve) => {
      this.waiting.push(resolve);
      if (this.waiting.length >= HANDED_ANSWERS_MAX) this.answer();
      else if (this.waiting.length === 1) void this.deps.clock.sleep(HANDED_ANSWER_MS).then(() => this.answer());
    });
    return {};
  }

  private answer(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}
