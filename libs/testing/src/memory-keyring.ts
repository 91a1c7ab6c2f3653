import { randomBytes } from 'node:crypto';
import { createKeyringClient } from '@heliograph/crypto/keyring-client';
import type { Keyring } from '@heliograph/crypto/keyring';

/** A key ring that lives as long as the test: real sealing under random keys, no service behind it. */
export function memoryKeyring(): Keyring {
  const keys = new Map<string, Uint8Array>();
  const keyOf = (name: string): Uint8Array => {
    let key = keys.get(name);
    if (key === undefined) {
      key = randomBytes(32);
      keys.set(name, key);
    }
    return Uint8Array.from(key);
  };
  return createKeyringClient({
    secret: async (purpose) => keyOf(`secret:${purpose}`),
    dataKey: async (scope) => ({ key: keyOf(`data:${scope}`), version: 1 }),
    deleteDataKey: async (scope) => void keys.delete(`data:${scope}`),
  });
}
