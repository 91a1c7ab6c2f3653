import type { AuthKey } from './auth-key';
import type { Connection } from './connection';
import {
  CONNECTIONS_PER_SESSION_MAX, REPLAY_IDS_MAX, REPLAY_IDS_PER_KEY_MAX, REPLAY_IDS_PER_UNAUTHORISED_KEY_MAX, SESSION_DETACHED_TTL_MS, SESSIONS_DETACHED_MAX, SESSIONS_MAX, SESSIONS_PER_KEY_MAX,
  SESSIONS_PER_UNAUTHORISED_KEY_MAX,
} from './limits';
import { Session } from './session';

export interface SessionsDeps {
  now(): number;
  /** 64 random bits. */
  uniqueId(): bigint;
  /** The session has a first connection, or its last one is gone: its place among the connected ones changes. */
  onConnected(session: Session): void;
  onDisconnected(session: Session): void;
  /** The session is forgotten. */
  onForget(session: Session): void;
  /** A connection must go because its session has too many. */
  closeConnection(connection: Connection): void;
}

/** All sessions in memory: those with connections, and those that were left, for a while. */
export class Sessions {
  /** Left for longest first. */
  private readonly detached = new Set<Session>();
  private count = 0;
  private replayIds = 0;

  constructor(private readonly deps: SessionsDeps, private readonly sessionsMax = SESSIONS_MAX, private readonly replayIdsMax = REPLAY_IDS_MAX) {}

  get size(): number {
    return this.count;
  }

  get detachedSize(): number {
    return this.detached.size;
  }

  /** Those without a connection, left for longest first. */
  left(): readonly Session[] {
    return [...this.detached];
  }

  /** Ids that all replay windows hold. */
  get rememberedIds(): number {
    return this.replayIds;
  }

  /** The session with this id under this key, for a packet on `connection`; made when unknown. Undefined when there are too many of other keys, all connected. */
  obtain(key: AuthKey, id: bigint, connection: Connection): Session | undefined {
    const known = key.sessions.get(id);
    if (known !== undefined) return known;
    if (key.sessions.size >= (isUnauthorised(key) ? SESSIONS_PER_UNAUTHORISED_KEY_MAX : SESSIONS_PER_KEY_MAX)) this.evictOf(key, connection);
    if (this.count >= this.sessionsMax) this.dropOldest();
    if (this.count >= this.sessionsMax) return undefined;
    const session = new Session(id, key, this.deps.uniqueId());
    key.sessions.set(id, session);
    this.count += 1;
    return session;
  }

  /** The session, made when unknown, as one that waits for a connection. Undefined as with `obtain`. */
  park(key: AuthKey, id: bigint, connection: Connection): Session | undefined {
    const session = this.obtain(key, id, connection);
    if (session !== undefined && session.connections.length === 0 && session.detachedAt === 0) this.wait(session);
    return session;
  }

  /** The connection sent a packet of the session: messages go to it from now on. True when the connection is new to it. */
  attach(session: Session, connection: Connection): boolean {
    const { connections } = session;
    if (connections[connections.length - 1] === connection) return false;
    const index = connections.indexOf(connection);
    if (index >= 0) {
      connections.splice(index, 1);
      connections.push(connection);
      return false;
    }
    connections.push(connection);
    if (connection.session === undefined) connection.session = session;
    else if (connection.session !== session && !connection.otherSessions?.includes(session)) (connection.otherSessions ??= []).push(session);
    if (connections.length > CONNECTIONS_PER_SESSION_MAX) this.deps.closeConnection(connections[0] as Connection);
    if (connections.length > 1) return true;
    if (session.detachedAt !== 0) {
      this.detached.delete(session);
      session.detachedAt = 0;
    }
    this.deps.onConnected(session);
    return true;
  }

  /** The connection is closed. */
  detach(connection: Connection): void {
    if (connection.session !== undefined) this.leave(connection.session, connection);
    for (const session of connection.otherSessions ?? []) this.leave(session, connection);
    connection.session = undefined;
    connection.otherSessions = undefined;
  }

  /** The client destroyed the session, or its key is gone. */
  forget(session: Session): void {
    if (session.closed) return;
    session.closed = true;
    this.count -= 1;
    session.key.sessions.delete(session.id);
    this.detached.delete(session);
    this.countIds(session, -session.window.size);
    for (const connection of session.connections) {
      if (connection.session === session) connection.session = connection.otherSessions?.shift();
      else connection.otherSessions = connection.otherSessions?.filter((other) => other !== session);
    }
    session.connections.length = 0;
    this.deps.onDisconnected(session);
    this.deps.onForget(session);
  }

  /** Remembers a message that the session's window called new, within what the key's sessions, and all sessions, may remember. */
  remember(session: Session, messageId: bigint, seqNo: number): void {
    const { key, window } = session;
    const before = window.size;
    window.add(messageId, seqNo);
    this.countIds(session, window.size - before);
    if (key.replayIds > REPLAY_IDS_PER_UNAUTHORISED_KEY_MAX && key.replayIds > (isUnauthorised(key) ? REPLAY_IDS_PER_UNAUTHORISED_KEY_MAX : REPLAY_IDS_PER_KEY_MAX)) {
      let largest = session;
      for (const other of key.sessions.values()) if (other.window.size > largest.window.size) largest = other;
      this.fold(largest);
    }
    if (this.replayIds > this.replayIdsMax) this.fold(session);
  }

  /** Forgets sessions that were left too long ago. */
  expire(): void {
    const before = this.deps.now() - SESSION_DETACHED_TTL_MS;
    for (const session of this.detached) {
      if (session.detachedAt > before) return;
      this.forget(session);
    }
  }

  private leave(session: Session, connection: Connection): void {
    const index = session.connections.indexOf(connection);
    if (index < 0) return;
    session.connections.splice(index, 1);
    if (session.connections.length > 0) return;
    if (session.wantsPushes) session.missedPushes = true;
    this.deps.onDisconnected(session);
    this.wait(session);
  }

  private wait(session: Session): void {
    session.detachedAt = this.deps.now();
    this.detached.add(session);
    if (this.detached.size > SESSIONS_DETACHED_MAX) this.dropOldest();
  }

  /** Ids up to this one are too old for the session from now on. */
  raiseFloor(session: Session, floor: bigint): void {
    const before = session.window.size;
    session.window.raiseFloor(floor);
    this.countIds(session, session.window.size - before);
  }

  private countIds(session: Session, change: number): void {
    session.key.replayIds += change;
    this.replayIds += change;
  }

  private fold(session: Session): void {
    const before = session.window.size;
    session.window.fold();
    this.countIds(session, session.window.size - before);
  }

  private dropOldest(): void {
    for (const session of this.detached) return this.forget(session);
  }

  /** `keep`: brought the session that needs the room; it stays open even if the evicted one was its only session. */
  private evictOf(key: AuthKey, keep: Connection): void {
    let oldest: Session | undefined;
    for (const session of key.sessions.values()) {
      oldest ??= session;
      if (session.connections.length === 0) return this.forget(session);
    }
    if (oldest === undefined) return;
    const connections = [...oldest.connections];
    this.forget(oldest);
    for (const connection of connections) if (connection !== keep) this.deps.closeConnection(connection);
  }
}

const isUnauthorised = (key: AuthKey): boolean => (key.login?.userId ?? 0) === 0;
