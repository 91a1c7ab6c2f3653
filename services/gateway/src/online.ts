import type { Session } from './session';

/** What is announced to fanout. */
export interface OnlineDeps {
  onUserAdded(userId: number): void;
  onUserRemoved(userId: number): void;
  /** The user's only session has become one of several, or one of several has become the only one. */
  onSoleChanged(userId: number): void;
}

/** Users with a connected session here, and those sessions. One session is kept as itself, several as an array: most users have one. */
export class Online {
  private readonly sessions = new Map<number, Session | Session[]>();

  constructor(private readonly deps: OnlineDeps) {}

  get users(): IterableIterator<number> {
    return this.sessions.keys();
  }

  get size(): number {
    return this.sessions.size;
  }

  has(userId: number): boolean {
    return this.sessions.has(userId);
  }

  sessionsOf(userId: number): readonly Session[] {
    const found = this.sessions.get(userId);
    return found === undefined ? [] : Array.isArray(found) ? found : [found];
  }

  /** The user's session, where there is just one. */
  soleSessionOf(userId: number): Session | undefined {
    const found = this.sessions.get(userId);
    return Array.isArray(found) ? undefined : found;
  }

  /** Puts the session where its user and connections say. Call after either changed. */
  update(session: Session): void {
    const userId = session.connections.length > 0 && !session.closed ? session.userId : 0;
    if (userId === session.indexedUser) return;
    if (session.indexedUser !== 0) this.remove(session.indexedUser, session);
    session.indexedUser = userId;
    if (userId !== 0) this.add(userId, session);
  }

  private add(userId: number, session: Session): void {
    const found = this.sessions.get(userId);
    if (found === undefined) {
      this.sessions.set(userId, session);
      this.deps.onUserAdded(userId);
    } else if (Array.isArray(found)) found.push(session);
    else {
      this.sessions.set(userId, [found, session]);
      this.deps.onSoleChanged(userId);
    }
  }

  private remove(userId: number, session: Session): void {
    const found = this.sessions.get(userId);
    if (found === session) {
      this.sessions.delete(userId);
      this.deps.onUserRemoved(userId);
    } else if (Array.isArray(found)) {
      const rest = found.filter((other) => other !== session);
      this.sessions.set(userId, rest.length === 1 ? (rest[0] as Session) : rest);
      if (rest.length === 1) this.deps.onSoleChanged(userId);
    }
  }
}
