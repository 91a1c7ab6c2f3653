/** Low 64 bits of SHA1(auth_key): the auth_key_id (unsigned). */
export function authKeyId(authKey: Uint8Array): bigint { void authKey; throw new Error('not built yet'); }
/** High 64 bits of SHA1(auth_key): auth_key_aux_hash of the handshake. */
export function authKeyAuxHash(authKey: Uint8Array): Buffer { void authKey; throw new Error('not built yet'); }
