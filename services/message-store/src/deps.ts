import type { Peers } from '@heliograph/client-api/peers';
import type { Keyring } from '@heliograph/crypto/keyring';
import type { ChatlistService } from '@heliograph/protos/heliograph/messagestore/v1/chatlists_pb';
import type { FanoutService } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';
import type { HomeService } from '@heliograph/protos/heliograph/users/v1/homes_pb';
import type { KeyringService } from '@heliograph/protos/heliograph/keyring/v1/keyring_pb';
import type { NameService } from '@heliograph/protos/heliograph/users/v1/names_pb';
import type { UsersService } from '@heliograph/protos/heliograph/users/v1/users_pb';
import type { BoxMoveService } from '@heliograph/protos/heliograph/messagestore/v1/box_move_pb';
import type { Client, Clock, Logger } from '@heliograph/service-kit/kit';
import type { EventLog } from '@heliograph/event-log/event-log';
import type { Storage } from '@heliograph/storage/storage';
import type { BoxEngine } from './engine/contract';
import type { Admissions } from './messages/admissions';
import type { Channels } from './messages/channels';
import type { Comments } from './messages/comments';
import type { MemberCursors } from './messages/channel-members';
import type { Groups } from './messages/groups';
import type { PostCounter } from './messages/post-counts';
import type { PostSearches } from './messages/post-searches';
import type { PresenceTouches } from './messages/presence';
import type { PublicPosts } from './messages/search-posts';

/** What the client methods and internal RPCs of the message store are functions over. */
export interface Deps {
  /** This data center, and all of them. */
  readonly dc: number;
  readonly dcs: readonly number[];
  /** Where users live. */
  readonly homes: Pick<Client<typeof HomeService>, 'findHomes'>;
  readonly engine: BoxEngine;
  /** What boxes of any DC know of basic groups. */
  readonly groups: Groups;
  /** Channels of any DC: acts in them and reads of them. */
  readonly channels: Channels;
  /** Where pages of their members end. */
  readonly memberCursors: MemberCursors;
  /** Views and forwards of broadcasts' posts. */
  readonly postCounts: PostCounter;
  /** Posts of public broadcasts by what is said in them, and how often users searched so. */
  readonly publicPosts: PublicPosts;
  readonly postSearches: PostSearches;
  /** What users of a DC share of their folders. */
  chatlistsOf(dc: number): Client<typeof ChatlistService>;
  /** How broadcasts' posts are discussed. */
  readonly comments: Comments;
  readonly keyring: Keyring;
  /** Checks Input* peers against their access hashes. */
  readonly peers: Peers;
  readonly users: Pick<Client<typeof UsersService>, 'findBlocks' | 'findByUsernames' | 'getViews' | 'tellPeer'>;
  /** The directory of public names, for those of channels. */
  readonly names: Client<typeof NameService>;
  /** Whether one user may act towards another. */
  readonly admissions: Admissions;
  readonly fanout: Pick<Client<typeof FanoutService>, 'publish'>;
  /** The same in another DC. */
  fanoutOf(dc: number): Pick<Client<typeof FanoutService>, 'publish'>;
  /** Shows people online while they write. */
  readonly presence: PresenceTouches;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly log: Logger;
  random(bytes: number): Uint8Array;
}

/** What the steps of a box's move to another DC are functions over. */
export interface MoveDeps {
  /** The engine itself: it answers for boxes that have left, too. */
  readonly engine: Pick<BoxEngine, 'submit' | 'read' | 'adopt'>;
  readonly storage: Storage;
  readonly eventLog: Pick<EventLog, 'bounds' | 'findPosition'>;
  readonly keyring: Keyring;
  readonly clock: Pick<Clock, 'now'>;
  /** This DC, and all of them. */
  readonly dc: number;
  readonly dcs: readonly number[];
  readonly homes: Pick<Client<typeof HomeService>, 'findHomes'>;
  readonly keys: Pick<Client<typeof KeyringService>, 'deleteDataKey'>;
  /** The message store of another DC. */
  boxesOf(dc: number): Pick<Client<typeof BoxMoveService>, 'takeRows'>;
}
