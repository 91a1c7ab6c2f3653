import type { AuthKey } from './auth-key';
import type { Connection } from './connection';
import { CONNECTIONS_PER_SESSION_MAX, SESSION_DETACHED_TTL_MS, SESSIONS_DETACHED_MAX, SESSIONS_PER_KEY_MAX, UNACKED_DETACHED_BYTES_MAX } from './limits';
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
  private detachedBytes = 0;
  private count = 0;

  constructor(private readonly deps: SessionsDeps) {}

  get size(): number {
    return this.count;
  }

  get detachedSize(): number {
    return this.detached.size;
  }

  /** The session with this id under this key, for a packet on `connection`; made when unknown. */
  obtain(key: AuthKey, id: bigint, connection: Connection): Session {
    const known = key.sessions.get(id);
    if (known !== undefined) return known;
    if (key.sessions.size >= SESSIONS_PER_KEY_MAX) this.evictOf(key, connection);
    const session = new Session(id, key, this.deps.uniqueId());
    key.sessions.set(id, session);
    this.count += 1;
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
      this.detachedBytes -= session.unackedBytes;
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
    if (this.detached.delete(session)) this.detachedBytes -= session.unackedBytes;
    for (const connection of session.connections) {
      if (connection.session === session) connection.session = connection.otherSessions?.shift();
      else connection.otherSessions = connection.otherSessions?.filter((other) => other !== session);
    }
    session.connections.length = 0;
    this.deps.onDisconnected(session);
    this.deps.onForget(session);
  }

  /** A detached session keeps more, or fewer, bytes for its client. */
  countDetachedBytes(session: Session, change: number): void {
    if (session.detachedAt === 0) return;
    this.detachedBytes += change;
    if (this.detachedBytes > UNACKED_DETACHED_BYTES_MAX) this.dropOldest();
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
    session.detachedAt = this.deps.now();
    this.detached.add(session);
    this.detachedBytes += session.unackedBytes;
    if (this.detached.size > SESSIONS_DETACHED_MAX) this.dropOldest();
    if (this.detachedBytes > UNACKED_DETACHED_BYTES_MAX) this.dropOldest();
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
