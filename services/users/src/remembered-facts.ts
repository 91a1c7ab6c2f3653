import type { Deps } from './deps';
import type { ViewFacts } from './domain/user-view';
import { VIEW_FACTS_FRESH_MS, VIEW_FACTS_MAX } from './limits';

/** What hardly ever changes of how a user looks to a viewer. Whether the user blocks the viewer, and the status, are not remembered. */
export type RememberedFacts = Pick<ViewFacts, 'profile' | 'username' | 'bot' | 'deleted' | 'saved' | 'viewerIsContact'>;

interface Entry {
  facts: RememberedFacts;
  /** Unix milliseconds. */
  at: number;
}

/**
 * Facts about users of this DC that were read lately, by viewer, so that a busy dialog does not read them again and again. What a replica is told
 * of changes (`changed`) it forgets at once; what it was not told of it shows VIEW_FACTS_FRESH_MS later.
 */
export class FactsMemory {
  private readonly entries = new Map<string, Entry>();
  /** When users were told to have changed, unix milliseconds. */
  private readonly changedAt = new Map<number, number>();
  /** When all was forgotten, because too many had changed. */
  private clearedAt = 0;

  constructor(private readonly clock: Pick<Deps['clock'], 'now'>) {}

  find(viewerId: number, userId: number): RememberedFacts | undefined {
    const entry = this.entries.get(`${viewerId}:${userId}`);
    if (entry === undefined || entry.at + VIEW_FACTS_FRESH_MS <= this.clock.now()) return undefined;
    return Math.max(this.changedAt.get(userId) ?? 0, this.changedAt.get(viewerId) ?? 0) >= entry.at ? undefined : entry.facts;
  }

  /** `at`: when reading them began, so that a change meanwhile makes them old. */
  remember(viewerId: number, userId: number, facts: RememberedFacts, at: number): void {
    if (at <= this.clearedAt) return;
    const key = `${viewerId}:${userId}`;
    this.entries.delete(key);
    this.entries.set(key, { facts, at });
    if (this.entries.size > VIEW_FACTS_MAX) this.entries.delete(this.entries.keys().next().value as string);
  }

  /** These users look different now, or see others differently. */
  changed(userIds: readonly number[]): void {
    const now = this.clock.now();
    for (const id of userIds) {
      this.changedAt.delete(id);
      this.changedAt.set(id, now);
    }
    // What is older than any facts that could still be fresh says nothing any more.
    for (const [id, at] of this.changedAt) {
      if (at > now - VIEW_FACTS_FRESH_MS) break;
      this.changedAt.delete(id);
    }
    if (this.changedAt.size <= VIEW_FACTS_MAX) return;
    this.entries.clear();
    this.changedAt.clear();
    this.clearedAt = now;
  }
}
