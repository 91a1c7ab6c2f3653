import type { UsersService } from '@heliograph/protos/heliograph/users/v1/users_pb';
import type { Client, Clock, Logger } from '@heliograph/service-kit/kit';
import { PRESENCE_TOUCH_GATHER_MS, PRESENCE_TOUCH_SECONDS, PRESENCE_TOUCHED_USERS_MAX, PRESENCE_TOUCHES_PER_CALL_MAX } from '../limits';

/**
 * Tells the users service who is active (writing or sending shows one online, FEATURES B4): each user at most once per PRESENCE_TOUCH_SECONDS, those
 * of PRESENCE_TOUCH_GATHER_MS in one call. Best effort: a failure costs a shown minute, never the act itself.
 */
export class PresenceTouches {
  private readonly touchedAt = new Map<number, number>();
  /** Touched and not yet told; at most PRESENCE_TOUCHED_USERS_MAX. */
  private readonly waiting = new Set<number>();
  private telling = false;

  constructor(private readonly users: Pick<Client<typeof UsersService>, 'touchPresence'>, private readonly clock: Pick<Clock, 'now' | 'sleep'>, private readonly log: Logger) {}

  touch(user: number): void {
    const now = this.clock.now();
    const before = this.touchedAt.get(user);
    if (before !== undefined && now - before < PRESENCE_TOUCH_SECONDS * 1000) return;
    if (this.touchedAt.size >= PRESENCE_TOUCHED_USERS_MAX) {
      this.touchedAt.clear();
      this.waiting.clear();
    }
    this.touchedAt.set(user, now);
    this.waiting.add(user);
    if (this.telling) return;
    this.telling = true;
    void this.tell().finally(() => {
      this.telling = false;
    });
  }

  private async tell(): Promise<void> {
    while (this.waiting.size > 0) {
      await this.clock.sleep(PRESENCE_TOUCH_GATHER_MS);
      const told = [...this.waiting].slice(0, PRESENCE_TOUCHES_PER_CALL_MAX);
      for (const user of told) this.waiting.delete(user);
      try {
        await this.users.touchPresence({ userIds: told.map(BigInt) });
      } catch (error) {
        for (const user of told) this.touchedAt.delete(user);
        this.log.debug({ error: error instanceof Error ? error.name : typeof error }, 'presence was not touched');
      }
    }
  }
}
