import type { AuthKey } from './auth-key';
import type { Connection } from './connection';
import type { Message } from './domain/container';
import { ReplayWindow } from './domain/replay-window';
import type { Query } from './query';
import type { Counted } from './query-bytes';
import type { Unacked } from './unacked';

/** A message to the client, or the same one to several: a session's part of it is its number there. */
export interface Outgoing {
  /** Under which each of its sessions gets it. */
  readonly id: bigint;
  readonly body: Uint8Array;
  /** The client must acknowledge it; kept until then. */
  readonly contentRelated: boolean;
  /** The query that it answers; 0n for none. */
  readonly answers: bigint;
  /** The same body goes to several sessions: encrypted in one batch. */
  readonly shared: boolean;
}

/** A message with its sequence number in a session. */
export interface Numbered {
  readonly message: Outgoing;
  readonly seqNo: number;
}

/** A message that waits for one before it. */
export interface Inboxed extends Counted {
  readonly message: Message;
  readonly connection: Connection;
}

/** A client's session: survives its connections, belongs to one auth key. Fields that idle sessions don't need are undefined. */
export class Session {
  /** The last one to send a packet is last; messages go there. */
  readonly connections: Connection[] = [];
  readonly window = new ReplayWindow();
  /** Content-related messages sent so far. */
  sentContent = 0;
  /** new_session_created was sent. */
  announced = false;
  /** Layer announced in this session; 0: none. */
  layer = 0;

  /** Waits for the next turn of the event loop. */
  out: Numbered[] | undefined = undefined;
  queuedForFlush = false;
  /** Ids to acknowledge. */
  acks: bigint[] | undefined = undefined;
  unacked: Unacked | undefined = undefined;
  /** Bytes of `unacked`, each message with UNACKED_OVERHEAD_BYTES. */
  unackedBytes = 0;

  queries: Map<bigint, Query> | undefined = undefined;
  /** Ids of queries that ended in an error, oldest first. */
  failed: bigint[] | undefined = undefined;
  /** Queries that wait for a message that hasn't come yet. */
  awaiting: Map<bigint, Query[]> | undefined = undefined;
  /** Reasons for which messages wait in the inbox: one before them is being inflated, or its key looked up. */
  holds = 0;
  inbox: Inboxed[] | undefined = undefined;

  wantsPushes = false;
  /** It said invokeWithoutUpdates: only asking for the state makes it listen. */
  withoutPushes = false;
  transfersFiles = false;
  /** User under whom the session is in the index of connected sessions; 0: none. */
  indexedUser = 0;
  /** It went without pushes for a while: it must ask for the difference. */
  missedPushes = false;
  /** updates.getState under way: pushes wait for its answer. */
  stateQueries = 0;
  held: Uint8Array[] | undefined = undefined;

  /** Unix milliseconds when the record that it is at this gateway was last written; 0: it wasn't (see SessionClaims). */
  recordedAt = 0;
  /** Unix milliseconds since when it has no connection; 0 while it has one. */
  detachedAt = 0;
  closed = false;

  constructor(readonly id: bigint, readonly key: AuthKey, readonly uniqueId: bigint) {}

  /** Where messages go; undefined without a connection. */
  get connection(): Connection | undefined {
    return this.connections[this.connections.length - 1];
  }

  get userId(): number {
    return this.key.login?.userId ?? 0;
  }

  /** Is it pushed to now? */
  get listening(): boolean {
    return this.wantsPushes && !this.withoutPushes && this.connections.length > 0 && this.userId !== 0;
  }
}
