import type { UsersService } from '@heliograph/protos/heliograph/users/v1/users_pb';
import type { Client, Clock, Logger } from '@heliograph/service-kit/kit';
import { PRESENCE_TOUCH_SECONDS, PRESENCE_TOUCHED_USERS_MAX } from '../limits';

/**
 * Tells the users service that somebody is active (writing or sending shows one online, FEATURES B4), at most once per
 * PRESENCE_TOUCH_SECONDS and user. Best effort: a failure costs a shown minute, never the act itself.
 */
export class PresenceTouches {
  private readonly touchedAt = new Map<number, number>();

  constructor(private readonly users: Pick<Client<typeof UsersService>, 'touchPresence'>, private readonly clock: Pick<Clock, 'now'>, private readonly log: Logger) {}

  touch(user: number): void {
    const now = this.clock.now();
    const before = this.touchedAt.get(user);
    if (before !== undefined && now - before < PRESENCE_TOUCH_SECONDS * 1000) return;
    if (this.touchedAt.size >= PRESENCE_TOUCHED_USERS_MAX) this.touchedAt.clear();
    this.touchedAt.set(user, now);
    this.users.touchPresence({ userId: BigInt(user) }).catch((error: unknown) => {
      this.touchedAt.delete(user);
      this.log.debug({ error: error instanceof Error ? error.name : typeof error }, 'presence was not touched');
    });
  }
}
