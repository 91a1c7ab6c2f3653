import { createHash, createPublicKey, randomBytes } from 'node:crypto';
import assert from 'node:assert/strict';
import { bigBytes, bigEndian, sha1 } from '../client/cryptography';
import { HANDSHAKE, KeyExchange, type Answer, type AuthKey, type ClientDhLies, type DhLies, type InnerLies, type PqAnswer, type RsaScheme } from '../client/key-exchange';
import { makeKey, type Gateway } from '../client/person';
import { Session } from '../client/session';
import { int32, tlBytes } from '../client/tl-bytes';
import { Wire } from '../client/wire';
import { isPrime } from '../prime';
import type { Row } from '../report';

/** What a refused query is answered with, now and for the rest of its handshake. */
const REFUSED = -404;
/** The gateway's HANDSHAKE_AGE_MAX_MS and a little. */
const HANDSHAKE_AGE_MS = 61_500;
/** TDLib appends so many random bytes to its handshake queries at most. */
const TDLIB_PADDING_BYTES = 256;
/** The safe prime that Telegram publishes. Clients that know it skip proving it. */
const KNOWN_PRIME_SHA256 = createHash('sha256').update(Buffer.from(
  'c71caeb9c6b1c9048e6c522f70f13f73980d40238e3e21c14934d037563d930f48198a0aa7c14058229493d22530f4dbfa336f6e0ac925139543aed44cce7c37'
  + '20fd51f69458705ac68cd4fe6b6b13abdc9746512969328454f18faf8c595f642477fe96bb2a941d5bcd1d4ac8cc49880708fa9b378e3c4f3a9060bee67cf9a4'
  + 'a4a695811051907e162753b56b0f6b410dba74d8a84b2a14b3144e0ef1284754fd17ed950d5965b4b9dd46582db1178d169c6bc465b0d6ff9ca3928fef5b9ae4'
  + 'e418fc15e83ebea0f87fa9ff5eed70050ded2849f47bf959d956850ce929851f0d8115f635b105ee2e4e15d04b2454bf6f4fadf034b10403119cd8e3b92fcc5b', 'hex')).digest('hex');

const says = (answer: Answer): string => (answer.body === undefined ? String(answer.error) : `constructor ${answer.body.readUInt32LE(0).toString(16)}`);

function mustRefuse(what: string, answer: Answer): void {
  assert.equal(answer.error, REFUSED, `${what} was answered with ${says(answer)}, not ${REFUSED}`);
}

/** Opens a connection for one handshake. */
async function exchangeWith<T>(gateway: Gateway, scheme: RsaScheme, task: (exchange: KeyExchange) => Promise<T>): Promise<T> {
  const wire = await Wire.open(gateway);
  try {
    return await task(new KeyExchange(wire, gateway, scheme));
  } finally {
    wire.close();
  }
}

/** The key answers a ping: it is stored and usable. */
async function mustWork(gateway: Gateway, key: AuthKey): Promise<void> {
  const session = await Session.open(gateway, key);
  await session.ping();
  session.close();
}

/** req_DH_params with a flaw is refused, and so is the right one after it. */
const refusedDh = (name: string, lies: (pq: PqAnswer) => DhLies, scheme: RsaScheme = 'pad') => (gateway: Gateway): Row => ({
  name: `req_DH_params, ${scheme === 'pad' ? 'RSA_PAD' : 'legacy'}: ${name}`,
  run: () => exchangeWith(gateway, scheme, async (exchange) => {
    const pq = await exchange.requestPq();
    mustRefuse('the flawed query', await exchange.ask(exchange.dhQuery(pq, lies(pq))));
    mustRefuse('the right query after it', await exchange.ask(exchange.dhQuery(pq)));
  }),
});

/** set_client_DH_params with a flaw is refused, and so is the right one after it. */
const refusedClientDh = (name: string, lies: (exchange: KeyExchange, pq: PqAnswer) => ClientDhLies) => (gateway: Gateway): Row => ({
  name: `set_client_DH_params: ${name}`,
  run: () => exchangeWith(gateway, 'pad', async (exchange) => {
    const { pq } = await untilDhParams(exchange);
    const { value } = exchange.half();
    mustRefuse('the flawed query', await exchange.ask(exchange.clientDhQuery(pq, value, lies(exchange, pq))));
    mustRefuse('the right query after it', await exchange.ask(exchange.clientDhQuery(pq, value)));
  }),
});

async function untilDhParams(exchange: KeyExchange, inner: InnerLies = {}): Promise<{ pq: PqAnswer }> {
  const pq = await exchange.requestPq();
  const answer = await exchange.ask(exchange.dhQuery(pq, { inner }));
  assert.ok(answer.body, `a right req_DH_params was answered with ${says(answer)}`);
  exchange.openDhParams(pq, answer.body);
  return { pq };
}

const flipped = (bytes: Buffer, at: number): Buffer => {
  const changed = Buffer.from(bytes);
  changed[at] = (changed[at] as number) ^ 1;
  return changed;
};

const prime = (exchange: KeyExchange): bigint => bigEndian(exchange.prime);
const MARGIN = 1n << 1_984n;

const ACCEPTED_INNER: [string, InnerLies][] = [
  ['p_q_inner_data', {}],
  ['p_q_inner_data_dc', { dc: 2 }],
  ['p_q_inner_data_temp', { expiresIn: 3_600 }],
  ['p_q_inner_data_temp_dc', { dc: 2, expiresIn: 3_600 }],
];

const REFUSED_DH = [
  refusedDh('nonce of another', () => ({ nonce: randomBytes(16) })),
  refusedDh('server_nonce of another', () => ({ serverNonce: randomBytes(16) })),
  refusedDh('p isn\'t a factor', ({ p }) => ({ p: bigBytes(bigEndian(p) + 2n) })),
  refusedDh('q isn\'t a factor', ({ q }) => ({ q: bigBytes(bigEndian(q) + 2n) })),
  refusedDh('p > q', ({ p, q }) => ({ p: q, q: p, inner: { p: q, q: p } })),
  refusedDh('p = 1, q = pq', ({ pq }) => ({ p: Buffer.from([1]), q: pq, inner: { p: Buffer.from([1]), q: pq } })),
  refusedDh('fingerprint of no key', () => ({ fingerprint: 1n })),
  refusedDh('hash of the padded block broken', () => ({ block: (block) => flipped(block, 192) })),
  refusedDh('padded data changed', () => ({ block: (block) => flipped(block, 3) })),
  refusedDh('block changed after encryption', () => ({ encrypted: (encrypted) => flipped(encrypted, 255) })),
  refusedDh('block of zeros', () => ({ encrypted: () => Buffer.alloc(256) })),
  refusedDh('block above the modulus', () => ({ encrypted: () => Buffer.alloc(256, 255) })),
  refusedDh('block one byte short', () => ({ encrypted: (encrypted) => encrypted.subarray(1) })),
  refusedDh('block one byte long', () => ({ encrypted: (encrypted) => Buffer.concat([Buffer.alloc(1), encrypted]) })),
  refusedDh('empty block', () => ({ encrypted: () => Buffer.alloc(0) })),
  refusedDh('unknown constructor inside', () => ({ inner: { constructorId: 0x12345678 } })),
  refusedDh('nonce of another inside', () => ({ inner: { nonce: randomBytes(16) } })),
  refusedDh('server_nonce of another inside', () => ({ inner: { serverNonce: randomBytes(16) } })),
  refusedDh('other pq inside', ({ pq }) => ({ inner: { pq: bigBytes(bigEndian(pq) + 2n) } })),
  refusedDh('other p inside', ({ p }) => ({ inner: { p: bigBytes(bigEndian(p) + 2n) } })),
  refusedDh('other q inside', ({ q }) => ({ inner: { q: bigBytes(bigEndian(q) + 2n) } })),
  refusedDh('more than 144 bytes of data', ({ pq }) => ({ inner: { pq: Buffer.concat([Buffer.alloc(60), pq]) } })),
  refusedDh('temporary key of 0 seconds', () => ({ inner: { expiresIn: 0 } })),
  refusedDh('temporary key of negative seconds', () => ({ inner: { expiresIn: -5 } })),
  refusedDh('SHA-1 broken', () => ({ block: (block) => flipped(block, 5) }), 'legacy'),
  refusedDh('data changed', () => ({ block: (block) => flipped(block, 40) }), 'legacy'),
  refusedDh('server_nonce of another inside', () => ({ inner: { serverNonce: randomBytes(16) } }), 'legacy'),
  refusedDh('unknown constructor inside', () => ({ inner: { constructorId: 0x12345678 } }), 'legacy'),
];

const REFUSED_CLIENT_DH = [
  refusedClientDh('nonce of another', () => ({ nonce: randomBytes(16) })),
  refusedClientDh('server_nonce of another', () => ({ serverNonce: randomBytes(16) })),
  refusedClientDh('SHA-1 of the inner data broken', () => ({ hash: (hash) => flipped(hash, 0) })),
  refusedClientDh('SHA-1 of zeros', () => ({ hash: () => Buffer.alloc(20) })),
  refusedClientDh('encrypted under another key', () => ({ aesKey: randomBytes(32) })),
  refusedClientDh('unknown constructor inside', () => ({ innerConstructor: 0x12345678 })),
  refusedClientDh('nonce of another inside', () => ({ innerNonce: randomBytes(16) })),
  refusedClientDh('server_nonce of another inside', () => ({ innerServerNonce: randomBytes(16) })),
  refusedClientDh('retry_id where there was no retry', () => ({ retryId: 5n })),
  refusedClientDh('a block of padding too much', () => ({ extraPadding: 16 })),
  refusedClientDh('not whole blocks', () => ({ encrypted: (encrypted) => encrypted.subarray(0, -4) })),
  refusedClientDh('no data', () => ({ encrypted: () => Buffer.alloc(0) })),
  refusedClientDh('g_b = 0', () => ({ value: Buffer.from([0]) })),
  refusedClientDh('g_b empty', () => ({ value: Buffer.alloc(0) })),
  refusedClientDh('g_b = 1', () => ({ value: Buffer.from([1]) })),
  refusedClientDh('g_b = p − 1', (exchange) => ({ value: bigBytes(prime(exchange) - 1n) })),
  refusedClientDh('g_b = p', (exchange) => ({ value: bigBytes(prime(exchange)) })),
  refusedClientDh('g_b = p + 1', (exchange) => ({ value: bigBytes(prime(exchange) + 1n) })),
  refusedClientDh('g_b just too small', () => ({ value: bigBytes(MARGIN - 1n) })),
  refusedClientDh('g_b just too large', (exchange) => ({ value: bigBytes(prime(exchange) - MARGIN + 1n) })),
  refusedClientDh('g_b of 257 bytes', (exchange) => ({ value: bigBytes(prime(exchange) << 8n) })),
];

function acceptedRows(gateway: Gateway): Row[] {
  const rows: Row[] = [];
  for (const scheme of ['pad', 'legacy'] as const) {
    for (const [name, inner] of ACCEPTED_INNER) {
      rows.push({
        name: `${scheme === 'pad' ? 'RSA_PAD' : 'the legacy scheme'} with ${name} makes a key that works`,
        run: async () => mustWork(gateway, await exchangeWith(gateway, scheme, (exchange) => exchange.run(inner))),
      });
    }
  }
  for (const dc of [1, 3, 10_002, -2, -10_001, 0]) {
    rows.push({ name: `a client that names DC ${dc} is taken at its word`, run: async () => mustWork(gateway, await makeKey(gateway, { dc })) });
  }
  for (const [name, value] of [['smallest', () => MARGIN], ['largest', (exchange: KeyExchange) => prime(exchange) - MARGIN]] as const) {
    rows.push({
      name: `the ${name} allowed g_b is accepted`,
      run: () => exchangeWith(gateway, 'pad', async (exchange) => {
        const { pq } = await untilDhParams(exchange);
        const answer = await exchange.ask(exchange.clientDhQuery(pq, bigBytes(value(exchange), 256)));
        assert.equal(answer.body?.readUInt32LE(0), HANDSHAKE.genOk, `it was answered with ${says(answer)}`);
      }),
    });
  }
  rows.push({
    name: 'req_pq of old clients is answered like req_pq_multi',
    run: () => exchangeWith(gateway, 'legacy', async (exchange) => assert.ok((await exchange.requestPq(HANDSHAKE.reqPq)).fingerprints.includes(gateway.fingerprint))),
  });
  rows.push({
    name: 'a refused connection may begin anew',
    run: () => exchangeWith(gateway, 'pad', async (exchange) => {
      const pq = await exchange.requestPq();
      mustRefuse('the flawed query', await exchange.ask(exchange.dhQuery(pq, { nonce: randomBytes(16) })));
      await mustWork(gateway, await exchange.run());
    }),
  });
  rows.push({
    name: 'a fake req_pq, then encrypted frames on the same socket (tdesktop)',
    run: async () => {
      const key = await makeKey(gateway);
      const wire = await Wire.open(gateway);
      await new KeyExchange(wire, gateway).requestPq();
      const session = new Session(wire, key);
      await session.ping();
      session.close();
    },
  });
  return rows;
}

function serverRows(gateway: Gateway): Row[] {
  return [
    {
      name: 'pq is fresh each time, a product of two primes of about 31 bits; so is server_nonce',
      run: () => exchangeWith(gateway, 'pad', async (exchange) => {
        const answers: PqAnswer[] = [];
        for (let i = 0; i < 40; i++) answers.push(await exchange.requestPq());
        assert.equal(new Set(answers.map(({ pq }) => pq.toString('hex'))).size, answers.length, 'pq repeats');
        assert.equal(new Set(answers.map(({ serverNonce }) => serverNonce.toString('hex'))).size, answers.length, 'server_nonce repeats');
        for (const { pq, p, q } of answers) {
          const [small, large] = [bigEndian(p), bigEndian(q)];
          assert.ok(small < large && small * large === bigEndian(pq) && isPrime(small) && isPrime(large), `${bigEndian(pq)} has no two prime factors`);
          assert.ok(small > 1n << 29n && pq.length === 8, 'a factor is too small to be work');
        }
      }),
    },
    {
      name: 'the fingerprint is that of the published key, and no client drops its top digits',
      run: () => exchangeWith(gateway, 'pad', async (exchange) => {
        assert.match(gateway.pem, /^-----BEGIN RSA PUBLIC KEY-----/);
        const { n, e } = createPublicKey(gateway.pem).export({ format: 'jwk' });
        const bytes = (part: string | undefined): Buffer => tlBytes(Buffer.from(part as string, 'base64url'));
        assert.equal(Buffer.from(n as string, 'base64url').length, 256);
        const expected = sha1(bytes(n), bytes(e)).readBigUInt64LE(12);
        const { fingerprints } = await exchange.requestPq();
        assert.ok(fingerprints.includes(expected), 'another key is offered');
        for (const fingerprint of fingerprints) assert.notEqual(fingerprint >> 60n, 0n);
        assert.equal(gateway.fingerprint, expected);
      }),
    },
    {
      name: 'server_DH_inner_data: right hash, known safe prime, sound and fresh g_a, our time',
      run: async () => {
        const seen = new Set<string>();
        for (let i = 0; i < 4; i++) {
          await exchangeWith(gateway, 'pad', async (exchange) => {
            await untilDhParams(exchange);
            assert.deepEqual({ hash: exchange.serverInner.hashRight, whole: exchange.serverInner.paddingBytes < 16 }, { hash: true, whole: true });
            assert.equal(createHash('sha256').update(exchange.prime).digest('hex'), KNOWN_PRIME_SHA256, 'not the prime that clients know');
            assert.ok([2, 3, 4, 5, 6, 7].includes(exchange.generator));
            const value = bigEndian(exchange.serverValue);
            assert.ok(value >= MARGIN && value <= prime(exchange) - MARGIN, 'g_a is out of range');
            assert.ok(Math.abs(exchange.serverTime - Date.now() / 1_000) < 5, 'server_time is off');
            seen.add(exchange.serverValue.toString('hex'));
          });
        }
        assert.equal(seen.size, 4, 'g_a repeats');
      },
    },
  ];
}

function orderRows(gateway: Gateway): Row[] {
  const oneStep = (name: string, task: (exchange: KeyExchange) => Promise<void>): Row => ({ name, run: () => exchangeWith(gateway, 'pad', task) });
  return [
    oneStep('req_DH_params before req_pq is refused', async (exchange) => {
      const pq = await exchangeWith(gateway, 'pad', (other) => other.requestPq());
      mustRefuse('it', await exchange.ask(exchange.dhQuery(pq)));
    }),
    oneStep('server_nonce of another connection is refused', async (exchange) => {
      const own = await exchange.requestPq();
      const other = await exchangeWith(gateway, 'pad', (another) => another.requestPq(HANDSHAKE.reqPqMulti, own.nonce));
      mustRefuse('it', await exchange.ask(exchange.dhQuery(other)));
    }),
    oneStep('server_nonce of an earlier req_pq is refused', async (exchange) => {
      const earlier = await exchange.requestPq();
      await exchange.requestPq(HANDSHAKE.reqPqMulti, earlier.nonce);
      mustRefuse('it', await exchange.ask(exchange.dhQuery(earlier)));
    }),
    oneStep('req_DH_params serves once', async (exchange) => {
      const { pq } = await untilDhParams(exchange);
      mustRefuse('the second', await exchange.ask(exchange.dhQuery(pq)));
      mustRefuse('set_client_DH_params after it', await exchange.ask(exchange.clientDhQuery(pq, exchange.half().value)));
    }),
    oneStep('set_client_DH_params before req_DH_params is refused', async (exchange) => {
      const pq = await exchange.requestPq();
      mustRefuse('it', await exchange.ask(Buffer.concat([int32(HANDSHAKE.setClientDh), pq.nonce, pq.serverNonce, tlBytes(randomBytes(336))])));
    }),
    oneStep('a finished handshake is over: server_nonce serves once', async (exchange) => {
      const { pq } = await untilDhParams(exchange);
      const { exponent, value } = exchange.half();
      const query = exchange.clientDhQuery(pq, value);
      const done = await exchange.ask(query);
      assert.ok(done.body, says(done));
      exchange.finish(pq, exponent, done.body);
      mustRefuse('the same query again', await exchange.ask(query));
      mustRefuse('req_DH_params', await exchange.ask(exchange.dhQuery(pq)));
    }),
    ...[['ping', int32(0x7abe77ec)], ['help.getConfig', int32(0xc4f9186b)], ['msgs_ack', int32(0x62d6b459)], ['nothing known', int32(0xdeadbeef)], ['an empty body', Buffer.alloc(0)]].map(([name, body]) =>
      oneStep(`unencrypted: ${name as string} is refused`, async (exchange) => {
        const pq = await exchange.requestPq();
        mustRefuse('it', await exchange.ask(Buffer.concat([body as Buffer, Buffer.alloc((body as Buffer).length === 0 ? 0 : 8)])));
        mustRefuse('the right query after it', await exchange.ask(exchange.dhQuery(pq)));
      })),
    oneStep('unencrypted: a length that lies ends the connection', async (exchange) => {
      exchange.wire.send(Buffer.concat([Buffer.alloc(16), int32(4_000), Buffer.alloc(20)]));
      await exchange.wire.whenClosed();
      assert.equal(exchange.wire.bytesIn, 0, 'something was answered');
    }),
    oneStep('every truncation of each query is refused', async (exchange) => {
      const lengths = (query: Buffer): number[] => Array.from({ length: query.length / 4 }, (_, index) => index * 4);
      for (const length of lengths(Buffer.alloc(20))) mustRefuse(`${length} bytes of req_pq`, await exchange.ask(Buffer.concat([int32(HANDSHAKE.reqPq), randomBytes(16)]).subarray(0, length)));
      const probe = exchange.dhQuery(await exchange.requestPq());
      for (const length of lengths(probe)) {
        const pq = await exchange.requestPq();
        mustRefuse(`${length} bytes of req_DH_params`, await exchange.ask(exchange.dhQuery(pq).subarray(0, length)));
      }
    }),
    oneStep('up to 256 bytes behind a query are padding (TDLib), more are refused', async (exchange) => {
      const padded = await exchange.ask(Buffer.concat([exchange.dhQuery(await exchange.requestPq()), randomBytes(TDLIB_PADDING_BYTES)]));
      assert.ok(padded.body, says(padded));
      mustRefuse('more', await exchange.ask(Buffer.concat([exchange.dhQuery(await exchange.requestPq()), randomBytes(TDLIB_PADDING_BYTES + 4)])));
      mustRefuse('req_pq with more', await exchange.ask(Buffer.concat([int32(HANDSHAKE.reqPq), randomBytes(16), Buffer.alloc(TDLIB_PADDING_BYTES + 4)])));
    }),
    oneStep('more queries at once than a connection may have waiting are refused, not kept', async (exchange) => {
      for (let i = 0; i < 200; i++) exchange.tell(Buffer.concat([int32(HANDSHAKE.reqPq), randomBytes(16)]));
      const answers: Answer[] = [];
      for (let i = 0; i < 200; i++) answers.push(await exchange.answer());
      const refused = answers.filter(({ error }) => error === REFUSED).length;
      assert.ok(refused > 0, 'all 200 were kept');
      await mustWork(gateway, await exchange.run());
    }),
  ];
}

function lastingRows(gateway: Gateway): Row[] {
  return [
    {
      name: 'a handshake that takes longer than a minute is refused',
      patient: true,
      run: async () => {
        // A connection that has said nothing valid is closed by then; one with an encrypted packet behind it is not.
        const session = await Session.open(gateway, await makeKey(gateway));
        await session.ping();
        const { wire } = session;
        wire.onFrame = undefined;
        const exchange = new KeyExchange(wire, gateway);
        const pq = await exchange.requestPq();
        await new Promise((resolve) => setTimeout(resolve, HANDSHAKE_AGE_MS));
        mustRefuse('req_DH_params after it', await exchange.ask(exchange.dhQuery(pq)));
        mustRefuse('the same again', await exchange.ask(exchange.dhQuery(pq)));
        session.close();
      },
    },
    {
      name: 'a temporary key ends with expires_in',
      patient: true,
      run: async () => {
        const key = await makeKey(gateway, { expiresIn: 3 });
        const session = await Session.open(gateway, key);
        await session.ping();
        await new Promise((resolve) => setTimeout(resolve, 4_200));
        session.send(Buffer.alloc(12));
        await session.untilSome('the transport error', () => session.transportErrors[0]);
        assert.deepEqual(session.transportErrors, [REFUSED]);
        session.close();
      },
    },
  ];
}

/** protocol.md sections 1 and 6. dh_gen_retry needs two keys of one id: libs/mtproto proves it with a key store that says so. */
export function handshakeRows(gateway: Gateway): Row[] {
  return [...acceptedRows(gateway), ...serverRows(gateway), ...REFUSED_DH.map((row) => row(gateway)), ...REFUSED_CLIENT_DH.map((row) => row(gateway)), ...orderRows(gateway), ...lastingRows(gateway)];
}
