import type { Keyring } from '@heliograph/crypto/keyring';
import type { Ephemeral } from '@heliograph/ephemeral/ephemeral';
import type { Clock, Counter, Histogram, Logger } from '@heliograph/service-kit/kit';
import type { Routes } from './routes';

/** What the RPCs and the consumer of box updates are functions over. */
export interface Deps {
  readonly routes: Routes;
  readonly keyring: Keyring;
  readonly ephemeral: Ephemeral;
  readonly clock: Clock;
  readonly log: Logger;
  /** This replica among others of the DC. */
  readonly replica: string;
  readonly metrics: {
    frameSize: Histogram;
    lag: Histogram;
    pushed: Counter;
    overflows: Counter;
    failures: Counter;
  };
}
