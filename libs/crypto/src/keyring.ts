/**
 * What services see of the key ring (DESIGN section 8). Data keys are wrapped by the DC's region key and stored by the
 * `keyring` service; a client of it caches them unwrapped, bounded, under a lease.
 */
export interface DataKey {
  readonly scope: string;
  readonly version: number;
  /** AES-256-GCM: version(1) ‖ nonce(12) ‖ ciphertext ‖ tag(16). `place` is the associated data that binds it to its place. */
  seal(plaintext: Uint8Array, place: string): Uint8Array;
  /** Throws SealBroken if the bytes were changed, moved to another place, or sealed under another key. */
  open(sealed: Uint8Array, place: string): Uint8Array;
  /** 8-byte blind-index token of a normalised word under this key. */
  token(word: string): Uint8Array;
}

export interface Keyring {
  /** A secret that is the same on every replica of this DC, derived for one purpose: `access-hash`, `salts`, `phone-index`, … 32 bytes. */
  secret(purpose: string): Promise<Uint8Array>;
  /**
   * The data key of a scope, made on first use. Scopes: `dialog:<lowUserId>:<highUserId>` (private chat of one DC, both
   * sides; with `:<dc>` what that DC seals of a chat between DCs),
   * `group:<chatId>:<dc>` and `channel:<channelId>:<dc>` (what that DC seals of a basic group, a channel),
   * `user:<id>` (user-private state: profile, contacts, drafts), `auth-keys`, `directory`.
   */
  dataKey(scope: string): Promise<DataKey>;
  /** The data key of a scope if this DC holds it already; it is neither made nor asked of another DC. */
  findDataKey(scope: string): Promise<DataKey | undefined>;
  /** Deleting a key erases what it sealed. */
  deleteDataKey(scope: string): Promise<void>;
}
