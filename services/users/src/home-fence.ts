import { isAnsweredElsewhere, ON_THE_WAY_SECONDS } from '@heliograph/client-api/answered-elsewhere';
import type { CallerContext, Methods } from '@heliograph/client-api/method';
import { floodWait, RpcError } from '@heliograph/client-api/rpc-error';
import { CallError } from '@heliograph/service-kit/call-error';
import type { Clock } from '@heliograph/service-kit/kit';
import type { Deps } from './deps';
import type { Homes } from './homes';
import { MOVE_IN_FLIGHT_MS, MOVE_PAUSE_MS } from './limits';

type Handler = (deps: Deps, caller: CallerContext, request: unknown) => Promise<unknown>;

/**
 * Keeps client methods from changing rows of a user who does not live here (any more), or is on the way: the rows that a move copies are then still.
 * Gateways refuse before, by the login that they remember; this counts for those who did not hear in time.
 */
export class HomeFence {
  /** Calls under way by user; only of those who have some. */
  private readonly underWay = new Map<number, number>();

  constructor(private readonly dc: number, private readonly homes: Pick<Homes, 'of' | 'movingTo'>, private readonly clock: Pick<Clock, 'now' | 'sleep'>) {}

  /** The methods, with the fence in front of those that the home alone answers. */
  around(methods: Methods<Deps>): Methods<Deps> {
    return Object.fromEntries(Object.entries(methods).map(([name, method]) => [name, isAnsweredElsewhere(name) ? method : this.fenced(method as Handler)])) as Methods<Deps>;
  }

  private fenced(method: Handler): Handler {
    return async (deps, caller, request) => {
      const { userId } = caller;
      if (userId === 0) return method(deps, caller, request);
      if (this.homes.movingTo(userId) !== 0) throw floodWait(ON_THE_WAY_SECONDS);
      const home = this.homes.of(userId);
      if (home !== this.dc) throw new RpcError(303, `USER_MIGRATE_${home}`);
      this.underWay.set(userId, (this.underWay.get(userId) ?? 0) + 1);
      try {
        return await method(deps, caller, request);
      } finally {
        const left = (this.underWay.get(userId) ?? 1) - 1;
        if (left === 0) this.underWay.delete(userId);
        else this.underWay.set(userId, left);
      }
    };
  }

  /** Resolves when none of these users has a call under way that passed the fence before. Throws UNAVAILABLE after MOVE_IN_FLIGHT_MS. */
  async settled(users: readonly number[]): Promise<void> {
    const until = this.clock.now() + MOVE_IN_FLIGHT_MS;
    while (users.some((user) => this.underWay.has(user))) {
      if (this.clock.now() >= until) throw new CallError('UNAVAILABLE', 'requests of a user who moves do not end');
      await this.clock.sleep(MOVE_PAUSE_MS);
    }
  }
}
