import { createHash, createHmac, pbkdf2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/** What `authenticate` sends and gets back, one message each. */
export type Exchange = (bytes: Uint8Array) => Promise<Uint8Array>;

export type Mechanism = 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';

/** The strongest mechanism of those that a broker offers; PLAIN, which sends the password itself, only through TLS. */
export function strongest(offered: readonly string[], tls: boolean): Mechanism | undefined {
  const wanted: readonly Mechanism[] = tls ? ['SCRAM-SHA-512', 'SCRAM-SHA-256', 'PLAIN'] : ['SCRAM-SHA-512', 'SCRAM-SHA-256'];
  return wanted.find((mechanism) => offered.includes(mechanism));
}

/** The broker did not prove that it knows the password, or asked for less work than is safe. */
export class BrokerNotTrusted extends Error {
  override readonly name = 'BrokerNotTrusted';
}

/** RFC 7677 asks for 4,096 at the least; Kafka's own are 4,096 and 8,192. More than this would be a broker that wants to keep us busy. */
const ITERATIONS_MIN = 4_096;
const ITERATIONS_MAX = 1_000_000;

const derive = promisify(pbkdf2);

/**
 * PLAIN (RFC 4616) or SCRAM (RFC 5802, 7677) without channel binding.
 * @param nonce printable, without commas, never used before
 */
export async function authenticate(mechanism: Mechanism, username: string, password: string, nonce: string, exchange: Exchange): Promise<void> {
  if (mechanism === 'PLAIN') {
    await exchange(Buffer.from(`\0${username}\0${password}`));
    return;
  }
  const digest = mechanism === 'SCRAM-SHA-512' ? 'sha512' : 'sha256';
  const mac = (key: Uint8Array, text: Uint8Array | string): Buffer => createHmac(digest, key).update(text).digest();
  const name = username.normalize('NFKC').replaceAll('=', '=3D').replaceAll(',', '=2C');
  const firstBare = `n=${name},r=${nonce}`;
  const serverFirst = Buffer.from(await exchange(Buffer.from(`n,,${firstBare}`))).toString();
  const { r: serverNonce = '', s: salt = '', i: iterationsText = '' } = attributes(serverFirst);
  const iterations = Number(iterationsText);
  if (!serverNonce.startsWith(nonce) || serverNonce.length === nonce.length || salt === '') throw new BrokerNotTrusted('the broker answered the first SCRAM message with something else');
  if (!Number.isInteger(iterations) || iterations < ITERATIONS_MIN || iterations > ITERATIONS_MAX) {
    throw new BrokerNotTrusted(`the broker asks for ${iterationsText} SCRAM iterations; ${ITERATIONS_MIN} to ${ITERATIONS_MAX} are accepted`);
  }
  const salted = await derive(password.normalize('NFKC'), Buffer.from(salt, 'base64'), iterations, digest === 'sha512' ? 64 : 32, digest);
  const clientKey = mac(salted, 'Client Key');
  const storedKey = createHash(digest).update(clientKey).digest();
  const withoutProof = `c=biws,r=${serverNonce}`;
  const signed = `${firstBare},${serverFirst},${withoutProof}`;
  const signature = mac(storedKey, signed);
  const proof = Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] as number)));
  const { v: verifier = '', e: refusal } = attributes(Buffer.from(await exchange(Buffer.from(`${withoutProof},p=${proof.toString('base64')}`))).toString());
  if (refusal !== undefined) throw new BrokerNotTrusted(`the broker refused the SCRAM proof: ${refusal}`);
  const expected = mac(mac(salted, 'Server Key'), signed);
  const given = Buffer.from(verifier, 'base64');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw new BrokerNotTrusted('the broker could not prove that it knows the password');
}

function attributes(message: string): Record<string, string> {
  return Object.fromEntries(message.split(',').map((part) => [part.slice(0, 1), part.slice(2)]));
}
