import type { Keyring } from '@heliograph/crypto/keyring';
import type { FanoutService } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';
import type { Client, Clock, Counter, Histogram, Logger } from '@heliograph/service-kit/kit';
import type { BoxFeeds } from './box-feeds';
import type { RecentAuthors } from './recent-authors';
import type { Routes } from './routes';

/** What the RPCs and the consumer of box updates are functions over. */
export interface Deps {
  readonly routes: Routes;
  readonly authors: RecentAuthors;
  readonly keyring: Keyring;
  readonly feeds: BoxFeeds;
  readonly clock: Clock;
  readonly log: Logger;
  /** The other replicas of this DC. */
  others(): readonly Pick<Client<typeof FanoutService>, 'publish'>[];
  readonly metrics: {
    frameSize: Histogram;
    lag: Histogram;
    pushed: Counter;
    overflows: Counter;
    failures: Counter;
  };
}
