import type { Ephemeral } from '@heliograph/ephemeral/ephemeral';
import type { GatewayService, SessionState } from '@heliograph/protos/heliograph/gateway/v1/gateway_pb';
import type { Client, Clock, Counter, Logger } from '@heliograph/service-kit/kit';
import type { AuthKey } from './auth-key';
import {
  CLAIM_DEADLINE_MS, CLAIM_REFRESH_INTERVAL_MS, CLAIM_REFRESHES_PER_TICK, CLAIM_TTL_MS, CLAIMS_PENDING_MAX, FIRST_CLAIMS_PER_KEY_MAX, FIRST_CLAIMS_PER_SECOND_MAX, HAND_OVER_DEADLINE_MS, LEAVING_RECORDS_MAX,
  REMOTE_DESTROYS_MAX,
} from './limits';
import type { Session } from './session';

export interface SessionClaimsDeps {
  /** This process, and its place among the gateways of the data center. */
  gatewayId: bigint;
  replica: number;
  ephemeral: Pick<Ephemeral, 'exchange' | 'get' | 'set' | 'setIfAbsent'>;
  /** The gateway in that place; undefined for this one, and where gateways are not told apart. */
  peer(replica: number): Pick<Client<typeof GatewayService>, 'takeSession'> | undefined;
  clock: Pick<Clock, 'now' | 'sleep'>;
  log: Logger;
  failures: Counter;
}

/** What was learned of a session when it was claimed. */
export interface Claimed {
  /** What the gateway that had it remembered. */
  readonly state: SessionState | undefined;
  /** Ids up to this one were received by a gateway that is gone; 0n: nothing is known. */
  readonly floor: bigint;
  /** The record names this gateway. */
  readonly recorded: boolean;
}

/** Whose a session is: gateway, its place, and the highest id received, where it has left that behind. */
interface Owner {
  readonly gatewayId: bigint;
  readonly replica: number;
  readonly top: bigint;
}

const RECORD_BYTES = 18;
const UNKNOWN: Claimed = { state: undefined, floor: 0n, recorded: false };

/**
 * Which gateway a session is at. A session is at one gateway: whoever gets a packet of a session that it doesn't have claims it by a record in the
 * ephemeral store, with one exchange, and takes what the gateway before remembers (message ids received, answers not acknowledged, what it listens to),
 * so that a packet replayed to another gateway is a duplicate there too, and a client that changes gateways goes on as if it hadn't. A gateway has a
 * session until another takes it from there, or it is forgotten; coming back to the same gateway asks nobody.
 *
 * Without the ephemeral store, or when the gateway before is gone without a word, nothing is known: the client is told new_session_created, as after a
 * restart. A gateway that drains leaves behind the highest id that each session received; ids up to it are answered 20.
 */
export class SessionClaims {
  private readonly pending = new Map<string, Promise<Claimed>>();
  /** When the records of connected sessions are written again, soonest first. */
  private readonly refreshAt = new Map<Session, number>();
  private destroying = 0;
  /** First claims of the second that began then. */
  private firstClaims = 0;
  private firstClaimsSince = 0;

  constructor(private readonly deps: SessionClaimsDeps) {}

  /** Makes the session this gateway's. Never rejects. One claim serves all who wait for it. */
  claim(key: AuthKey, sessionId: bigint): Promise<Claimed> {
    const name = nameOf(key.id, sessionId);
    const running = this.pending.get(name);
    if (running !== undefined) return running;
    if (this.pending.size >= CLAIMS_PENDING_MAX || !this.hasRoom(key)) {
      this.deps.failures.add(1, { what: 'claim-over-budget' });
      return Promise.resolve(UNKNOWN);
    }
    const claim = this.take(name, key, sessionId).finally(() => this.pending.delete(name));
    this.pending.set(name, claim);
    return claim;
  }

  /** Settles when no claim of the session is under way. */
  async settled(keyId: bigint, sessionId: bigint): Promise<void> {
    await this.pending.get(nameOf(keyId, sessionId));
  }

  /** The session has a connection: its record is kept alive. */
  keep(session: Session): void {
    const now = this.deps.clock.now();
    this.refreshAt.set(session, now + CLAIM_REFRESH_INTERVAL_MS);
    if (session.recordedAt !== 0 && session.recordedAt <= now - CLAIM_REFRESH_INTERVAL_MS) void this.write(session, 0n);
  }

  /** Its last connection is gone, or it is another gateway's now: the record lives on for its time. */
  leave(session: Session): void {
    this.refreshAt.delete(session);
  }

  /** Writes the records again that are due. `onLost`: another gateway has the session. */
  refresh(onLost: (session: Session) => void): void {
    const now = this.deps.clock.now();
    let left = CLAIM_REFRESHES_PER_TICK;
    for (const [session, at] of this.refreshAt) {
      if (at > now || left-- === 0) return;
      this.refreshAt.delete(session);
      this.refreshAt.set(session, now + CLAIM_REFRESH_INTERVAL_MS);
      void this.write(session, 0n).then((owned) => {
        if (!owned && !session.closed) onLost(session);
      });
    }
  }

  /** This gateway goes: what the sessions received is left behind for whoever claims them next. Best effort; `enough` ends it. */
  async leaveBehind(sessions: Iterable<Session>, enough: () => boolean): Promise<void> {
    let some: Promise<boolean>[] = [];
    for (const session of sessions) {
      if (enough()) return;
      if (session.closed || session.recordedAt === 0 || session.window.highest === 0n) continue;
      some.push(this.write(session, session.window.highest));
      if (some.length < LEAVING_RECORDS_MAX) continue;
      await Promise.all(some);
      some = [];
    }
    await Promise.all(some);
  }

  /** Destroys a session at the gateway that has it. False when none has, or it can't be reached. */
  async destroy(keyId: bigint, sessionId: bigint): Promise<boolean> {
    if (this.destroying >= REMOTE_DESTROYS_MAX) return false;
    this.destroying += 1;
    try {
      const name = nameOf(keyId, sessionId);
      const owner = readOwner(await this.inTime(this.deps.ephemeral.get(name)));
      const state = owner === undefined ? undefined : await this.ask(owner, keyId, sessionId);
      if (state === undefined) return false;
      // Its packets may be replayed; a new session under this id doesn't take them.
      await this.inTime(this.deps.ephemeral.set(name, this.record(state.receivedIds.at(-1) ?? state.floor), CLAIM_TTL_MS));
      return true;
    } catch (error) {
      this.failed('destroy-session', error);
      return false;
    } finally {
      this.destroying -= 1;
    }
  }

  private async take(name: string, key: AuthKey, sessionId: bigint): Promise<Claimed> {
    try {
      const owner = readOwner(await this.inTime(this.deps.ephemeral.exchange(name, this.record(0n), CLAIM_TTL_MS)));
      if (owner === undefined) this.countFirst(key);
      return { state: owner && await this.ask(owner, key.id, sessionId), floor: owner?.top ?? 0n, recorded: true };
    } catch (error) {
      this.failed('claim', error);
      return UNKNOWN;
    }
  }

  /** What another gateway remembers of the session, and forgets by this. */
  private async ask(owner: Owner, authKeyId: bigint, sessionId: bigint): Promise<SessionState | undefined> {
    const { gatewayId } = owner;
    if (gatewayId === this.deps.gatewayId) return undefined;
    try {
      const peer = this.deps.peer(owner.replica);
      return peer && (await peer.takeSession({ authKeyId, sessionId, gatewayId }, { deadlineMs: HAND_OVER_DEADLINE_MS })).session;
    } catch (error) {
      this.failed('take-session', error);
      return undefined;
    }
  }

  /**
   * Writes the record of a session that is at this gateway. False when it is another's by now; the record is left to it. One that couldn't be written
   * when the session came here is written only where there is none: what it says may be true.
   */
  private async write(session: Session, top: bigint): Promise<boolean> {
    const { ephemeral, clock } = this.deps;
    const name = nameOf(session.key.id, session.id);
    try {
      if (session.recordedAt === 0) {
        if (await this.inTime(ephemeral.setIfAbsent(name, this.record(top), CLAIM_TTL_MS))) session.recordedAt = clock.now();
        return true;
      }
      const before = await this.inTime(ephemeral.exchange(name, this.record(top), CLAIM_TTL_MS));
      session.recordedAt = clock.now();
      const owner = readOwner(before);
      if (owner === undefined || owner.gatewayId === this.deps.gatewayId) return true;
      await this.inTime(ephemeral.set(name, before as Uint8Array, CLAIM_TTL_MS));
      return false;
    } catch (error) {
      this.failed('claim', error);
      return true;
    }
  }

  /** May the key's clients make one more record? Counted when it was made: who comes back to a record that is there makes none. */
  private hasRoom(key: AuthKey): boolean {
    const now = this.deps.clock.now();
    if (now - this.firstClaimsSince >= 1_000) [this.firstClaims, this.firstClaimsSince] = [0, now];
    if (now - key.firstClaimsSince >= CLAIM_TTL_MS) [key.firstClaims, key.firstClaimsSince] = [0, now];
    return this.firstClaims < FIRST_CLAIMS_PER_SECOND_MAX && key.firstClaims < FIRST_CLAIMS_PER_KEY_MAX;
  }

  private countFirst(key: AuthKey): void {
    this.firstClaims += 1;
    key.firstClaims += 1;
  }

  /** The ephemeral store may not keep a client waiting. */
  private async inTime<T>(task: Promise<T>): Promise<T> {
    const late = new AbortController();
    try {
      return await Promise.race([task, this.deps.clock.sleep(CLAIM_DEADLINE_MS, late.signal).then(() => {
        throw new Error('the ephemeral store takes too long');
      })]);
    } finally {
      late.abort();
    }
  }

  private failed(what: string, error: unknown): void {
    this.deps.failures.add(1, { what });
    this.deps.log.debug({ what, error: error instanceof Error ? error.message : 'unknown' }, 'a session could not be asked for');
  }

  private record(top: bigint): Uint8Array {
    const bytes = Buffer.alloc(RECORD_BYTES);
    bytes.writeBigUInt64LE(this.deps.gatewayId, 0);
    bytes.writeUInt16LE(this.deps.replica, 8);
    bytes.writeBigUInt64LE(top, 10);
    return bytes;
  }
}

const nameOf = (keyId: bigint, sessionId: bigint): string => `gateway:session:${keyId.toString(16)}:${sessionId.toString(16)}`;

function readOwner(record: Uint8Array | undefined): Owner | undefined {
  if (record?.byteLength !== RECORD_BYTES) return undefined;
  const bytes = Buffer.from(record);
  return { gatewayId: bytes.readBigUInt64LE(0), replica: bytes.readUInt16LE(8), top: bytes.readBigUInt64LE(10) };
}
