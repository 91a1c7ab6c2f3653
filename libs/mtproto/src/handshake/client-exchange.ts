import { constants, createDiffieHellman, createHash, createPublicKey, publicEncrypt, randomBytes, type DiffieHellman, type KeyObject } from 'node:crypto';
import { authKeyAuxHash, authKeyId } from '../key-id';
import { igeDecrypt, igeEncrypt } from '../packet/ige';
import { DH_BYTES, DH_EXPONENT_BYTES } from './diffie-hellman';
import { firstServerSalt, newNonceHash, temporaryAes } from './handshake-server';
import { CONSTRUCTOR, HandshakeReader, bigEndian, tlString, uint32, uint64 } from './tl';

/** The client's side of the key exchange, for load programs and tests. It checks what it needs to go on, not what a real client must. */

/** An auth key as a client keeps it. */
export interface ClientKey {
  readonly authKey: Buffer;
  readonly keyId: bigint;
  serverSalt: bigint;
}

export interface ExchangeOptions {
  /** PEM of the server's key, and its fingerprint. */
  readonly publicPem: string;
  readonly fingerprint: bigint;
  /** `pad` (default): RSA_PAD, `legacy`: SHA-1 and random padding. */
  readonly scheme?: 'pad' | 'legacy';
  /** Names a data center in the inner data. */
  readonly dc?: number;
  /** Asks for a temporary key of so many seconds. */
  readonly expiresIn?: number;
}

/** Sends an unencrypted query's body; resolves with the answer's. */
export type Exchange = (query: Buffer) => Promise<Buffer>;

function sha1(...parts: Uint8Array[]): Buffer {
  const hash = createHash('sha1');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function sha256(...parts: Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function commonDivisor(a: bigint, b: bigint): bigint {
  return b === 0n ? a : commonDivisor(b, a % b);
}

/** Small factors by which a number is multiplied until its continued fraction shows a useful square. */
const MULTIPLIERS = [1n, 3n, 5n, 7n, 11n, 15n, 21n, 33n, 35n, 55n, 77n, 105n, 165n, 231n, 385n, 1155n];

function integerRoot(value: bigint): bigint {
  let root = BigInt(Math.floor(Math.sqrt(Number(value))));
  while (root * root > value) root -= 1n;
  while ((root + 1n) * (root + 1n) <= value) root += 1n;
  return root;
}

/**
 * The factors of a product of two primes, the smaller one first. Shanks' square forms: all that they hold between steps is below 2^40, so plain numbers do, about 3 ms for primes of 31 bits. The few
 * numbers that no multiplier shows a useful square of are left to Pollard's rho.
 */
export function factorize(pq: bigint): [bigint, bigint] {
  for (const multiplier of MULTIPLIERS) {
    const divisor = divisorBySquareForms(pq, multiplier * pq);
    if (isProper(divisor, pq)) return inOrder(divisor, pq);
  }
  for (let addend = 1n; addend <= CYCLES_TRIED; addend += 1n) {
    const divisor = divisorByCycle(pq, addend);
    if (isProper(divisor, pq)) return inOrder(divisor, pq);
  }
  throw new Error('the number could not be factorized');
}

const isProper = (divisor: bigint, pq: bigint): boolean => divisor > 1n && divisor < pq;
const inOrder = (divisor: bigint, pq: bigint): [bigint, bigint] => (divisor < pq / divisor ? [divisor, pq / divisor] : [pq / divisor, divisor]);

/** Sequences tried, steps of one (a factor of 31 bits shows after some 2^16), and steps whose differences share a division. */
const CYCLES_TRIED = 8n;
const CYCLE_STEPS_MAX = 1 << 20;
const CYCLE_STRIDE = 64;

/** Pollard's rho: x² + addend runs into a circle modulo a factor long before it does modulo the product. */
export function divisorByCycle(pq: bigint, addend: bigint): bigint {
  const next = (value: bigint): bigint => (value * value + addend) % pq;
  let slow = 2n;
  let fast = 2n;
  for (let step = 0; step < CYCLE_STEPS_MAX; step += CYCLE_STRIDE) {
    let product = 1n;
    for (let index = 0; index < CYCLE_STRIDE; index += 1) {
      slow = next(slow);
      fast = next(next(fast));
      product = (product * (slow > fast ? slow - fast : fast - slow)) % pq;
    }
    const divisor = commonDivisor(product, pq);
    if (divisor > 1n) return divisor;
  }
  return 1n;
}

function divisorBySquareForms(pq: bigint, multiple: bigint): bigint {
  const exactRoot = integerRoot(multiple);
  const root = Number(exactRoot);
  let p = root;
  let before = 1;
  let q = Number(multiple - exactRoot * exactRoot);
  if (q === 0) return commonDivisor(exactRoot, pq);
  const advance = (): void => {
    const b = Math.floor((root + p) / q);
    const next = b * q - p;
    const after = before + b * (p - next);
    before = q;
    q = after;
    p = next;
  };
  const stepsMax = 4 * Math.ceil(Math.sqrt(2 * Math.sqrt(root)) * 8) + Math.ceil(3 * Math.sqrt(2 * root));
  let square = 0;
  for (let step = 1; step <= stepsMax; step++) {
    advance();
    const side = Math.sqrt(q);
    if (step % 2 === 1 && Number.isInteger(side)) {
      square = side;
      break;
    }
  }
  if (square === 0) return 1n;
  p += Math.floor((root - p) / square) * square;
  before = square;
  q = Number((multiple - BigInt(p) * BigInt(p)) / BigInt(square));
  for (let step = 0; step <= stepsMax; step++) {
    const last = p;
    advance();
    if (p === last) return commonDivisor(pq, BigInt(p));
  }
  return 1n;
}

function bytesOf(value: bigint): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
}

/** An RSA_PAD block that is below the modulus. Source: core.telegram.org/mtproto/auth_key#41-rsa-paddata-server-public-key-mentioned-above-is-implemented-as-follows */
export function rsaPad(data: Uint8Array, key: KeyObject): Buffer {
  const padded = Buffer.concat([data, randomBytes(192 - data.length)]);
  const reversed = Buffer.from(padded).reverse();
  for (;;) {
    const temporaryKey = randomBytes(32);
    const encrypted = igeEncrypt(temporaryKey, Buffer.alloc(32), Buffer.concat([reversed, sha256(temporaryKey, padded)]));
    const mask = sha256(encrypted);
    const block = Buffer.concat([temporaryKey.map((byte, i) => byte ^ (mask[i] as number)), encrypted]);
    try {
      return publicEncrypt({ key, padding: constants.RSA_NO_PADDING }, block);
    } catch {
      // The block is not below the modulus: another temporary key.
    }
  }
}

/** A block of the older scheme. */
export function rsaLegacy(data: Uint8Array, key: KeyObject): Buffer {
  const block = Buffer.concat([Buffer.alloc(1), sha1(data), data, randomBytes(255 - 20 - data.length)]);
  return publicEncrypt({ key, padding: constants.RSA_NO_PADDING }, block);
}

let diffieHellman: { prime: Buffer; group: DiffieHellman } | undefined;

/** base^exponent; the group is proven once per process. */
function power(prime: Buffer, generator: number, base: Uint8Array, exponent: Uint8Array): Buffer {
  if (!diffieHellman?.prime.equals(prime)) diffieHellman = { prime: Buffer.from(prime), group: createDiffieHellman(prime, Buffer.from([generator])) };
  diffieHellman.group.setPrivateKey(exponent);
  const value = diffieHellman.group.computeSecret(base);
  return Buffer.concat([Buffer.alloc(DH_BYTES - value.length), value]);
}

/** p_q_inner_data in the form that the options ask for. */
export function innerData(options: ExchangeOptions, fields: { pq: Buffer; p: Buffer; q: Buffer; nonce: Buffer; serverNonce: Buffer; newNonce: Buffer }): Buffer {
  const { dc, expiresIn } = options;
  const constructor = expiresIn === undefined
    ? dc === undefined ? CONSTRUCTOR.pqInnerData : CONSTRUCTOR.pqInnerDataDc
    : dc === undefined ? CONSTRUCTOR.pqInnerDataTemp : CONSTRUCTOR.pqInnerDataTempDc;
  return Buffer.concat([
    uint32(constructor), tlString(fields.pq), tlString(fields.p), tlString(fields.q), fields.nonce, fields.serverNonce, fields.newNonce,
    ...(dc === undefined ? [] : [uint32(dc >>> 0)]), ...(expiresIn === undefined ? [] : [uint32(expiresIn)]),
  ]);
}

/** What a client knows after resPQ. */
export interface PqAnswer {
  readonly nonce: Buffer;
  readonly serverNonce: Buffer;
  readonly pq: Buffer;
  readonly fingerprints: bigint[];
}

export async function requestPq(exchange: Exchange, nonce: Buffer = randomBytes(16)): Promise<PqAnswer> {
  const reader = new HandshakeReader(await exchange(Buffer.concat([uint32(CONSTRUCTOR.reqPqMulti), nonce])));
  if (reader.uint32() !== CONSTRUCTOR.resPq || !reader.int128().equals(nonce)) throw new Error('no resPQ');
  const serverNonce = Buffer.from(reader.int128());
  const pq = Buffer.from(reader.string());
  if (reader.uint32() !== CONSTRUCTOR.vector) throw new Error('no vector');
  const fingerprints: bigint[] = [];
  for (let count = reader.uint32(); count > 0; count--) fingerprints.push(reader.uint64());
  return { nonce, serverNonce, pq, fingerprints };
}

/** req_DH_params for an answer. */
export function dhParamsQuery(options: ExchangeOptions, { nonce, serverNonce, pq }: PqAnswer, newNonce: Buffer): Buffer {
  const [p, q] = factorize(bigEndian(pq)).map(bytesOf) as [Buffer, Buffer];
  const data = innerData(options, { pq, p, q, nonce, serverNonce, newNonce });
  const key = createPublicKey(options.publicPem);
  const block = options.scheme === 'legacy' ? rsaLegacy(data, key) : rsaPad(data, key);
  return Buffer.concat([uint32(CONSTRUCTOR.reqDhParams), nonce, serverNonce, tlString(p), tlString(q), uint64(options.fingerprint), tlString(block)]);
}

/** Group and server's value out of server_DH_params_ok. */
export interface DhParams {
  readonly generator: number;
  readonly prime: Buffer;
  readonly serverValue: Buffer;
  readonly serverTime: number;
}

export function openDhParams(answer: Buffer, { nonce, serverNonce }: PqAnswer, newNonce: Buffer): DhParams {
  const reader = new HandshakeReader(answer);
  if (reader.uint32() !== CONSTRUCTOR.serverDhParamsOk || !reader.int128().equals(nonce) || !reader.int128().equals(serverNonce)) throw new Error('no server_DH_params_ok');
  const encrypted = answer.subarray(reader.position + 4, reader.position + 4 + answer.readUIntLE(reader.position + 1, 3));
  const { key, iv } = temporaryAes(newNonce, serverNonce);
  const plain = igeDecrypt(key, iv, encrypted);
  const data = new HandshakeReader(plain.subarray(20));
  if (data.uint32() !== CONSTRUCTOR.serverDhInnerData || !data.int128().equals(nonce) || !data.int128().equals(serverNonce)) throw new Error('no server_DH_inner_data');
  const params = { generator: data.uint32(), prime: Buffer.from(data.string()), serverValue: Buffer.from(data.string()), serverTime: data.uint32() };
  if (!sha1(plain.subarray(20, 20 + data.position)).equals(plain.subarray(0, 20))) throw new Error('server_DH_inner_data is damaged');
  return params;
}

/** set_client_DH_params around a value that the caller chose. */
export function clientDhQuery({ nonce, serverNonce }: PqAnswer, newNonce: Buffer, clientValue: Uint8Array, retryId = 0n): Buffer {
  const data = Buffer.concat([uint32(CONSTRUCTOR.clientDhInnerData), nonce, serverNonce, uint64(retryId), tlString(clientValue)]);
  const unpadded = 20 + data.length;
  const { key, iv } = temporaryAes(newNonce, serverNonce);
  const encrypted = igeEncrypt(key, iv, Buffer.concat([sha1(data), data, randomBytes((16 - (unpadded % 16)) % 16)]));
  return Buffer.concat([uint32(CONSTRUCTOR.setClientDhParams), nonce, serverNonce, tlString(encrypted)]);
}

/** Runs a whole key exchange; dh_gen_retry is followed. Throws when the server answers anything else. */
export async function exchangeKey(exchange: Exchange, options: ExchangeOptions): Promise<ClientKey> {
  const pqAnswer = await requestPq(exchange);
  const newNonce = randomBytes(32);
  const params = openDhParams(await exchange(dhParamsQuery(options, pqAnswer, newNonce)), pqAnswer, newNonce);
  let retryId = 0n;
  for (;;) {
    const exponent = randomBytes(DH_EXPONENT_BYTES);
    const clientValue = power(params.prime, params.generator, Buffer.from([params.generator]), exponent);
    const authKey = power(params.prime, params.generator, params.serverValue, exponent);
    const answer = await exchange(clientDhQuery(pqAnswer, newNonce, clientValue, retryId));
    const auxHash = authKeyAuxHash(authKey);
    const constructor = answer.readUInt32LE(0);
    const number = constructor === CONSTRUCTOR.dhGenOk ? 1 : constructor === CONSTRUCTOR.dhGenRetry ? 2 : 3;
    if (!answer.subarray(36, 52).equals(newNonceHash(newNonce, number, auxHash))) throw new Error('new_nonce_hash is wrong');
    if (number === 1) return { authKey, keyId: authKeyId(authKey), serverSalt: firstServerSalt(newNonce, pqAnswer.serverNonce) };
    if (number === 3) throw new Error('dh_gen_fail');
    retryId = auxHash.readBigUInt64LE(0);
  }
}
