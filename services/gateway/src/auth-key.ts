import type { HandshakeSalt } from '@heliograph/mtproto/salts';
import type { ClientDescription } from './domain/wrappers';
import type { Session } from './session';

/** What a permanent key stands for; shared by the temporary keys that are bound to it. */
export class Login {
  /** 0: nobody is logged in. */
  userId = 0;
  bot = false;
  /** The login that was there was ended by another session of its user. */
  revoked = false;
  /** Home DC of the user; 0: nobody is logged in, or this one. */
  homeDc = 0;
  /** Layer last announced under the key; 0: none yet. */
  layer = 0;
  client: ClientDescription | undefined = undefined;
  /** Unix milliseconds of the last report to auth. */
  reportedAt = 0;
  /** Unix milliseconds at which the facts came from auth. */
  checkedAt = 0;
  /** Keys in memory that stand for it. */
  readonly keys: AuthKey[] = [];

  constructor(readonly permanentKeyId: bigint) {}
}

/** An auth key in memory. */
export class AuthKey {
  /** Undefined for a temporary key that isn't bound. */
  login: Login | undefined = undefined;
  /** The salt that the handshake yielded, while this process remembers it. */
  handshakeSalt: HandshakeSalt | undefined = undefined;
  /** Current salt, and the half-hour that it was computed in. */
  salt = 0n;
  saltPeriod = -1;
  /** An earlier salt that was found to be valid in that half-hour. */
  earlierSalt: bigint | undefined = undefined;
  readonly sessions = new Map<bigint, Session>();
  /** Open connections whose slot holds this key. */
  connections = 0;
  /** Bytes of its queries under way; ids that its sessions' replay windows hold; bytes that its sessions keep until they are acknowledged. */
  queryBytes = 0;
  replayIds = 0;
  unackedBytes = 0;
  /** Sessions under it that no gateway had had before, and since when they are counted (Unix milliseconds). */
  firstClaims = 0;
  firstClaimsSince = 0;
  /** Destroyed: packets under it answer −404. */
  dead = false;
  /** Leaves memory with its last connection. */
  stale = false;

  constructor(
    readonly id: bigint,
    /** 256 bytes. */
    readonly bytes: Uint8Array,
    /** Unix seconds; 0 for a permanent key. */
    readonly expiresAt: number,
  ) {}

  get temporary(): boolean {
    return this.expiresAt !== 0;
  }
}
