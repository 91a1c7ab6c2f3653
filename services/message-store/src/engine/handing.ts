import type { EventLog, PlacedRecords, Topic } from '@heliograph/event-log/event-log';
import type { Logger } from '@heliograph/service-kit/kit';
import { HANDED_BYTES_MAX, HANDED_CALLS_MAX } from './limits';

export interface HandingDeps {
  eventLog: Pick<EventLog, 'onPlaced'>;
  log: Logger;
  /** The topic whose records are handed over. */
  topic: Topic;
  /** Which other replica reads a partition of it; undefined: this one, nobody, or nobody knows. */
  ownerOf(partition: number): number | undefined;
  /** Brings them to that replica; rejects when it could not. */
  send(owner: number, batches: readonly PlacedRecords[]): Promise<void>;
}

/** What waits for one owner. */
interface Outgoing {
  batches: PlacedRecords[];
  bytes: number;
  calls: number;
}

/**
 * Hands what this replica appended for partitions of others to their owners, who would otherwise read it from the log (ADR 0016). One call to each
 * at the end of a turn of the event loop; what is too much, or is lost, they read.
 */
export class Handing {
  private readonly outgoing = new Map<number, Outgoing>();

  constructor(private readonly deps: HandingDeps) {
    deps.eventLog.onPlaced?.((placed) => this.take(placed));
  }

  private take(placed: PlacedRecords): void {
    if (placed.topic !== this.deps.topic.name) return;
    const owner = this.deps.ownerOf(placed.partition);
    if (owner === undefined) return;
    let outgoing = this.outgoing.get(owner);
    if (outgoing === undefined) {
      outgoing = { batches: [], bytes: 0, calls: 0 };
      this.outgoing.set(owner, outgoing);
    }
    let bytes = 0;
    for (const { key, value } of placed.records) bytes += key.length + value.length;
    if (outgoing.calls >= HANDED_CALLS_MAX || outgoing.bytes + bytes > HANDED_BYTES_MAX) return;
    outgoing.batches.push(placed);
    outgoing.bytes += bytes;
    if (outgoing.batches.length === 1) setImmediate(() => void this.send(owner, outgoing));
  }

  private async send(owner: number, outgoing: Outgoing): Promise<void> {
    const { batches } = outgoing;
    outgoing.batches = [];
    outgoing.bytes = 0;
    outgoing.calls += 1;
    try {
      await this.deps.send(owner, batches);
    } catch (error) {
      this.deps.log.debug({ owner, error: error instanceof Error ? error.name : typeof error }, 'records were not handed to the owner of their partition; it reads them');
    } finally {
      outgoing.calls -= 1;
    }
  }
}
