import type { AuthKeyService } from '@heliograph/protos/heliograph/auth/v1/auth_pb';
import type { Client } from '@heliograph/service-kit/kit';
import { AuthKey, Login } from './auth-key';
import { KEY_LOOKUP_DEADLINE_MS, KEY_LOOKUPS_MAX, KEYS_MAX } from './limits';

export interface AuthKeysDeps {
  auth: Pick<Client<typeof AuthKeyService>, 'findKey'>;
  now(): number;
  /** A key leaves memory: its sessions go too. */
  onForget(key: AuthKey): void;
}

/** Too many lookups under way, or the auth service doesn't answer: nothing is known about the key. */
export class KeyLookupError extends Error {}

/** Auth keys in memory, found at the auth service when a packet names one for the first time. */
export class AuthKeys {
  /** Least recently used first, as far as `touch` is called. */
  private readonly keys = new Map<bigint, AuthKey>();
  private readonly logins = new Map<bigint, Login>();
  private readonly lookups = new Map<bigint, Promise<AuthKey | undefined>>();

  constructor(private readonly deps: AuthKeysDeps, private readonly keysMax = KEYS_MAX) {}

  get size(): number {
    return this.keys.size;
  }

  peek(keyId: bigint): AuthKey | undefined {
    return this.keys.get(keyId);
  }

  /** Undefined when no such key exists. Rejects with KeyLookupError when that can't be said. Lookups of one key are made once. */
  find(keyId: bigint): Promise<AuthKey | undefined> {
    const known = this.keys.get(keyId);
    if (known !== undefined) return Promise.resolve(known);
    let lookup = this.lookups.get(keyId);
    if (lookup === undefined) {
      if (this.lookups.size >= KEY_LOOKUPS_MAX) return Promise.reject(new KeyLookupError('too many lookups'));
      lookup = this.lookUp(keyId).finally(() => this.lookups.delete(keyId));
      this.lookups.set(keyId, lookup);
    }
    return lookup;
  }

  /** Adds a key that was just made, or found. */
  add(key: AuthKey): AuthKey {
    const known = this.keys.get(key.id);
    if (known !== undefined) return known;
    if (this.keys.size >= this.keysMax) this.evict();
    this.keys.set(key.id, key);
    if (!key.temporary) this.bind(key, key.id);
    return key;
  }

  /** Marks the key as used. */
  touch(key: AuthKey): void {
    if (this.keys.get(key.id) !== key) return;
    this.keys.delete(key.id);
    this.keys.set(key.id, key);
  }

  /** Makes the key stand for that permanent key. */
  bind(key: AuthKey, permanentKeyId: bigint): Login {
    let login = this.logins.get(permanentKeyId);
    if (login === undefined) {
      login = new Login(permanentKeyId);
      login.checkedAt = this.deps.now();
      this.logins.set(permanentKeyId, login);
    }
    if (key.login !== login) {
      this.unbind(key);
      key.login = login;
      login.keys.push(key);
    }
    return login;
  }

  login(permanentKeyId: bigint): Login | undefined {
    return this.logins.get(permanentKeyId);
  }

  /** Asks the auth service who is logged in under the key; for logins that happened at another gateway. */
  async refresh(key: AuthKey): Promise<void> {
    const found = await this.deps.auth.findKey({ authKeyId: key.id }, { deadlineMs: KEY_LOOKUP_DEADLINE_MS });
    if (!found.found || found.permanentKeyId === 0n) return;
    const login = this.bind(key, found.permanentKeyId);
    login.checkedAt = this.deps.now();
    login.userId = Number(found.userId);
    login.bot = found.bot;
    login.homeDc = found.homeDc;
    login.revoked = found.revoked;
    if (login.layer === 0) login.layer = found.layer;
  }

  /** Whether auth still knows the login that is remembered under this permanent key. Rejects when it doesn't answer. */
  async isLoggedIn(key: AuthKey): Promise<boolean> {
    const userId = key.login?.userId ?? 0;
    const found = await this.deps.auth.findKey({ authKeyId: key.id }, { deadlineMs: KEY_LOOKUP_DEADLINE_MS });
    return found.found && Number(found.userId) === userId;
  }

  /** The keys in memory now. */
  all(): Iterator<AuthKey> {
    return [...this.keys.values()].values();
  }

  /** Takes the key out of memory; the next packet under it asks the auth service again. */
  forget(key: AuthKey): void {
    if (this.keys.get(key.id) !== key) return;
    this.keys.delete(key.id);
    this.deps.onForget(key);
    this.unbind(key);
  }

  private unbind(key: AuthKey): void {
    const { login } = key;
    if (login === undefined) return;
    key.login = undefined;
    const index = login.keys.indexOf(key);
    if (index >= 0) login.keys.splice(index, 1);
    if (login.keys.length === 0) this.logins.delete(login.permanentKeyId);
  }

  private async lookUp(keyId: bigint): Promise<AuthKey | undefined> {
    let found;
    try {
      found = await this.deps.auth.findKey({ authKeyId: keyId }, { deadlineMs: KEY_LOOKUP_DEADLINE_MS });
    } catch (cause) {
      throw new KeyLookupError('auth service does not answer', { cause });
    }
    if (!found.found || found.authKey.byteLength !== 256) return undefined;
    const key = this.add(new AuthKey(keyId, Uint8Array.from(found.authKey), found.expiresAt));
    if (found.permanentKeyId !== 0n) {
      const login = this.bind(key, found.permanentKeyId);
      login.checkedAt = this.deps.now();
      login.userId = Number(found.userId);
      login.bot = found.bot;
      login.homeDc = found.homeDc;
      login.revoked = found.revoked;
      if (found.layer !== 0) login.layer = found.layer;
    }
    return key;
  }

  /** Drops the key unused for longest among those without connections; if all are in use, none. */
  private evict(): void {
    let looked = 0;
    for (const key of this.keys.values()) {
      if (key.connections === 0) return this.forget(key);
      // Keys in use move to the end, so that they are not looked at each time.
      this.touch(key);
      if (++looked >= 64) return;
    }
  }
}
