import type { Deps } from './deps';
import { WATCHERS_FRESH_MS, WATCHERS_PER_BUCKET_MAX, WATCHERS_REMEMBERED_MAX } from './limits';
import { listContactOwners } from './tables/contacts';

interface Remembered {
  owners: readonly number[];
  /** Unix milliseconds. */
  until: number;
}

/**
 * Who has a user in their contacts, remembered for WATCHERS_FRESH_MS: somebody who is active shows as online every few seconds, and who is to be told
 * hardly ever changes. `changed` forgets, in this replica at once. Whom the user blocks is not remembered here.
 */
export class Watchers {
  private readonly known = new Map<number, Remembered>();
  /** Ids of owners in all. */
  private owners = 0;
  /** Counts what was forgotten: an answer that was on its way meanwhile may be from before. */
  private forgotten = 0;

  constructor(private readonly deps: Pick<Deps, 'storage' | 'clock'>) {}

  /** Owners of this DC, at most WATCHERS_PER_BUCKET_MAX of each bucket. */
  async of(userId: number): Promise<readonly number[]> {
    const held = this.known.get(userId);
    if (held !== undefined && this.deps.clock.now() < held.until) return held.owners;
    const { forgotten } = this;
    const owners = await listContactOwners(this.deps, userId, WATCHERS_PER_BUCKET_MAX);
    if (forgotten === this.forgotten) this.keep(userId, { owners, until: this.deps.clock.now() + WATCHERS_FRESH_MS });
    return owners;
  }

  /** These users' contacts, or those who have them as one, have changed. */
  changed(userIds: readonly number[]): void {
    this.forgotten += 1;
    for (const id of userIds) this.drop(id);
  }

  /** At the limit those leave that were read longest ago. */
  private keep(userId: number, remembered: Remembered): void {
    this.drop(userId);
    this.known.set(userId, remembered);
    this.owners += remembered.owners.length + 1;
    for (const oldest of this.known.keys()) {
      if (this.owners <= WATCHERS_REMEMBERED_MAX) break;
      this.drop(oldest);
    }
  }

  private drop(userId: number): void {
    const held = this.known.get(userId);
    if (held === undefined) return;
    this.known.delete(userId);
    this.owners -= held.owners.length + 1;
  }
}
