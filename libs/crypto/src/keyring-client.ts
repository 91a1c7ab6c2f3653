import { makeDataKey } from './data-key';
import { KeyringUnavailable } from './errors';
import type { DataKey, Keyring } from './keyring';
import { DATA_KEYS_CACHED_MAX, KEY_LEASE_MS, KEYS_IN_FLIGHT_MAX, SECRETS_CACHED_MAX } from './limits';
import { LruCache } from './lru-cache';

/** Where keys come from: the `keyring` service. */
export interface KeyLoader {
  /** 32 bytes. */
  secret(purpose: string): Promise<Uint8Array>;
  /** The scope's data key, unwrapped (32 bytes), made on first use. */
  dataKey(scope: string): Promise<{ key: Uint8Array; version: number }>;
  /** The same, if it is there already. Absent: whatever is asked for is there. */
  findDataKey?(scope: string): Promise<{ key: Uint8Array; version: number } | undefined>;
  deleteDataKey(scope: string): Promise<void>;
}

export interface KeyringClientOptions {
  /** Unix milliseconds; default: this process's clock. */
  now?: () => number;
  dataKeysMax?: number;
  leaseMs?: number;
}

/**
 * A key ring over a loader: keys stay unwrapped for a lease, bounded; who asks for one that is on its way waits for it.
 * The loader's failures go to who asked, and are not remembered. Throws KeyringUnavailable at KEYS_IN_FLIGHT_MAX.
 */
export function createKeyringClient(loader: KeyLoader, options: KeyringClientOptions = {}): Keyring {
  const now = options.now ?? Date.now;
  const leaseMs = options.leaseMs ?? KEY_LEASE_MS;
  const keys = new LruCache<DataKey>(options.dataKeysMax ?? DATA_KEYS_CACHED_MAX);
  const secrets = new LruCache<Uint8Array>(SECRETS_CACHED_MAX);
  const keysInFlight = new Map<string, Promise<DataKey>>();
  const searchesInFlight = new Map<string, Promise<DataKey | undefined>>();
  const secretsInFlight = new Map<string, Promise<Uint8Array>>();

  const once = <T extends object, Found extends T | undefined>(inFlight: Map<string, Promise<Found>>, cache: LruCache<T>, name: string, load: () => Promise<Found>): Promise<Found> => {
    const waiting = inFlight.get(name);
    if (waiting !== undefined) return waiting;
    if (inFlight.size >= KEYS_IN_FLIGHT_MAX) return Promise.reject(new KeyringUnavailable(`more than ${KEYS_IN_FLIGHT_MAX} keys asked for at once`));
    const asked = now();
    const loading: Promise<Found> = load().then((value) => {
      // Unless it was deleted meanwhile.
      if (value !== undefined && inFlight.get(name) === loading) cache.set(name, value, asked + leaseMs);
      return value;
    }).finally(() => {
      if (inFlight.get(name) === loading) inFlight.delete(name);
    });
    inFlight.set(name, loading);
    return loading;
  };
  const forget = (scope: string): void => {
    keysInFlight.delete(scope);
    searchesInFlight.delete(scope);
    keys.delete(scope);
  };

  return {
    async secret(purpose) {
      const held = secrets.get(purpose, now()) ?? await once(secretsInFlight, secrets, purpose, () => loader.secret(purpose));
      // A copy: the caller may wipe it.
      return Uint8Array.from(held);
    },
    dataKey(scope) {
      const held = keys.get(scope, now());
      if (held !== undefined) return Promise.resolve(held);
      return once(keysInFlight, keys, scope, async () => opened(scope, await loader.dataKey(scope)));
    },
    findDataKey(scope) {
      const held = keys.get(scope, now());
      if (held !== undefined) return Promise.resolve(held);
      const find = loader.findDataKey ?? loader.dataKey;
      return once<DataKey, DataKey | undefined>(searchesInFlight, keys, scope, async () => {
        const found = await find.call(loader, scope);
        return found && opened(scope, found);
      });
    },
    async deleteDataKey(scope) {
      forget(scope);
      await loader.deleteDataKey(scope);
      forget(scope);
    },
  };
}

const opened = (scope: string, { key, version }: { key: Uint8Array; version: number }): DataKey => makeDataKey(scope, version, Uint8Array.from(key));
