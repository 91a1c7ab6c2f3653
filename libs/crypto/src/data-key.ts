import { createSecretKey, type KeyObject } from 'node:crypto';
import { openBytes, sealBytes } from './aes-gcm';
import type { DataKey } from './keyring';
import { deriveSecret } from './secret';
import { SipHash } from './siphash';

export const DATA_KEY_BYTES = 32;
const TOKEN_BYTES = 8;
/** Bytes of a word that a token covers; what follows them does not count. */
const WORD_BYTES_MAX = 512;
const wordBytes = Buffer.alloc(WORD_BYTES_MAX);

/** A data key that seals. @param key 32 bytes, wiped here @param version 1 to 255 */
export function makeDataKey(scope: string, version: number, key: Uint8Array): DataKey {
  if (key.length !== DATA_KEY_BYTES) throw new RangeError(`a data key of ${key.length} bytes`);
  if (!Number.isInteger(version) || version < 1 || version > 255) throw new RangeError(`a data key of version ${version}`);
  const sealing = createSecretKey(key);
  const tokens = new SipHash(deriveSecret(key, 'blind-index').subarray(0, 16));
  key.fill(0);
  return new UnwrappedKey(scope, version, sealing, tokens);
}

class UnwrappedKey implements DataKey {
  constructor(readonly scope: string, readonly version: number, private readonly sealing: KeyObject, private readonly tokens: SipHash) {}

  seal(plaintext: Uint8Array, place: string): Uint8Array {
    return sealBytes(this.sealing, this.version, plaintext, place);
  }

  open(sealed: Uint8Array, place: string): Uint8Array {
    return openBytes(this.sealing, this.version, sealed, place);
  }

  token(word: string): Uint8Array {
    const token = new Uint8Array(TOKEN_BYTES);
    this.tokens.into(token, 0, wordBytes, wordBytes.write(word));
    return token;
  }

  /** Keys never show in a log. */
  toJSON(): object {
    return { scope: this.scope, version: this.version };
  }
}
