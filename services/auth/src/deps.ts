import type { AccessSecretOf } from '@heliograph/client-api/access-secrets';
import type { Client, Clock, Logger } from '@heliograph/service-kit/kit';
import type { Errands } from '@heliograph/service-kit/errands';
import type { OtherDcs } from '@heliograph/service-kit/other-dcs';
import type { Ephemeral } from '@heliograph/ephemeral/ephemeral';
import type { Keyring } from '@heliograph/crypto/keyring';
import type { Storage } from '@heliograph/storage/storage';
import type { AuthKeyService } from '@heliograph/protos/heliograph/auth/v1/auth_pb';
import type { LoginMoveService } from '@heliograph/protos/heliograph/auth/v1/login_move_pb';
import type { HomeService } from '@heliograph/protos/heliograph/users/v1/homes_pb';
import type { FanoutService } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';
import type { MessageStoreService } from '@heliograph/protos/heliograph/messagestore/v1/message_store_pb';
import type { UsersService } from '@heliograph/protos/heliograph/users/v1/users_pb';
import type { AuthConfig } from './config';
import type { EndedExport } from './ended-exports';
import type { CodeSender } from './senders/code-sender';

/** What auth's handlers work with. */
export interface Deps {
  readonly dc: number;
  /** Ids of all data centers. */
  readonly dcIds: readonly number[];
  readonly config: AuthConfig;
  readonly storage: Storage;
  readonly ephemeral: Ephemeral;
  readonly keyring: Keyring;
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
  readonly log: Logger;
  random(bytes: number): Uint8Array;
  readonly users: Pick<Client<typeof UsersService>, 'getViews' | 'createUser' | 'findByPhone'>;
  readonly messages: Pick<Client<typeof MessageStoreService>, 'notify'>;
  readonly fanout: Pick<Client<typeof FanoutService>, 'publish'>;
  /** The auth service of another DC. */
  authOf(dc: number): Pick<Client<typeof AuthKeyService>, 'redeemExport' | 'acceptLoginToken' | 'endImported' | 'loginLasts'>;
  /** What it does with the logins of users who moved. */
  loginMovesOf(dc: number): Pick<Client<typeof LoginMoveService>, 'endLogins'>;
  /** Where users live. */
  readonly homes: Pick<Client<typeof HomeService>, 'findHomes'>;
  /** Runs the calls to it. */
  readonly otherDcs: OtherDcs;
  /** Tells it which imported logins have ended. */
  readonly endedExports: Errands<EndedExport>;
  /** Hides phones and codes in the ephemeral store. */
  readonly codeSecret: Uint8Array;
  /** Makes access hashes: the DC's secret. */
  readonly accessSecret: AccessSecretOf;
  /** Brings a code to a phone. */
  readonly sendCode: CodeSender;
  /** Runs work that the caller does not wait for; its failure is logged, and a drain waits for it. */
  inBackground(what: string, task: () => Promise<void>): void;
}
