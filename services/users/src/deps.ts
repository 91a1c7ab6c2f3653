import type { Client, Clock, DataCenter, Logger } from '@heliograph/service-kit/kit';
import type { Ephemeral } from '@heliograph/ephemeral/ephemeral';
import type { Keyring } from '@heliograph/crypto/keyring';
import type { AccessSecretOf } from '@heliograph/client-api/access-secrets';
import type { Peers } from '@heliograph/client-api/peers';
import type { Storage } from '@heliograph/storage/storage';
import type { Errands } from '@heliograph/service-kit/errands';
import type { OtherDcs } from '@heliograph/service-kit/other-dcs';
import type { FanoutService } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';
import type { MessageStoreService } from '@heliograph/protos/heliograph/messagestore/v1/message_store_pb';
import type { UsersService } from '@heliograph/protos/heliograph/users/v1/users_pb';
import type { Homes } from './homes';
import type { Notices } from './notices';
import type { FactsMemory } from './remembered-facts';
import type { RemoteViews } from './remote-views';
import type { Watchers } from './watchers';

/** What the handlers of users work with. */
export interface Deps {
  readonly dc: DataCenter;
  /** All data centers, this one included, with the addresses that clients reach. */
  readonly dcs: readonly DataCenter[];
  /** ISO 3166-1 alpha-2 country that this DC tells clients it is near. */
  readonly country: string;
  readonly storage: Storage;
  readonly ephemeral: Ephemeral;
  readonly keyring: Keyring;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Logger;
  random(bytes: number): Uint8Array;
  /** Checks Input* peers of requests. */
  readonly peers: Peers;
  /** Makes `access-hash`es: the DC's secret. */
  readonly accessSecret: AccessSecretOf;
  /** Key of the phone directory, the same in every DC. */
  readonly phoneSecret: Uint8Array;
  readonly messages: Pick<Client<typeof MessageStoreService>, 'notify' | 'forgetContact' | 'getDialogSettings'>;
  readonly fanout: Pick<Client<typeof FanoutService>, 'publish'>;
  /** The users service of another DC. */
  usersOf(dc: number): Client<typeof UsersService>;
  /** Runs the calls to it. */
  readonly otherDcs: OtherDcs;
  /** Where users live. */
  readonly homes: Homes;
  /** The public name that a channel itself says it has; undefined where that can't be told now. */
  usernameOfChannel(box: number): Promise<string | undefined>;
  /** How its users looked. */
  readonly remoteViews: RemoteViews;
  /** How users of this one did. */
  readonly factsMemory: FactsMemory;
  /** Who is told of a user. */
  readonly watchers: Watchers;
  /** Lets its users know. */
  readonly notices: Notices;
  /** Tells it who joined. */
  readonly joinedErrands: Errands<{ userId: number; silent: boolean }>;
  /** Whether the process has begun to end. */
  isStopping(): boolean;
  /** Runs work that the caller does not wait for; its failure is logged, and a drain waits for it. */
  inBackground(what: string, task: () => Promise<void>): void;
}
