import { DATA_KEY_BYTES } from '@heliograph/crypto/data-key';
import type { Deps } from './deps';
import { dataKeys } from './tables/data-keys';

export interface UnwrappedKey {
  /** 32 bytes. */
  key: Uint8Array;
  version: number;
  /** This call stored it. */
  stored: boolean;
}

/** The key stored under `scope`, unwrapped; undefined when there is none. */
export async function findStored(deps: Pick<Deps, 'storage' | 'regionKey'>, scope: string): Promise<UnwrappedKey | undefined> {
  const there = await deps.storage.get(dataKeys, { scope });
  return there && unwrap(deps, there);
}

/** The key stored under `scope`, unwrapped; else what `make` gives, stored. Of several that make one at once, all answer the winner's. */
export async function findOrStore(deps: Deps, scope: string, make: () => Promise<{ key: Uint8Array; version: number }>): Promise<UnwrappedKey> {
  const there = await deps.storage.get(dataKeys, { scope });
  if (there !== undefined) return unwrap(deps, there);
  const { key, version } = await make();
  if (key.length !== DATA_KEY_BYTES) throw new Error(`a key of ${key.length} bytes`);
  const { applied, current } = await deps.storage.insertIfAbsent(dataKeys, { scope, version, wrapped: deps.regionKey.wrap(key, scope) });
  return applied || current === undefined ? { key, version, stored: true } : unwrap(deps, current);
}

function unwrap(deps: Pick<Deps, 'regionKey'>, row: { scope: string; version: number | null; wrapped: Uint8Array | null }): UnwrappedKey {
  return { key: deps.regionKey.unwrap(row.wrapped as Uint8Array, row.scope), version: row.version as number, stored: false };
}
