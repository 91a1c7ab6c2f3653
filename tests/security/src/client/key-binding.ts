import { randomBytes } from 'node:crypto';
import { igeEncrypt, legacyMessageKeys, sha1 } from './cryptography';
import type { AuthKey } from './key-exchange';
import { int32, int64 } from './tl-bytes';

const BIND_AUTH_KEY_INNER = 0x75a3f765;

/** What a temporary key is bound by, and how it may lie. */
export interface Binding {
  readonly permanent: AuthKey;
  readonly temporary: AuthKey;
  readonly sessionId: bigint;
  /** Of the message that carries the query. */
  readonly messageId: bigint;
  readonly nonce: bigint;
  readonly expiresAt: number;
}

export interface BindingLies {
  constructorId?: number;
  nonce?: bigint;
  temporaryKeyId?: bigint;
  permanentKeyId?: bigint;
  sessionId?: bigint;
  expiresAt?: number;
  messageId?: bigint;
  seqNo?: number;
  length?: number;
  /** Encrypts with this key instead of the permanent one. */
  key?: AuthKey;
  msgKey?: (msgKey: Buffer) => Buffer;
  envelopeKeyId?: bigint;
}

/** encrypted_message of auth.bindTempAuthKey. Source: core.telegram.org/method/auth.bindTempAuthKey */
export function bindingMessage(binding: Binding, lies: BindingLies = {}): Buffer {
  const key = lies.key ?? binding.permanent;
  const body = Buffer.concat([
    int32(lies.constructorId ?? BIND_AUTH_KEY_INNER), int64(lies.nonce ?? binding.nonce), int64(lies.temporaryKeyId ?? binding.temporary.id), int64(lies.permanentKeyId ?? binding.permanent.id),
    int64(lies.sessionId ?? binding.sessionId), int32(lies.expiresAt ?? binding.expiresAt),
  ]);
  const plain = Buffer.concat([randomBytes(16), int64(lies.messageId ?? binding.messageId), int32(lies.seqNo ?? 0), int32(lies.length ?? body.length), body]);
  let msgKey: Buffer = Buffer.from(sha1(plain).subarray(4));
  msgKey = lies.msgKey?.(msgKey) ?? msgKey;
  const { key: aesKey, iv } = legacyMessageKeys(key.bytes, msgKey);
  return Buffer.concat([int64(lies.envelopeKeyId ?? binding.permanent.id), msgKey, igeEncrypt(aesKey, iv, Buffer.concat([plain, randomBytes((16 - (plain.length % 16)) % 16)]))]);
}
