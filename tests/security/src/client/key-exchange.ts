import { constants, createDiffieHellman, createPublicKey, publicEncrypt, randomBytes, type DiffieHellman, type KeyObject } from 'node:crypto';
import { auxHashOf, bigBytes, bigEndian, igeDecrypt, igeEncrypt, keyIdOf, sha1, sha256 } from './cryptography';
import { TlReader, VECTOR, int32, int64, tlBytes } from './tl-bytes';
import { transportError, type Wire } from './wire';

export const HANDSHAKE = {
  reqPq: 0x60469778, reqPqMulti: 0xbe7e8ef1, resPq: 0x05162463, inner: 0x83c95aec, innerDc: 0xa9f55f95, innerTemp: 0x3c6a84d4, innerTempDc: 0x56fddf88,
  reqDh: 0xd712e4be, dhParamsOk: 0xd0e8075c, serverInner: 0xb5890dba, setClientDh: 0xf5045f1f, clientInner: 0x6643b654, genOk: 0x3bcbf734, genRetry: 0x46dc1fb9, genFail: 0xa69dae02,
} as const;

/** A gateway's published key. */
export interface PublicKey {
  readonly pem: string;
  /** Unsigned. */
  readonly fingerprint: bigint;
}

export interface AuthKey {
  readonly bytes: Buffer;
  readonly id: bigint;
  /** The handshake's own first salt. */
  readonly salt: bigint;
  /** The server's clock minus ours, seconds. */
  readonly serverTime: number;
}

export interface PqAnswer {
  readonly nonce: Buffer;
  readonly serverNonce: Buffer;
  readonly pq: Buffer;
  readonly p: Buffer;
  readonly q: Buffer;
  readonly fingerprints: readonly bigint[];
}

/** What the inner data may say, and how it may lie. */
export interface InnerLies {
  constructorId?: number;
  pq?: Buffer;
  p?: Buffer;
  q?: Buffer;
  nonce?: Buffer;
  serverNonce?: Buffer;
  dc?: number;
  expiresIn?: number;
  /** After the fields. */
  extra?: Buffer;
}

export interface DhLies {
  nonce?: Buffer;
  serverNonce?: Buffer;
  p?: Buffer;
  q?: Buffer;
  fingerprint?: bigint;
  inner?: InnerLies;
  /** Changes the block before RSA. */
  block?: (block: Buffer) => Buffer;
  /** Changes what RSA gave. */
  encrypted?: (encrypted: Buffer) => Buffer;
}

export interface ClientDhLies {
  nonce?: Buffer;
  serverNonce?: Buffer;
  innerConstructor?: number;
  innerNonce?: Buffer;
  innerServerNonce?: Buffer;
  retryId?: bigint;
  value?: Buffer;
  hash?: (hash: Buffer) => Buffer;
  /** Changes the encrypted answer. */
  encrypted?: (encrypted: Buffer) => Buffer;
  aesKey?: Buffer;
  extraPadding?: number;
}

/** What a query of the handshake was answered with. */
export type Answer = { readonly body: Buffer; readonly error?: undefined } | { readonly error: number | 'closed'; readonly body?: undefined };

export type RsaScheme = 'pad' | 'legacy';

function factor(pq: bigint): [bigint, bigint] {
  const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b));
  for (let c = 1n; ; c++) {
    const step = (x: bigint): bigint => (x * x + c) % pq;
    let slow = 2n;
    let fast = 2n;
    let product = 1n;
    for (let i = 1; i < 1 << 20; i++) {
      slow = step(slow);
      fast = step(step(fast));
      product = (product * (slow > fast ? slow - fast : fast - slow)) % pq;
      if (i % 64 !== 0 && product !== 0n) continue;
      const d = gcd(product === 0n ? pq : product, pq);
      if (d === pq) break;
      if (d > 1n) return d < pq / d ? [d, pq / d] : [pq / d, d];
    }
  }
}

let group: { prime: Buffer; dh: DiffieHellman } | undefined;

/** base^exponent mod prime, 256 bytes. */
export function power(prime: Buffer, base: Uint8Array, exponent: Uint8Array): Buffer {
  if (group === undefined || !group.prime.equals(prime)) group = { prime: Buffer.from(prime), dh: createDiffieHellman(prime, 2) };
  group.dh.setPrivateKey(exponent);
  const value = group.dh.computeSecret(base);
  return Buffer.concat([Buffer.alloc(256 - value.length), value]);
}

/** One handshake, step by step; each step may lie. */
export class KeyExchange {
  readonly newNonce: Buffer = randomBytes(32);
  private readonly rsa: KeyObject;
  private messageId = 0n;
  prime: Buffer = Buffer.alloc(0);
  generator = 0;
  serverValue: Buffer = Buffer.alloc(0);
  serverTime = 0;
  /** Facts about the decrypted server_DH_inner_data. */
  serverInner = { hashRight: false, paddingBytes: -1 };

  constructor(readonly wire: Wire, readonly publicKey: PublicKey, readonly scheme: RsaScheme = 'pad') {
    this.rsa = createPublicKey(publicKey.pem);
  }

  /** Sends an unencrypted message and takes the next frame as its answer. */
  async ask(body: Buffer): Promise<Answer> {
    this.tell(body);
    return this.answer();
  }

  tell(body: Buffer): void {
    const now = (BigInt(Math.floor(Date.now() / 1_000)) << 32n) | BigInt(Date.now() % 1_000) << 20n;
    this.messageId = now > this.messageId ? now : this.messageId + 4n;
    this.wire.send(Buffer.concat([Buffer.alloc(8), int64(this.messageId), int32(body.length), body]));
  }

  async answer(): Promise<Answer> {
    const frame = await this.wire.next();
    if (frame === undefined) return { error: 'closed' };
    const error = transportError(frame);
    if (error !== undefined) return { error };
    const packet = frame.packet as Buffer;
    if (packet.readBigUInt64LE(0) !== 0n) throw new Error('an unencrypted query was answered with an encrypted packet');
    return { body: Buffer.from(packet.subarray(20, 20 + packet.readUInt32LE(16))) };
  }

  async requestPq(constructor: number = HANDSHAKE.reqPqMulti, nonce: Buffer = randomBytes(16)): Promise<PqAnswer> {
    const { body, error } = await this.ask(Buffer.concat([int32(constructor), nonce]));
    if (body === undefined) throw new Error(`req_pq was answered with ${error}`);
    const reader = new TlReader(body);
    if (reader.uint32() !== HANDSHAKE.resPq || !reader.raw(16).equals(nonce)) throw new Error('no resPQ for this nonce');
    const serverNonce = Buffer.from(reader.raw(16));
    const pq = Buffer.from(reader.byteString());
    if (reader.uint32() !== VECTOR) throw new Error('no fingerprints');
    const fingerprints = Array.from({ length: reader.uint32() }, () => reader.int64());
    const [p, q] = factor(bigEndian(pq));
    return { nonce, serverNonce, pq, p: bigBytes(p), q: bigBytes(q), fingerprints };
  }

  dhQuery(pq: PqAnswer, lies: DhLies = {}): Buffer {
    const data = this.innerData(pq, lies.inner ?? {});
    const encrypted = this.scheme === 'legacy' ? this.legacyBlock(data, lies.block) : this.paddedBlock(data, lies.block);
    return Buffer.concat([
      int32(HANDSHAKE.reqDh), lies.nonce ?? pq.nonce, lies.serverNonce ?? pq.serverNonce, tlBytes(lies.p ?? pq.p), tlBytes(lies.q ?? pq.q),
      int64(lies.fingerprint ?? this.publicKey.fingerprint), tlBytes(lies.encrypted?.(encrypted) ?? encrypted),
    ]);
  }

  private innerData(pq: PqAnswer, lies: InnerLies): Buffer {
    const { dc, expiresIn } = lies;
    const constructor = expiresIn === undefined ? dc === undefined ? HANDSHAKE.inner : HANDSHAKE.innerDc : dc === undefined ? HANDSHAKE.innerTemp : HANDSHAKE.innerTempDc;
    return Buffer.concat([
      int32(lies.constructorId ?? constructor), tlBytes(lies.pq ?? pq.pq), tlBytes(lies.p ?? pq.p), tlBytes(lies.q ?? pq.q), lies.nonce ?? pq.nonce, lies.serverNonce ?? pq.serverNonce, this.newNonce,
      dc === undefined ? Buffer.alloc(0) : int32(dc), expiresIn === undefined ? Buffer.alloc(0) : int32(expiresIn), lies.extra ?? Buffer.alloc(0),
    ]);
  }

  private rsaRaw(block: Buffer): Buffer {
    return publicEncrypt({ key: this.rsa, padding: constants.RSA_NO_PADDING }, block);
  }

  private legacyBlock(data: Buffer, change: (block: Buffer) => Buffer = (block) => block): Buffer {
    return this.rsaRaw(change(Buffer.concat([Buffer.alloc(1), sha1(data), data, randomBytes(235 - data.length)])));
  }

  private paddedBlock(data: Buffer, change: (block: Buffer) => Buffer = (block) => block): Buffer {
    const withPadding = Buffer.concat([data, randomBytes(192 - data.length)]);
    for (;;) {
      const temporary = randomBytes(32);
      const hashed = change(Buffer.concat([Buffer.from(withPadding).reverse(), sha256(temporary, withPadding)]));
      const encrypted = igeEncrypt(temporary, Buffer.alloc(32), hashed);
      const mask = sha256(encrypted);
      const block = Buffer.concat([temporary.map((byte, i) => byte ^ (mask[i] as number)), encrypted]);
      try {
        return this.rsaRaw(block);
      } catch {
        // Not below the modulus: another temporary key.
      }
    }
  }

  /** Takes server_DH_params_ok; its values are then in this object. */
  openDhParams(pq: PqAnswer, body: Buffer): void {
    const reader = new TlReader(body);
    if (reader.uint32() !== HANDSHAKE.dhParamsOk || !reader.raw(16).equals(pq.nonce) || !reader.raw(16).equals(pq.serverNonce)) throw new Error('no server_DH_params_ok');
    const { key, iv } = this.temporaryAes(pq);
    const plain = igeDecrypt(key, iv, reader.byteString());
    const inner = new TlReader(plain.subarray(20));
    if (inner.uint32() !== HANDSHAKE.serverInner || !inner.raw(16).equals(pq.nonce) || !inner.raw(16).equals(pq.serverNonce)) throw new Error('no server_DH_inner_data');
    this.generator = inner.uint32();
    this.prime = Buffer.from(inner.byteString());
    this.serverValue = Buffer.from(inner.byteString());
    this.serverTime = inner.uint32();
    this.serverInner = { hashRight: sha1(plain.subarray(20, 20 + inner.at)).equals(plain.subarray(0, 20)), paddingBytes: inner.remaining };
  }

  private temporaryAes({ serverNonce }: PqAnswer): { key: Buffer; iv: Buffer } {
    const { newNonce } = this;
    return {
      key: Buffer.concat([sha1(newNonce, serverNonce), sha1(serverNonce, newNonce).subarray(0, 12)]),
      iv: Buffer.concat([sha1(serverNonce, newNonce).subarray(12), sha1(newNonce, newNonce), newNonce.subarray(0, 4)]),
    };
  }

  clientDhQuery(pq: PqAnswer, value: Buffer, lies: ClientDhLies = {}): Buffer {
    const data = Buffer.concat([
      int32(lies.innerConstructor ?? HANDSHAKE.clientInner), lies.innerNonce ?? pq.nonce, lies.innerServerNonce ?? pq.serverNonce, int64(lies.retryId ?? 0n), tlBytes(lies.value ?? value),
    ]);
    const hash = lies.hash?.(sha1(data)) ?? sha1(data);
    const unpadded = hash.length + data.length;
    const { key, iv } = this.temporaryAes(pq);
    const encrypted = igeEncrypt(lies.aesKey ?? key, iv, Buffer.concat([hash, data, randomBytes(((16 - (unpadded % 16)) % 16) + (lies.extraPadding ?? 0))]));
    return Buffer.concat([int32(HANDSHAKE.setClientDh), lies.nonce ?? pq.nonce, lies.serverNonce ?? pq.serverNonce, tlBytes(lies.encrypted?.(encrypted) ?? encrypted)]);
  }

  /** A secret exponent and its public value. */
  half(): { exponent: Buffer; value: Buffer } {
    const exponent = randomBytes(256);
    return { exponent, value: power(this.prime, bigBytes(BigInt(this.generator)), exponent) };
  }

  /** Checks dh_gen_ok and answers the key. */
  finish(pq: PqAnswer, exponent: Buffer, body: Buffer): AuthKey {
    const authKey = power(this.prime, this.serverValue, exponent);
    const reader = new TlReader(body);
    if (reader.uint32() !== HANDSHAKE.genOk || !reader.raw(16).equals(pq.nonce) || !reader.raw(16).equals(pq.serverNonce)) throw new Error('no dh_gen_ok');
    if (!reader.raw(16).equals(sha1(this.newNonce, Buffer.from([1]), int64(auxHashOf(authKey))).subarray(4))) throw new Error('new_nonce_hash1 is wrong');
    return { bytes: authKey, id: keyIdOf(authKey), salt: this.newNonce.readBigUInt64LE(0) ^ pq.serverNonce.readBigUInt64LE(0), serverTime: this.serverTime };
  }

  /** A whole handshake without a lie. */
  async run(inner: InnerLies = {}): Promise<AuthKey> {
    const pq = await this.requestPq();
    const params = await this.ask(this.dhQuery(pq, { inner }));
    if (params.body === undefined) throw new Error(`req_DH_params was answered with ${params.error}`);
    this.openDhParams(pq, params.body);
    const { exponent, value } = this.half();
    const done = await this.ask(this.clientDhQuery(pq, value));
    if (done.body === undefined) throw new Error(`set_client_DH_params was answered with ${done.error}`);
    return this.finish(pq, exponent, done.body);
  }
}
