import type { Push } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';
import type { Counter, Logger } from '@heliograph/service-kit/kit';
import type { Codec } from './codec';
import { Encodings, UPDATES_TOO_LONG } from './encodings';
import { PUSHES_HELD_MAX, PUSHES_PER_USER_MAX } from './limits';
import type { Online } from './online';
import type { Outbox } from './outbox';
import type { Session } from './session';

export interface PushesDeps {
  codec: Codec;
  online: Online;
  outbox: Outbox;
  dress(viewerId: number, value: object): Promise<void> | undefined;
  invalidate(userId: number): void;
  sessionsOfKey(permanentKeyId: bigint): Iterable<Session>;
  /** Layer that the session is written to in. */
  layer(session: Session): number;
  /** The key was revoked, or its login ended. */
  onKeyRevoked(permanentKeyId: bigint, push: Push): void;
  log: Logger;
  failures: Counter;
  deliveries: Counter;
}

/** An update on its way, with what was made of it so far. */
interface Frame {
  readonly value: object;
  readonly push: Push;
  /** What names nobody: the same for every viewer. */
  plain: Encodings | undefined;
}

/**
 * Hands updates to the sessions of their users: read once, dressed once per viewer, encoded once per layer (and viewer, where it names somebody).
 * Updates of one user never overtake each other.
 */
export class Pushes {
  /** Work that waits for names, per user; present while something waits. */
  private readonly queues = new Map<number, Frame[]>();

  constructor(private readonly deps: PushesDeps) {}

  deliver(push: Push): void {
    switch (push.what.case) {
      case 'authKeyRevoked':
        return this.deps.onKeyRevoked(push.what.value, push);
      case 'userChanged':
        return this.deps.invalidate(Number(push.what.value));
      case 'updates':
        return this.deliverUpdates(push, push.what.value);
      default:
    }
  }

  /** Tells a session that it missed something. */
  recover(session: Session): void {
    session.missedPushes = false;
    session.held = undefined;
    this.deps.outbox.notify(session, UPDATES_TOO_LONG, true);
  }

  /** updates.getState was answered: what came meanwhile follows. */
  release(session: Session): void {
    const { held } = session;
    session.held = undefined;
    if (!session.listening) return;
    if (session.missedPushes) return this.recover(session);
    for (const body of held ?? []) this.deps.outbox.notify(session, body, true);
  }

  private deliverUpdates(push: Push, bytes: Uint8Array): void {
    if (push.userIds.length === 0 && push.onlyAuthKeyId !== 0n) return this.deliverToKey(push.onlyAuthKeyId, bytes);
    let frame: Frame | undefined;
    for (const id of push.userIds) {
      const userId = Number(id);
      if (!this.deps.online.has(userId)) continue;
      try {
        frame ??= { value: this.deps.codec.readUpdates(bytes), push, plain: undefined };
      } catch (error) {
        // A service wrote what cannot be read: a defect there. Clients find the update by its pts.
        this.deps.failures.add(1, { what: 'push-unreadable' });
        this.deps.log.error({ error: error instanceof Error ? error.message : 'unknown' }, 'an update could not be read');
        return this.deliverTooLong(push);
      }
      const queue = this.queues.get(userId);
      if (queue === undefined) this.start(userId, frame);
      else if (queue.length < PUSHES_PER_USER_MAX) queue.push(frame);
      else {
        queue.length = 0;
        for (const session of this.deps.online.sessionsOf(userId)) if (session.listening) this.recover(session);
      }
    }
  }

  /** For a client that nobody is logged in with yet: the QR login that it shows was accepted. */
  private deliverToKey(permanentKeyId: bigint, bytes: Uint8Array): void {
    for (const session of this.deps.sessionsOfKey(permanentKeyId)) {
      if (session.connections.length === 0 || session.withoutPushes || session.transfersFiles) continue;
      this.deps.deliveries.add(1);
      this.deps.outbox.notify(session, this.deps.codec.writeUpdates(this.deps.codec.readUpdates(bytes), this.deps.layer(session)));
    }
  }

  private deliverTooLong(push: Push): void {
    for (const id of push.userIds) for (const session of this.deps.online.sessionsOf(Number(id))) if (session.listening && isFor(session, push)) this.recover(session);
  }

  /** Delivers at once when everybody's names are known, else queues later updates of the user behind. */
  private start(userId: number, frame: Frame): void {
    const waiting = this.handle(userId, frame);
    if (waiting === undefined) return;
    const queue: Frame[] = [];
    this.queues.set(userId, queue);
    void waiting.then(() => this.next(userId, queue));
  }

  private next(userId: number, queue: Frame[]): void {
    for (;;) {
      const frame = queue.shift();
      if (frame === undefined) {
        this.queues.delete(userId);
        return;
      }
      const waiting = this.handle(userId, frame);
      if (waiting !== undefined) {
        void waiting.then(() => this.next(userId, queue));
        return;
      }
    }
  }

  /** Never throws or rejects. */
  private handle(userId: number, frame: Frame): Promise<void> | undefined {
    const sessions = this.deps.online.sessionsOf(userId).filter((session) => session.listening && isFor(session, frame.push));
    if (sessions.length === 0) return undefined;
    try {
      const { value } = frame as { value: { users?: unknown[]; chats?: unknown[] } };
      if (value.users === undefined) {
        this.sendPlain(sessions, frame);
        return undefined;
      }
      const own = { ...value, users: [...value.users], chats: [...(value.chats ?? [])] };
      const dressing = this.deps.dress(userId, own);
      if (dressing === undefined) {
        this.send(sessions, frame, own);
        return undefined;
      }
      return dressing.then(() => this.send(sessions, frame, own)).catch((error: unknown) => this.giveUp(sessions, error));
    } catch (error) {
      this.giveUp(sessions, error);
      return undefined;
    }
  }

  private send(sessions: readonly Session[], frame: Frame, own: { users: unknown[]; chats: unknown[] }): void {
    if (own.users.length === 0 && own.chats.length === 0) return this.sendPlain(sessions, frame);
    const encodings = new Encodings(this.deps.codec, own);
    for (const session of sessions) this.hand(session, encodings.in(this.deps.layer(session)));
  }

  private sendPlain(sessions: readonly Session[], frame: Frame): void {
    frame.plain ??= new Encodings(this.deps.codec, frame.value);
    for (const session of sessions) this.hand(session, frame.plain.in(this.deps.layer(session)));
  }

  /** Gives the session an update, behind the state that it asks for. */
  hand(session: Session, body: Uint8Array): void {
    if (!session.listening) return;
    this.deps.deliveries.add(1);
    if (session.stateQueries === 0) return this.deps.outbox.notify(session, body, true);
    const held = (session.held ??= []);
    if (held.length < PUSHES_HELD_MAX) held.push(body);
    else {
      session.missedPushes = true;
      held.length = 0;
    }
  }

  private giveUp(sessions: readonly Session[], error: unknown): void {
    this.deps.failures.add(1, { what: 'push' });
    this.deps.log.warn({ error: error instanceof Error ? error.message : 'unknown' }, 'an update could not be prepared');
    for (const session of sessions) if (session.listening) this.recover(session);
  }
}

/** Is the update for this session of the user? The session that caused it learns of it from its own result. */
export function isFor(session: Session, push: Push): boolean {
  const keyId = session.key.login?.permanentKeyId ?? 0n;
  if (push.onlyAuthKeyId !== 0n && keyId !== push.onlyAuthKeyId) return false;
  if (push.exceptAuthKeyId !== 0n && keyId === push.exceptAuthKeyId) return push.exceptSessionId !== 0n && session.id !== push.exceptSessionId;
  if (push.exceptAuthKeyId === 0n && push.exceptSessionId !== 0n) return session.id !== push.exceptSessionId;
  return true;
}
