import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { openBytes, sealBytes } from './aes-gcm';
import type { DataKey } from './keyring';
import { deriveSecret } from './secret';

export const DATA_KEY_BYTES = 32;
const TOKEN_BYTES = 8;

/** A data key that seals. @param key 32 bytes, wiped here @param version 1 to 255 */
export function makeDataKey(scope: string, version: number, key: Uint8Array): DataKey {
  if (key.length !== DATA_KEY_BYTES) throw new RangeError(`a data key of ${key.length} bytes`);
  if (!Number.isInteger(version) || version < 1 || version > 255) throw new RangeError(`a data key of version ${version}`);
  const sealing = createSecretKey(key);
  const tokens = createSecretKey(deriveSecret(key, 'blind-index'));
  key.fill(0);
  return new UnwrappedKey(scope, version, sealing, tokens);
}

class UnwrappedKey implements DataKey {
  constructor(readonly scope: string, readonly version: number, private readonly sealing: KeyObject, private readonly tokens: KeyObject) {}

  seal(plaintext: Uint8Array, place: string): Uint8Array {
    return sealBytes(this.sealing, this.version, plaintext, place);
  }

  open(sealed: Uint8Array, place: string): Uint8Array {
    return openBytes(this.sealing, this.version, sealed, place);
  }

  token(word: string): Uint8Array {
    return createHmac('sha256', this.tokens).update(word).digest().subarray(0, TOKEN_BYTES);
  }

  /** Keys never show in a log. */
  toJSON(): object {
    return { scope: this.scope, version: this.version };
  }
}
