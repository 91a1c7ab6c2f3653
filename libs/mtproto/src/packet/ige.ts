/** AES-256-IGE over node:crypto, for handshake data (a few hundred bytes). `iv` has 32 bytes: previous ciphertext, previous plaintext. Lengths divisible by 16, else RangeError. */
export function igeEncrypt(key: Uint8Array, iv: Uint8Array, plaintext: Uint8Array): Buffer { void key; void iv; void plaintext; throw new Error('not built yet'); }
export function igeDecrypt(key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Buffer { void key; void iv; void ciphertext; throw new Error('not built yet'); }
