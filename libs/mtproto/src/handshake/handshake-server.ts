import { hash, timingSafeEqual } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { authKeyAuxHash, authKeyId } from '../key-id';
import {
  HANDSHAKES_MAX, HANDSHAKE_ADDRESSES_MAX, HANDSHAKE_ADDRESS_BURST_COUNT, HANDSHAKE_ADDRESS_PER_SECOND, HANDSHAKE_AGE_MAX_MS, HANDSHAKE_ATTEMPTS_MAX, HANDSHAKE_FIRST_QUERY_COST_RATIO,
  HANDSHAKE_GLOBAL_BURST_COUNT, HANDSHAKE_GLOBAL_PER_SECOND, HANDSHAKE_WAITING_QUERIES_MAX, HANDSHAKE_WORKERS_MAX, TEMPORARY_KEY_LIFETIME_MAX_S,
} from '../limits';
import { igeDecrypt, igeEncrypt } from '../packet/ige';
import { RandomPool } from '../packet/random-pool';
import type { RsaKey } from '../rsa-key';
import { TRANSPORT_ERROR, type TransportErrorCode } from '../transport/transport-error';
import { addressKey, Budget, type BudgetLimits } from './budget';
import { DH_GENERATOR, DH_PRIME, isPublicValueSound } from './diffie-hellman';
import { readInnerData, type InnerData } from './inner-data';
import { randomFactors, type Factors } from './primes';
import { RSA_BLOCK_BYTES } from './rsa-pad';
import { CONSTRUCTOR, HandshakeReader, bigEndian, tlString, uint32, uint64 } from './tl';
import { PoolBusyError, WorkerPool } from './worker-pool';

/** The outcome of a finished handshake. */
export interface EstablishedKey {
  /** 256 bytes. */
  readonly authKey: Buffer;
  readonly keyId: bigint;
  /** The first server salt: new_nonce xor server_nonce. Valid for HANDSHAKE_SALT_LIFETIME_S, see salts.ts. */
  readonly serverSalt: bigint;
  /** Unix seconds when a temporary key ends; undefined for a permanent key. */
  readonly expiresAt?: number;
  /** The `dc` field of the inner data if it had one: +10000 = test, negative = media. */
  readonly dc?: number;
}

export interface HandshakeDeps {
  /** All keys that clients may know; the first is offered first. */
  readonly keys: readonly RsaKey[];
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Cryptographically random bytes. */
  readonly random: (bytes: number) => Uint8Array;
  /**
   * Makes the key durable before the client is told that it exists. False: another key has this id (the client is asked to retry with dh_gen_retry).
   * Throws: the client is told dh_gen_fail.
   */
  readonly storeKey: (key: EstablishedKey) => Promise<boolean>;
  /** False refuses a client that names this `dc` with −444. Default: every DC is taken, as TDLib always begins with DC 1. */
  readonly acceptsDc?: (dc: number) => boolean;
  /** Worker threads for RSA and DH; default: half the cores, at least 1, at most 4. Started when first needed. */
  readonly workers?: number;
  /** Default: the HANDSHAKE_… limits. */
  readonly budget?: BudgetLimits;
  /** Counts outcomes for telemetry. */
  readonly onOutcome?: (outcome: HandshakeOutcome) => void;
}

export type HandshakeOutcome = 'established' | 'retry' | 'fail' | 'refused' | 'over-budget';

/**
 * `answer`: send it in an unencrypted message. `established` comes with the answer that completes the handshake, after storeKey.
 * `refuse`: send the transport error; the connection may stay open (what follows of this handshake is refused too).
 */
export type HandshakeReply =
  | { readonly kind: 'answer'; readonly body: Buffer; readonly established?: EstablishedKey }
  | { readonly kind: 'refuse'; readonly code: TransportErrorCode };

/** A connection's place in the handshake. Opaque; kept by the connection from the first unencrypted message on. */
export interface HandshakeState {
  readonly __handshake: unique symbol;
}

type Step =
  | { readonly at: 'nothing' }
  | { readonly at: 'resPq'; readonly startedMs: number; readonly nonce: Buffer; readonly serverNonce: Buffer; readonly factors: Factors }
  | { readonly at: 'dhParams'; readonly startedMs: number; readonly nonce: Buffer; readonly serverNonce: Buffer; readonly inner: InnerData; readonly exponent: Uint8Array; readonly attempts: number; readonly retryId: bigint }
  | { readonly at: 'refused' };

interface Place {
  step: Step;
  /** Settles when the query before has been answered. */
  last: Promise<unknown>;
  waiting: number;
  /** Address of the last query, and what it is counted by. */
  address: string;
  countedBy: string;
}

/** A check failed: which one must not show. */
class RefusedError extends Error {
  constructor(readonly code: TransportErrorCode = TRANSPORT_ERROR.authKeyNotFound, readonly outcome: HandshakeOutcome = 'refused') {
    super('handshake refused');
  }
}

function check(condition: boolean): asserts condition {
  if (!condition) throw new RefusedError();
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

function sha1(...parts: Uint8Array[]): Buffer {
  return hash('sha1', Buffer.concat(parts), 'buffer');
}

/** Key and IV of the Diffie-Hellman messages. Source: core.telegram.org/mtproto/auth_key#6-server-responds-with */
export function temporaryAes(newNonce: Uint8Array, serverNonce: Uint8Array): { key: Buffer; iv: Buffer } {
  const newServer = sha1(newNonce, serverNonce);
  const serverNew = sha1(serverNonce, newNonce);
  const newNew = sha1(newNonce, newNonce);
  return {
    key: Buffer.concat([newServer, serverNew.subarray(0, 12)]),
    iv: Buffer.concat([serverNew.subarray(12, 20), newNew, newNonce.subarray(0, 4)]),
  };
}

/** new_nonce_hash1, 2 or 3: low 128 bits of SHA1(new_nonce ‖ number ‖ aux hash). */
export function newNonceHash(newNonce: Uint8Array, number: 1 | 2 | 3, auxHash: Uint8Array): Buffer {
  return sha1(newNonce, Buffer.from([number]), auxHash).subarray(4);
}

/** new_nonce xor server_nonce, their first 64 bits. */
export function firstServerSalt(newNonce: Uint8Array, serverNonce: Uint8Array): bigint {
  return Buffer.from(newNonce).readBigUInt64LE(0) ^ Buffer.from(serverNonce).readBigUInt64LE(0);
}

/** Key exchange for all connections of a process: checks, budgets, RSA and DH in worker threads. Source: core.telegram.org/mtproto/auth_key */
export class HandshakeServer {
  readonly #deps: HandshakeDeps;
  readonly #pool: WorkerPool;
  readonly #budget: Budget;
  readonly #random: RandomPool;
  /** Handshakes between their first query and their end, by start. */
  readonly #underWay = new Set<Place>();

  constructor(deps: HandshakeDeps) {
    this.#deps = deps;
    this.#random = new RandomPool((bytes) => bytes.set(deps.random(bytes.length)));
    const threads = deps.workers ?? Math.min(HANDSHAKE_WORKERS_MAX, Math.max(1, Math.floor(availableParallelism() / 2)));
    this.#pool = new WorkerPool({ privatePems: deps.keys.map(({ privatePem }) => privatePem) }, threads);
    this.#budget = new Budget(deps.budget ?? {
      globalPerSecond: HANDSHAKE_GLOBAL_PER_SECOND,
      globalBurst: HANDSHAKE_GLOBAL_BURST_COUNT,
      addressPerSecond: HANDSHAKE_ADDRESS_PER_SECOND,
      addressBurst: HANDSHAKE_ADDRESS_BURST_COUNT,
      addressesMax: HANDSHAKE_ADDRESSES_MAX,
    }, deps.now());
  }

  /** A new place in the handshake for a connection; small. Call `end` when the connection closes. */
  begin(): HandshakeState {
    const place: Place = { step: { at: 'nothing' }, last: Promise.resolve(), waiting: 0, address: '', countedBy: '' };
    return place as unknown as HandshakeState;
  }

  /**
   * One unencrypted query (its TL body; copied here) from `address`. Never rejects. Queries of one connection are answered in order. A failed check answers
   * −404 now and to all that follows of this handshake, right or not; req_pq begins a new one. Budgets answer −429. An unknown constructor is a failed check.
   */
  async receive(state: HandshakeState, body: Uint8Array, address: string): Promise<HandshakeReply> {
    const place = state as unknown as Place;
    const query = Buffer.from(body);
    if (place.waiting >= HANDSHAKE_WAITING_QUERIES_MAX) return this.#refuse(place, new RefusedError());
    place.waiting += 1;
    if (address !== place.address) {
      place.address = address;
      place.countedBy = addressKey(address);
    }
    const turn = place.last.then(() => this.#answer(place, query));
    place.last = turn;
    try {
      return await turn;
    } finally {
      place.waiting -= 1;
    }
  }

  /** Forgets a connection's handshake. */
  end(state: HandshakeState): void {
    this.#underWay.delete(state as unknown as Place);
  }

  /** Starts what the first handshake would wait for. */
  warmUp(): void {
    this.#pool.warmUp();
  }

  /** Stops the worker threads. */
  async stop(): Promise<void> {
    await this.#pool.stop();
  }

  async #answer(place: Place, query: Buffer): Promise<HandshakeReply> {
    try {
      const reader = new HandshakeReader(query);
      switch (reader.uint32()) {
        case CONSTRUCTOR.reqPq:
        case CONSTRUCTOR.reqPqMulti: return this.#answerPq(place, reader);
        case CONSTRUCTOR.reqDhParams: return await this.#answerDhParams(place, reader);
        case CONSTRUCTOR.setClientDhParams: return await this.#answerClientDh(place, reader);
        default: throw new RefusedError();
      }
    } catch (error) {
      // Malformed bytes and every failed check are one and the same to the client.
      if (error instanceof RefusedError) return this.#refuse(place, error);
      if (error instanceof PoolBusyError) return this.#refuse(place, new RefusedError(TRANSPORT_ERROR.tooManyRequests, 'over-budget'));
      return this.#refuse(place, new RefusedError());
    }
  }

  #refuse(place: Place, { code, outcome }: RefusedError): HandshakeReply {
    place.step = { at: 'refused' };
    this.#underWay.delete(place);
    this.#deps.onOutcome?.(outcome);
    return { kind: 'refuse', code };
  }

  #spend({ countedBy }: Place, cost: number): void {
    if (!this.#budget.spend(countedBy, cost, this.#deps.now())) throw new RefusedError(TRANSPORT_ERROR.tooManyRequests, 'over-budget');
  }

  /** Counts the handshake; the oldest gives way when it is over age. */
  #enter(place: Place): void {
    this.#underWay.delete(place);
    if (this.#underWay.size >= HANDSHAKES_MAX) {
      const oldest = this.#underWay.values().next().value as Place;
      const startedMs = 'startedMs' in oldest.step ? oldest.step.startedMs : 0;
      if (this.#deps.now() - startedMs <= HANDSHAKE_AGE_MAX_MS) throw new RefusedError(TRANSPORT_ERROR.tooManyRequests, 'over-budget');
      oldest.step = { at: 'refused' };
      this.#underWay.delete(oldest);
    }
    this.#underWay.add(place);
  }

  #answerPq(place: Place, reader: HandshakeReader): HandshakeReply {
    const nonce = Buffer.from(reader.int128());
    reader.endPadded();
    this.#spend(place, HANDSHAKE_FIRST_QUERY_COST_RATIO);
    this.#enter(place);
    const serverNonce = Buffer.from(this.#random.take(16));
    const factors = randomFactors((bytes) => this.#random.take(bytes));
    place.step = { at: 'resPq', startedMs: this.#deps.now(), nonce, serverNonce, factors };
    const pq = Buffer.alloc(8);
    pq.writeBigUInt64BE(BigInt(factors.p) * BigInt(factors.q));
    const fingerprints = this.#deps.keys.map(({ fingerprint }) => uint64(fingerprint));
    return {
      kind: 'answer',
      body: Buffer.concat([uint32(CONSTRUCTOR.resPq), nonce, serverNonce, tlString(pq), uint32(CONSTRUCTOR.vector), uint32(fingerprints.length), ...fingerprints]),
    };
  }

  async #answerDhParams(place: Place, reader: HandshakeReader): Promise<HandshakeReply> {
    const { step } = place;
    check(step.at === 'resPq');
    // A server nonce serves once: from here on this query is over, whatever becomes of it.
    place.step = { at: 'refused' };
    const nonce = reader.int128();
    const serverNonce = reader.int128();
    const p = reader.string();
    const q = reader.string();
    const fingerprint = reader.uint64();
    const block = reader.string();
    reader.endPadded();
    check(this.#isYoung(step.startedMs));
    check(same(nonce, step.nonce));
    check(same(serverNonce, step.serverNonce));
    check(areFactors(step.factors, p, q));
    const keyIndex = this.#deps.keys.findIndex((key) => key.fingerprint === fingerprint);
    check(keyIndex >= 0 && block.length === RSA_BLOCK_BYTES);
    this.#spend(place, 1);
    const { innerData, exponent, serverValue } = await this.#pool.begin(keyIndex, block);
    check(innerData !== undefined);
    // Copies: what the connection keeps is not to hold the answers of others.
    const inner = readInnerData(Buffer.from(innerData));
    const pq = BigInt(step.factors.p) * BigInt(step.factors.q);
    check(same(inner.nonce, step.nonce) && same(inner.serverNonce, step.serverNonce) && bigEndian(inner.pq) === pq && areFactors(step.factors, inner.p, inner.q));
    check(inner.expiresIn === undefined || inner.expiresIn > 0);
    if (inner.dc !== undefined && this.#deps.acceptsDc?.(inner.dc) === false) throw new RefusedError(TRANSPORT_ERROR.wrongDataCenter);
    place.step = { at: 'dhParams', startedMs: step.startedMs, nonce: step.nonce, serverNonce: step.serverNonce, inner, exponent: Buffer.from(exponent), attempts: 0, retryId: 0n };
    return { kind: 'answer', body: this.#serverDhParams(step.nonce, step.serverNonce, inner.newNonce, serverValue) };
  }

  #serverDhParams(nonce: Buffer, serverNonce: Buffer, newNonce: Buffer, serverValue: Uint8Array): Buffer {
    const answer = Buffer.concat([
      uint32(CONSTRUCTOR.serverDhInnerData), nonce, serverNonce, uint32(DH_GENERATOR), tlString(DH_PRIME), tlString(serverValue), uint32(Math.floor(this.#deps.now() / 1000)),
    ]);
    const unpadded = 20 + answer.length;
    const padding = this.#random.take((16 - (unpadded % 16)) % 16);
    const { key, iv } = temporaryAes(newNonce, serverNonce);
    const encrypted = igeEncrypt(key, iv, Buffer.concat([sha1(answer), answer, padding]));
    return Buffer.concat([uint32(CONSTRUCTOR.serverDhParamsOk), nonce, serverNonce, tlString(encrypted)]);
  }

  async #answerClientDh(place: Place, reader: HandshakeReader): Promise<HandshakeReply> {
    const { step } = place;
    check(step.at === 'dhParams');
    place.step = { at: 'refused' };
    const nonce = reader.int128();
    const serverNonce = reader.int128();
    const encrypted = reader.string();
    reader.endPadded();
    check(this.#isYoung(step.startedMs) && step.attempts < HANDSHAKE_ATTEMPTS_MAX);
    check(same(nonce, step.nonce));
    check(same(serverNonce, step.serverNonce));
    this.#spend(place, 1);
    const { newNonce } = step.inner;
    const client = openClientDh(temporaryAes(newNonce, step.serverNonce), encrypted);
    check(same(client.nonce, step.nonce) && same(client.serverNonce, step.serverNonce) && client.retryId === step.retryId);
    check(isPublicValueSound(client.value));
    const authKey = Buffer.from((await this.#pool.finish(step.exponent, client.value)).authKey);
    const auxHash = authKeyAuxHash(authKey);
    const answer = (constructor: number, number: 1 | 2 | 3): Buffer => Buffer.concat([uint32(constructor), step.nonce, step.serverNonce, newNonceHash(newNonce, number, auxHash)]);
    const { dc, expiresIn } = step.inner;
    const established: EstablishedKey = {
      authKey,
      keyId: authKeyId(authKey),
      serverSalt: firstServerSalt(newNonce, step.serverNonce),
      expiresAt: expiresIn === undefined ? undefined : Math.floor(this.#deps.now() / 1000) + Math.min(expiresIn, TEMPORARY_KEY_LIFETIME_MAX_S),
      dc,
    };
    let stored: boolean;
    try {
      // Key id 0 marks unencrypted messages, so no key may have it.
      stored = established.keyId !== 0n && await this.#deps.storeKey(established);
    } catch {
      this.#finish(place, 'fail');
      return { kind: 'answer', body: answer(CONSTRUCTOR.dhGenFail, 3) };
    }
    if (!stored) {
      place.step = { ...step, attempts: step.attempts + 1, retryId: auxHash.readBigUInt64LE(0) };
      this.#deps.onOutcome?.('retry');
      return { kind: 'answer', body: answer(CONSTRUCTOR.dhGenRetry, 2) };
    }
    this.#finish(place, 'established');
    return { kind: 'answer', body: answer(CONSTRUCTOR.dhGenOk, 1), established };
  }

  #finish(place: Place, outcome: HandshakeOutcome): void {
    this.#underWay.delete(place);
    this.#deps.onOutcome?.(outcome);
  }

  #isYoung(startedMs: number): boolean {
    return this.#deps.now() - startedMs <= HANDSHAKE_AGE_MAX_MS;
  }
}

function areFactors(factors: Factors, p: Uint8Array, q: Uint8Array): boolean {
  return isNumber(p, factors.p) && isNumber(q, factors.q);
}

/** Do at most 8 big-endian bytes say this number, which is below 2^53? */
function isNumber(bytes: Uint8Array, number: number): boolean {
  let said = 0;
  for (const byte of bytes) said = said * 256 + byte;
  return bytes.length <= 8 && said === number;
}

/** client_DH_inner_data after its SHA-1 was compared. Throws when anything is wrong. */
function openClientDh({ key, iv }: { key: Buffer; iv: Buffer }, encrypted: Uint8Array): { nonce: Buffer; serverNonce: Buffer; retryId: bigint; value: Buffer } {
  check(encrypted.length >= 32 && encrypted.length % 16 === 0);
  const plain = igeDecrypt(key, iv, encrypted);
  const data = plain.subarray(20);
  const reader = new HandshakeReader(data);
  const constructor = reader.uint32();
  const inner = { nonce: reader.int128(), serverNonce: reader.int128(), retryId: reader.uint64(), value: reader.string() };
  check(same(sha1(data.subarray(0, reader.position)), plain.subarray(0, 20)));
  check(constructor === CONSTRUCTOR.clientDhInnerData && reader.remaining < 16);
  return inner;
}
