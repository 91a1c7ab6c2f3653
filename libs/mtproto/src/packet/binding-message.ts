/** What the inner message of auth.bindTempAuthKey says. Source: core.telegram.org/method/auth.bindTempAuthKey */
export interface BindingMessage {
  /** Message id inside; must equal the id of the bindTempAuthKey query's own message. */
  messageId: bigint;
  nonce: bigint;
  temporaryKeyId: bigint;
  permanentKeyId: bigint;
  temporarySessionId: bigint;
  /** Unix seconds. */
  expiresAt: number;
}
/**
 * Decrypts encrypted_message of auth.bindTempAuthKey with the *permanent* key: MTProto 1 style (SHA-1 key derivation, msg_key = low 128 bits of
 * SHA1(plaintext without padding)), constructor bind_auth_key_inner, seq_no 0, length 40. Undefined when anything is wrong, at one cost.
 */
export function openBindingMessage(permanentKey: Uint8Array, encrypted: Uint8Array): BindingMessage | undefined { void permanentKey; void encrypted; throw new Error('not built yet'); }

/** What the query and the connection say, for `isBindingValid`. */
export interface BindingClaim {
  /** From the query's arguments. */
  permanentKeyId: bigint; nonce: bigint; expiresAt: number;
  /** Of the message that carried the query, and of the connection. */
  messageId: bigint; temporaryKeyId: bigint; temporarySessionId: bigint;
}
/** True when the inner message confirms the claim in every field and has not expired. */
export function isBindingValid(inner: BindingMessage, claim: BindingClaim, nowMs: number): boolean { void inner; void claim; void nowMs; throw new Error('not built yet'); }
