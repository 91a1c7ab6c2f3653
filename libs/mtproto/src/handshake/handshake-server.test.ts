import { createDiffieHellman, createHash, createPublicKey, randomBytes } from 'node:crypto';
import { HANDSHAKE_AGE_MAX_MS, HANDSHAKE_ATTEMPTS_MAX, HANDSHAKE_PADDING_BYTES_MAX, TEMPORARY_KEY_LIFETIME_MAX_S } from '../limits';
import { igeEncrypt } from '../packet/ige';
import { generateRsaKey, type RsaKey } from '../rsa-key';
import { Budget, addressKey } from './budget';
import { clientDhQuery, dhParamsQuery, divisorByCycle, exchangeKey, factorize, innerData, openDhParams, requestPq, rsaLegacy, rsaPad, type Exchange, type ExchangeOptions, type PqAnswer } from './client-exchange';
import { DH_GENERATOR, DH_PRIME, isPublicValueSound } from './diffie-hellman';
import { HandshakeServer, temporaryAes, type EstablishedKey, type HandshakeDeps, type HandshakeOutcome, type HandshakeReply, type HandshakeState } from './handshake-server';
import { isPrime, randomFactors } from './primes';
import { CONSTRUCTOR, bigEndian, tlString, uint32, uint64 } from './tl';

jest.setTimeout(60_000);

const START_MS = 1_800_000_000_000;
let rsa: RsaKey;
let options: ExchangeOptions;
let clock = START_MS;
let server: HandshakeServer;
let stored: EstablishedKey[] = [];
let storeKey: HandshakeDeps['storeKey'];
let outcomes: HandshakeOutcome[] = [];

beforeAll(async () => {
  rsa = await generateRsaKey();
  options = { publicPem: rsa.publicPem, fingerprint: rsa.fingerprint };
  server = new HandshakeServer({
    keys: [rsa], now: () => clock, random: randomBytes, workers: 1, storeKey: (key) => storeKey(key), onOutcome: (outcome) => outcomes.push(outcome),
    acceptsDc: (dc) => Math.abs(dc) % 10_000 < 6, budget: { globalPerSecond: 1, globalBurst: 10_000, addressPerSecond: 1, addressBurst: 10_000, addressesMax: 10 },
  });
});

afterAll(() => server.stop());

beforeEach(() => {
  clock = START_MS;
  stored = [];
  outcomes = [];
  storeKey = async (key) => { stored.push(key); return true; };
});

/** A connection's place and what was answered on it. */
class Peer {
  readonly state: HandshakeState = server.begin();
  async reply(query: Buffer): Promise<HandshakeReply> {
    return server.receive(this.state, query, '127.0.0.1');
  }
  readonly exchange: Exchange = async (query) => {
    const reply = await this.reply(query);
    if (reply.kind === 'refuse') throw new Error(`refused ${reply.code}`);
    return reply.body;
  };
}

const int = (value: number): Buffer => uint32(value >>> 0);

describe('a handshake', () => {
  test.each<['pad' | 'legacy', Partial<ExchangeOptions>]>([
    ['pad', {}], ['pad', { dc: 2 }], ['pad', { expiresIn: 3_600 }], ['pad', { dc: -10_002, expiresIn: 86_400 }],
    ['legacy', {}], ['legacy', { dc: 1 }], ['legacy', { expiresIn: 3_600 }], ['legacy', { dc: 2, expiresIn: 2 ** 31 - 1 }],
  ])('with the %s scheme and %j yields the same key on both sides', async (scheme, extra) => {
    const key = await exchangeKey(new Peer().exchange, { ...options, ...extra, scheme });
    expect(stored).toHaveLength(1);
    const [established] = stored as [EstablishedKey];
    expect(established.authKey.equals(key.authKey)).toBe(true);
    expect([established.keyId, established.serverSalt, established.dc]).toEqual([key.keyId, key.serverSalt, extra.dc]);
    expect(established.expiresAt).toBe(extra.expiresIn === undefined ? undefined : START_MS / 1000 + Math.min(extra.expiresIn, TEMPORARY_KEY_LIFETIME_MAX_S));
    expect(established.keyId).toBe(createHash('sha1').update(key.authKey).digest().readBigUInt64LE(12));
    expect(outcomes).toEqual(['established']);
  });

  test('may follow another on the same connection, also an unfinished one', async () => {
    const peer = new Peer();
    await requestPq(peer.exchange);
    await exchangeKey(peer.exchange, options);
    await exchangeKey(peer.exchange, { ...options, expiresIn: 60 });
    expect(stored).toHaveLength(2);
  });

  test('takes the padding that TDLib counts into each query', async () => {
    const peer = new Peer();
    await exchangeKey((query) => peer.exchange(Buffer.concat([query, randomBytes(HANDSHAKE_PADDING_BYTES_MAX)])), options);
    expect(outcomes).toEqual(['established']);
  });

  test('offers a fresh nonce, fresh factors and the key that is asked for', async () => {
    const [a, b] = [await requestPq(new Peer().exchange), await requestPq(new Peer().exchange)];
    expect(a.serverNonce.equals(b.serverNonce)).toBe(false);
    expect(a.pq.equals(b.pq)).toBe(false);
    expect(a.fingerprints).toEqual([rsa.fingerprint]);
    const [p, q] = factorize(bigEndian(a.pq));
    expect([p * q === bigEndian(a.pq), p < q, isPrime(Number(p)), isPrime(Number(q))]).toEqual([true, true, true, true]);
  });

  test.each([[2_147_483_629n, 2_147_483_587n], [1_073_741_827n, 2_147_483_647n], [1_000_003n, 1_073_741_831n]])('has clients find %i and %i in their product, by either way', (p, q) => {
    const [smaller, larger] = p < q ? [p, q] : [q, p];
    expect(factorize(p * q)).toEqual([smaller, larger]);
    expect([p, q]).toContain(divisorByCycle(p * q, 1n));
  });

  test('names the well-known group and the time, and a sound g_a', async () => {
    const peer = new Peer();
    const pq = await requestPq(peer.exchange);
    const newNonce = randomBytes(32);
    const params = openDhParams(await peer.exchange(dhParamsQuery(options, pq, newNonce)), pq, newNonce);
    expect([params.generator, params.prime.equals(DH_PRIME), params.serverTime]).toEqual([DH_GENERATOR, true, START_MS / 1000]);
    expect(isPublicValueSound(params.serverValue)).toBe(true);
  });

  test('is retried when the key id is taken, up to a limit', async () => {
    let refusals = 2;
    storeKey = async () => refusals-- <= 0;
    await exchangeKey(new Peer().exchange, options);
    expect(outcomes).toEqual(['retry', 'retry', 'established']);
    refusals = HANDSHAKE_ATTEMPTS_MAX;
    await expect(exchangeKey(new Peer().exchange, options)).rejects.toThrow('refused -404');
  });

  test('fails with dh_gen_fail when the key can not be stored', async () => {
    storeKey = () => Promise.reject(new Error('the store is down'));
    await expect(exchangeKey(new Peer().exchange, options)).rejects.toThrow('dh_gen_fail');
    expect(outcomes).toEqual(['fail']);
  });

  test('of a client that means another data center is refused with −444', async () => {
    await expect(exchangeKey(new Peer().exchange, { ...options, dc: 7 })).rejects.toThrow('refused -444');
  });

  test('answers queries of one connection in order', async () => {
    const peer = new Peer();
    const nonces = [randomBytes(16), randomBytes(16), randomBytes(16)];
    const answers = await Promise.all(nonces.map((nonce) => peer.exchange(Buffer.concat([int(CONSTRUCTOR.reqPq), nonce]))));
    answers.forEach((answer, i) => expect(answer.subarray(4, 20).equals(nonces[i] as Buffer)).toBe(true));
  });
});

interface Forgery {
  pq: PqAnswer;
  newNonce: Buffer;
}

/** req_DH_params with every part replaceable. */
function forgeDhParams({ pq, newNonce }: Forgery, changes: { nonce?: Buffer; serverNonce?: Buffer; p?: Buffer; q?: Buffer; fingerprint?: bigint; block?: (inner: Buffer) => Buffer; inner?: Partial<Parameters<typeof innerData>[1]>; innerBytes?: Buffer; expiresIn?: number } = {}): Buffer {
  const [p, q] = factorize(bigEndian(pq.pq)).map((factor) => Buffer.from(factor.toString(16).padStart(8, '0'), 'hex')) as [Buffer, Buffer];
  const inner = changes.innerBytes ?? innerData({ ...options, expiresIn: changes.expiresIn }, { pq: pq.pq, p, q, nonce: pq.nonce, serverNonce: pq.serverNonce, newNonce, ...changes.inner });
  const block = changes.block ? changes.block(inner) : rsaPad(inner, createPublicKey(rsa.publicPem));
  return Buffer.concat([int(CONSTRUCTOR.reqDhParams), changes.nonce ?? pq.nonce, changes.serverNonce ?? pq.serverNonce, tlString(changes.p ?? p), tlString(changes.q ?? q), uint64(changes.fingerprint ?? rsa.fingerprint), tlString(block)]);
}

const flipped = (bytes: Buffer, at: number): Buffer => { const copy = Buffer.from(bytes); copy[at] = (copy[at] as number) ^ 1; return copy; };
const key = () => createPublicKey(rsa.publicPem);

describe('req_DH_params with', () => {
  const forgeries: [string, (forgery: Forgery) => Buffer][] = [
    ['another nonce', (forgery) => forgeDhParams(forgery, { nonce: randomBytes(16) })],
    ['another server nonce', (forgery) => forgeDhParams(forgery, { serverNonce: randomBytes(16) })],
    ['wrong factors', (forgery) => forgeDhParams(forgery, { p: Buffer.from([0, 0, 0, 3]) })],
    ['p and q exchanged', (forgery) => { const [p, q] = factorize(bigEndian(forgery.pq.pq)); const bytes = (n: bigint): Buffer => Buffer.from(n.toString(16), 'hex'); return forgeDhParams(forgery, { p: bytes(q), q: bytes(p) }); }],
    ['1 and pq as factors', (forgery) => forgeDhParams(forgery, { p: Buffer.from([1]), q: forgery.pq.pq })],
    ['an unknown fingerprint', (forgery) => forgeDhParams(forgery, { fingerprint: 1n })],
    ['a block that was changed', (forgery) => forgeDhParams(forgery, { block: (inner) => flipped(rsaPad(inner, key()), 100) })],
    ['a block above the modulus', (forgery) => forgeDhParams(forgery, { block: () => Buffer.alloc(256, 255) })],
    ['a short block', (forgery) => forgeDhParams(forgery, { block: (inner) => rsaPad(inner, key()).subarray(1) })],
    ['noise in the block', (forgery) => forgeDhParams(forgery, { block: () => flipped(randomBytes(256), 0).fill(0, 0, 1) })],
    ['a legacy block whose hash is wrong', (forgery) => forgeDhParams(forgery, { block: (inner) => rsaLegacy(inner, key()), innerBytes: Buffer.concat([innerData(options, { pq: forgery.pq.pq, p: Buffer.from([1]), q: Buffer.from([1]), nonce: forgery.pq.nonce, serverNonce: forgery.pq.serverNonce, newNonce: forgery.newNonce }), Buffer.alloc(4)]) })],
    ['another nonce inside', (forgery) => forgeDhParams(forgery, { inner: { nonce: randomBytes(16) } })],
    ['another server nonce inside', (forgery) => forgeDhParams(forgery, { inner: { serverNonce: randomBytes(16) } })],
    ['another pq inside', (forgery) => forgeDhParams(forgery, { inner: { pq: randomBytes(8) } })],
    ['another p inside', (forgery) => forgeDhParams(forgery, { inner: { p: randomBytes(4) } })],
    ['another q inside', (forgery) => forgeDhParams(forgery, { inner: { q: randomBytes(4) } })],
    ['an unknown constructor inside', (forgery) => forgeDhParams(forgery, { innerBytes: Buffer.concat([int(0x12345678), randomBytes(90)]) })],
    ['a lifetime of nothing', (forgery) => forgeDhParams(forgery, { expiresIn: 0 })],
    ['a negative lifetime', (forgery) => forgeDhParams(forgery, { expiresIn: 0xffffffff })],
    ['bytes missing', (forgery) => forgeDhParams(forgery).subarray(0, -4)],
    ['more bytes after it than any padding has', (forgery) => Buffer.concat([forgeDhParams(forgery), Buffer.alloc(HANDSHAKE_PADDING_BYTES_MAX + 4)])],
  ];

  test.each(forgeries)('%s is refused with −404, and so is the right query after it', async (_, forge) => {
    const peer = new Peer();
    const forgery = { pq: await requestPq(peer.exchange), newNonce: randomBytes(32) };
    const refusal = { kind: 'refuse', code: -404 };
    expect(await peer.reply(forge(forgery))).toEqual(refusal);
    expect(await peer.reply(forgeDhParams(forgery))).toEqual(refusal);
    expect(outcomes).toEqual(['refused', 'refused']);
  });

  test('everything right is answered, but only once', async () => {
    const peer = new Peer();
    const forgery = { pq: await requestPq(peer.exchange), newNonce: randomBytes(32) };
    expect((await peer.reply(forgeDhParams(forgery))).kind).toBe('answer');
    expect(await peer.reply(forgeDhParams(forgery))).toEqual({ kind: 'refuse', code: -404 });
  });

  test('a server nonce of another connection is refused', async () => {
    const forgery = { pq: await requestPq(new Peer().exchange), newNonce: randomBytes(32) };
    expect(await new Peer().reply(forgeDhParams(forgery))).toEqual({ kind: 'refuse', code: -404 });
  });

  test('an answer that comes too late is refused', async () => {
    const peer = new Peer();
    const forgery = { pq: await requestPq(peer.exchange), newNonce: randomBytes(32) };
    clock += HANDSHAKE_AGE_MAX_MS + 1;
    expect(await peer.reply(forgeDhParams(forgery))).toEqual({ kind: 'refuse', code: -404 });
  });
});

describe('set_client_DH_params with', () => {
  const group = createDiffieHellman(DH_PRIME, Buffer.from([DH_GENERATOR]));
  group.setPrivateKey(randomBytes(256));
  const sound = group.generateKeys() && group.computeSecret(Buffer.from([DH_GENERATOR]));
  const minus = (value: bigint): Buffer => Buffer.from((bigEndian(DH_PRIME) - value).toString(16), 'hex');
  const power2 = (exponent: number, less = 0n): Buffer => { const hex = ((1n << BigInt(exponent)) - less).toString(16); return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex'); };

  async function begun(): Promise<{ peer: Peer; pq: PqAnswer; newNonce: Buffer }> {
    const peer = new Peer();
    const pq = await requestPq(peer.exchange);
    const newNonce = randomBytes(32);
    await peer.exchange(forgeDhParams({ pq, newNonce }));
    return { peer, pq, newNonce };
  }

  test.each<[string, Buffer, boolean]>([
    ['0', Buffer.alloc(1), false], ['1', Buffer.from([1]), false], ['p − 1', minus(1n), false], ['p', DH_PRIME, false], ['2^1984 − 1', power2(1_984, 1n), false], ['2^1984', power2(1_984), true],
    ['p − 2^1984 + 1', minus((1n << 1_984n) - 1n), false], ['p − 2^1984', minus(1n << 1_984n), true], ['more than 2048 bits', Buffer.alloc(257, 1), false], ['a usual value', sound, true],
  ])('g_b = %s', async (_, value, accepted) => {
    const { peer, pq, newNonce } = await begun();
    const reply = await peer.reply(clientDhQuery(pq, newNonce, value));
    expect(reply.kind).toBe(accepted ? 'answer' : 'refuse');
    if (!accepted) expect(await peer.reply(clientDhQuery(pq, newNonce, sound))).toEqual({ kind: 'refuse', code: -404 });
  });

  const encryptInner = (pq: PqAnswer, newNonce: Buffer, data: Buffer, hash = createHash('sha1').update(data).digest(), tail = 0): Buffer => {
    const { key: aesKey, iv } = temporaryAes(newNonce, pq.serverNonce);
    const plain = Buffer.concat([hash, data, Buffer.alloc(((16 - ((20 + data.length) % 16)) % 16) + tail)]);
    return Buffer.concat([int(CONSTRUCTOR.setClientDhParams), pq.nonce, pq.serverNonce, tlString(igeEncrypt(aesKey, iv, plain))]);
  };
  const inner = (pq: PqAnswer, changes: { kind?: number; nonce?: Buffer; serverNonce?: Buffer; retryId?: bigint } = {}): Buffer => Buffer.concat([
    int(changes.kind ?? CONSTRUCTOR.clientDhInnerData), changes.nonce ?? pq.nonce, changes.serverNonce ?? pq.serverNonce, uint64(changes.retryId ?? 0n), tlString(sound),
  ]);

  test.each<[string, (pq: PqAnswer, newNonce: Buffer) => Buffer]>([
    ['another nonce', (pq, newNonce) => clientDhQuery({ ...pq, nonce: randomBytes(16) }, newNonce, sound)],
    ['a key of another new_nonce', (pq) => clientDhQuery(pq, randomBytes(32), sound)],
    ['a wrong SHA-1', (pq, newNonce) => encryptInner(pq, newNonce, inner(pq), randomBytes(20))],
    ['another nonce inside', (pq, newNonce) => encryptInner(pq, newNonce, inner(pq, { nonce: randomBytes(16) }))],
    ['another server nonce inside', (pq, newNonce) => encryptInner(pq, newNonce, inner(pq, { serverNonce: randomBytes(16) }))],
    ['another constructor inside', (pq, newNonce) => encryptInner(pq, newNonce, inner(pq, { kind: 1 }))],
    ['a retry id of no retry', (pq, newNonce) => encryptInner(pq, newNonce, inner(pq, { retryId: 1n }))],
    ['a block too many', (pq, newNonce) => encryptInner(pq, newNonce, inner(pq), undefined, 16)],
    ['data in broken blocks', (pq, newNonce) => { const query = clientDhQuery(pq, newNonce, sound); return Buffer.concat([query.subarray(0, 36), tlString(randomBytes(100))]); }],
    ['more bytes after it than any padding has', (pq, newNonce) => Buffer.concat([clientDhQuery(pq, newNonce, sound), Buffer.alloc(HANDSHAKE_PADDING_BYTES_MAX + 4)])],
  ])('%s is refused with −404, and so is the right query after it', async (_, forge) => {
    const { peer, pq, newNonce } = await begun();
    expect(await peer.reply(forge(pq, newNonce))).toEqual({ kind: 'refuse', code: -404 });
    expect(await peer.reply(clientDhQuery(pq, newNonce, sound))).toEqual({ kind: 'refuse', code: -404 });
    expect(stored).toEqual([]);
  });

  test('too much time since req_pq is refused', async () => {
    const { peer, pq, newNonce } = await begun();
    clock += HANDSHAKE_AGE_MAX_MS + 1;
    expect(await peer.reply(clientDhQuery(pq, newNonce, sound))).toEqual({ kind: 'refuse', code: -404 });
  });
});

describe('what is no query of the handshake', () => {
  test.each([['nothing', Buffer.alloc(0)], ['three bytes', Buffer.alloc(3)], ['another constructor', Buffer.alloc(64, 7)], ['set_client_DH_params first', Buffer.concat([int(CONSTRUCTOR.setClientDhParams), randomBytes(64)])]])('%s is refused', async (_, query) => {
    expect(await new Peer().reply(query)).toEqual({ kind: 'refuse', code: -404 });
  });
});

describe('budgets', () => {
  const limits = { globalPerSecond: 10, globalBurst: 20, addressPerSecond: 1, addressBurst: 5, addressesMax: 3 };

  test('hold for an address and for all, and refill', () => {
    const budget = new Budget(limits, 0);
    const spend = (address: string, nowMs: number): boolean => budget.spend(addressKey(address), 1, nowMs);
    expect(Array.from({ length: 6 }, () => spend('192.0.2.1', 0))).toEqual([true, true, true, true, true, false]);
    expect(spend('192.0.2.2', 0)).toBe(true);
    expect([spend('192.0.2.1', 999), spend('192.0.2.1', 1_000), spend('192.0.2.1', 1_001)]).toEqual([false, true, false]);
    for (let i = 0; i < 5; i++) for (let n = 3; n < 8; n++) spend(`192.0.2.${n}`, 1_001);
    expect(spend('192.0.2.99', 1_001)).toBe(false);
  });

  test.each([
    ['192.0.2.1', '192.0.2.1'], ['::ffff:192.0.2.1', '192.0.2.1'], ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'], ['2001:db8::6', '2001:db8:0:0::/64'], ['::1', '0:0:0:0::/64'], ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('count %s as %s', (address, counted) => expect(addressKey(address)).toBe(counted));

  test('answer −429 over the wire, before any computation', async () => {
    const small = new HandshakeServer({ keys: [rsa], now: () => clock, random: randomBytes, storeKey: async () => true, budget: { ...limits, addressBurst: 1 } });
    const state = small.begin();
    const codes: unknown[] = [];
    for (let i = 0; i < 11; i++) {
      const reply = await small.receive(state, Buffer.concat([int(CONSTRUCTOR.reqPq), randomBytes(16)]), '192.0.2.1');
      codes.push(reply.kind === 'refuse' ? reply.code : 'answer');
    }
    expect(codes.filter((code) => code === 'answer').length).toBeLessThanOrEqual(10);
    expect(codes.at(-1)).toBe(-429);
    await small.stop();
  });
});

describe('primes', () => {
  test('are told from other numbers', () => {
    const isPrimeByDivision = (n: number): boolean => { for (let d = 2; d * d <= n; d++) if (n % d === 0) return false; return true; };
    const wrong: number[] = [];
    for (let n = 101; n < 20_000; n += 2) if (isPrime(n) !== isPrimeByDivision(n)) wrong.push(n);
    expect(wrong).toEqual([]);
    // Strong pseudoprimes to the bases 2 and 3 and to 2, 3 and 5, and the largest prime below 2^31.
    expect([isPrime(1_373_653), isPrime(25_326_001), isPrime(2_147_483_647)]).toEqual([false, false, true]);
  });

  test('have 31 bits and differ', () => {
    for (let i = 0; i < 20; i++) {
      const { p, q } = randomFactors(randomBytes);
      expect([p < q, p >= 2 ** 30, q < 2 ** 31, isPrime(p), isPrime(q)]).toEqual([true, true, true, true, true]);
    }
  });
});
