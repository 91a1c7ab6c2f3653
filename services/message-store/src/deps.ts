import type { Peers } from '@heliograph/client-api/peers';
import type { Keyring } from '@heliograph/crypto/keyring';
import type { FanoutService } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';
import type { UsersService } from '@heliograph/protos/heliograph/users/v1/users_pb';
import type { Client, Logger } from '@heliograph/service-kit/kit';
import type { BoxEngine } from './engine/contract';
import type { Admissions } from './messages/admissions';
import type { PresenceTouches } from './messages/presence';

/** What the client methods and internal RPCs of the message store are functions over. */
export interface Deps {
  /** This data center. */
  readonly dc: number;
  readonly engine: BoxEngine;
  readonly keyring: Keyring;
  /** Checks Input* peers against their access hashes. */
  readonly peers: Peers;
  readonly users: Pick<Client<typeof UsersService>, 'findBlocks' | 'getViews' | 'tellPeer'>;
  /** Whether one user may act towards another. */
  readonly admissions: Admissions;
  readonly fanout: Pick<Client<typeof FanoutService>, 'publish'>;
  /** Shows people online while they write. */
  readonly presence: PresenceTouches;
  readonly log: Logger;
  random(bytes: number): Uint8Array;
}
