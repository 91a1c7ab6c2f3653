import type { CheckContactResponse, UsersService } from '@heliograph/protos/heliograph/users/v1/users_pb';
import type { Client, Clock } from '@heliograph/service-kit/kit';
import { ADMISSION_SECONDS, ADMISSIONS_MAX } from '../limits';

interface Known {
  readonly contact: CheckContactResponse;
  /** Milliseconds of the clock. */
  readonly until: number;
}

/**
 * May one user act towards another? What the users service answered, kept for ADMISSION_SECONDS: people write more than one message
 * to somebody. The users service calls `forget` before it acknowledges a block, so that a block holds from its answer on; where that call
 * can't get through (another data center cut off), it holds ADMISSION_SECONDS later at the latest.
 */
export class Admissions {
  private readonly known = new Map<string, Known>();
  /** Counts what was forgotten: an answer that was on its way meanwhile may be from before. */
  private forgotten = 0;

  constructor(private readonly users: Pick<Client<typeof UsersService>, 'checkContact'>, private readonly clock: Pick<Clock, 'now'>) {}

  /** What the users service knows of the pair; fails as its CheckContact does. */
  async find(from: number, to: number): Promise<CheckContactResponse> {
    const pair = `${from} ${to}`;
    const now = this.clock.now();
    const held = this.known.get(pair);
    if (held !== undefined && now < held.until) return held.contact;
    const { forgotten } = this;
    const contact = await this.users.checkContact({ from: BigInt(from), to: BigInt(to) });
    if (forgotten === this.forgotten && contact.toExists) this.keep(pair, { contact, until: now + ADMISSION_SECONDS * 1000 });
    return contact;
  }

  forget(from: number, to: number): void {
    this.forgotten += 1;
    this.known.delete(`${from} ${to}`);
  }

  /** Forgets all: after calls to forget may have gone to somebody else. */
  clear(): void {
    this.forgotten += 1;
    this.known.clear();
  }

  /** At the limit the pair that was asked about longest ago leaves. */
  private keep(pair: string, known: Known): void {
    this.known.delete(pair);
    this.known.set(pair, known);
    if (this.known.size > ADMISSIONS_MAX) this.known.delete(this.known.keys().next().value as string);
  }
}
