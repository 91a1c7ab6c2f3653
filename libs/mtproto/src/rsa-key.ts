import { createHash, createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';

const MODULUS_BITS = 2_048;

/** A data center's RSA key. Text forms are PKCS#1 PEM, which client libraries want. */
export interface RsaKey {
  /** Low 64 bits of SHA1(TL bytes n ‖ TL bytes e). */
  readonly fingerprint: bigint;
  readonly publicPem: string;
  readonly privatePem: string;
}

/** A TL `bytes` value of less than 16 MiB: length, data, zeros up to a multiple of 4. */
function tlBytes(data: Buffer): Buffer {
  const head = data.length < 254 ? Buffer.from([data.length]) : Buffer.from([254, data.length & 255, (data.length >> 8) & 255, data.length >> 16]);
  const end = head.length + data.length;
  return Buffer.concat([head, data, Buffer.alloc((4 - (end % 4)) % 4)]);
}

function fingerprintOf(key: KeyObject): bigint {
  const { n, e } = key.export({ format: 'jwk' });
  const hash = createHash('sha1').update(tlBytes(Buffer.from(n as string, 'base64url'))).update(tlBytes(Buffer.from(e as string, 'base64url')));
  return hash.digest().readBigUInt64LE(12);
}

async function generate(): Promise<RsaKey> {
  return new Promise((resolve, reject) => {
    generateKeyPair('rsa', {
      modulusLength: MODULUS_BITS,
      publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    }, (error, publicPem, privatePem) => {
      if (error) reject(error);
      else resolve({ fingerprint: fingerprintOf(createPrivateKey(privatePem)), publicPem, privatePem });
    });
  });
}

/** A fresh 2048-bit key whose fingerprint's top four bits are not 0 (mtcute looks fingerprints up as hex without leading zeros). Takes 0.1–1 s, off the event loop. */
export async function generateRsaKey(): Promise<RsaKey> {
  for (;;) {
    const key = await generate();
    if (key.fingerprint >> 60n !== 0n) return key;
  }
}

/** Reads a private key in PKCS#1 or PKCS#8 PEM. Throws a sentence when it is no 2048-bit RSA key. */
export function readRsaKey(privatePem: string): RsaKey {
  let key: KeyObject;
  try {
    key = createPrivateKey(privatePem);
  } catch (error) {
    throw new Error('The RSA key can not be read: it must be a private key in PEM, PKCS#1 or PKCS#8.', { cause: error });
  }
  if (key.asymmetricKeyType !== 'rsa' || key.asymmetricKeyDetails?.modulusLength !== MODULUS_BITS) {
    throw new Error(`The RSA key must have ${MODULUS_BITS} bits; clients can not use another kind.`);
  }
  return {
    fingerprint: fingerprintOf(key),
    publicPem: createPublicPem(key),
    privatePem: key.export({ type: 'pkcs1', format: 'pem' }) as string,
  };
}

function createPublicPem(key: KeyObject): string {
  return createPublicKey(key).export({ type: 'pkcs1', format: 'pem' }) as string;
}

/** As clients show it: unsigned hex, 16 digits. */
export function fingerprintHex(fingerprint: bigint): string {
  return BigInt.asUintN(64, fingerprint).toString(16).padStart(16, '0');
}
