/** A data center's RSA key. Text forms are PKCS#1 PEM, which client libraries want. */
export interface RsaKey {
  /** Low 64 bits of SHA1(TL bytes n ‖ TL bytes e). */
  readonly fingerprint: bigint;
  readonly publicPem: string;
  readonly privatePem: string;
}
/** A fresh 2048-bit key whose fingerprint's top four bits are not 0 (mtcute looks fingerprints up as hex without leading zeros). Takes 0.1–1 s. */
export function generateRsaKey(): Promise<RsaKey> { throw new Error('not built yet'); }
/** Reads a private key in PKCS#1 or PKCS#8 PEM. Throws a sentence when it is no 2048-bit RSA key. */
export function readRsaKey(privatePem: string): RsaKey { void privatePem; throw new Error('not built yet'); }
/** As clients show it: unsigned hex, 16 digits. */
export function fingerprintHex(fingerprint: bigint): string { void fingerprint; throw new Error('not built yet'); }
