import assert from 'node:assert/strict';
import fc from 'fast-check';
import { randomInt } from 'node:crypto';
import { findError } from '@heliograph/tl/catalogue';
import { begun, encode, Person } from '../client/person';
import { describe, MESSAGE, type Outcome } from '../client/session';
import { VECTOR, int32, int64, tlBytes } from '../client/tl-bytes';
import { definitionOf, implementedMethods } from '../requests/definitions';
import { encodeMarked } from '../requests/marked-encoder';
import { Mutator, MUTATIONS } from '../requests/mutator';
import type { Row } from '../report';
import type { Stage } from '../stage';
import { inTurns, openCast, samplesOf, type Cast } from './access';

const FUZZ_REQUESTS = 24_000;
const FUZZ_REQUESTS_SHORT = 6_000;
/** Fuzzed queries under way at once. */
const FUZZ_AT_ONCE = 64;
/** What the process may grow by while it is fuzzed. */
const FUZZ_GROWTH_BYTES_MAX = 200 * 1_048_576;
/** Milliseconds that one malformed query may take, on a busy machine. */
const MALFORMED_MS_MAX = 1_500;

const PEER_USER_FROM_MESSAGE = 0xa87b0a1c;
const idOf = (name: string, method = false): number => definitionOf(name, method).id;

/** Types of errors that aren't in the catalogue of the pinned package: Telegram's newer ones, NOT_IMPLEMENTED by DESIGN section 6, and those that carry an id. */
const BESIDE_CATALOGUE = [
  /^NOT_IMPLEMENTED$/, /^INPUT_METHOD_INVALID_\d+$/, /^INPUT_CONSTRUCTOR_INVALID_[0-9A-F]{8}$/, /^INPUT_FETCH_ERROR$/, /^INPUT_REQUEST_INVALID$/,
  /^(CHATLISTS|INVITE_PEERS)_TOO_MUCH$/, /^INVITE_SLUG_EXPIRED$/,
  /^(BIRTHDAY|EFFECT_ID|EXPIRES_AT|PARENT_PEER|QUOTE_TEXT|REPLY_MESSAGE_ID)_INVALID$/, /^(BLOCKED|CONTACTS|DIALOG_FILTERS|FILTER_INCLUDE)_TOO_MUCH$/,
];

/** What is wrong with an answer to a hostile query; undefined when it is fine. */
export function faultOf(outcome: Outcome): string | undefined {
  if (outcome.error === undefined) return undefined;
  const { code, type } = outcome.error;
  if (code < 300 || code >= 500) return `${code} ${type}`;
  if (type === 'INTERNAL') return 'a defect inside';
  return findError(type) === undefined && !BESIDE_CATALOGUE.some((pattern) => pattern.test(type)) ? `an error that nobody knows: ${code} ${type}` : undefined;
}

/** inputPeerUserFromMessage in itself: `depth` of them around an empty peer. */
function nestedPeer(depth: number): Buffer {
  const wraps = Array.from({ length: depth }, () => int32(PEER_USER_FROM_MESSAGE));
  const tails = Array.from({ length: depth }, () => Buffer.concat([int32(1), int64(2n)]));
  return Buffer.concat([...wraps, int32(idOf('inputPeerEmpty')), ...tails]);
}

function malformedRows(stage: Stage, cast: Cast): Row[] {
  const { mallory } = cast;
  const samples = samplesOf(cast);
  const answered = (name: string, query: () => Buffer, expected: string | RegExp): Row => ({
    name: `${name}: ${expected instanceof RegExp ? expected.source : expected}`,
    run: async () => {
      const started = performance.now();
      const outcome = await mallory.raw(query(), 20_000);
      if (expected instanceof RegExp) assert.match(describe(outcome), expected);
      else assert.equal(describe(outcome), expected);
      assert.ok(performance.now() - started < MALFORMED_MS_MAX, `it took ${Math.round(performance.now() - started)} ms`);
      await mallory.session.ping();
    },
  });
  const fetchError = '400 INPUT_FETCH_ERROR';
  const method = (name: string): Buffer => int32(idOf(name, true));
  const vector = (count: number, ...elements: Buffer[]): Buffer => Buffer.concat([int32(VECTOR), int32(count), ...elements]);
  const getHistory = (peer: Buffer): Buffer => Buffer.concat([method('messages.getHistory'), peer, Buffer.alloc(6 * 4 + 8)]);
  const constructorInvalid = (id: number): string => `400 INPUT_CONSTRUCTOR_INVALID_${id.toString(16).toUpperCase().padStart(8, '0')}`;
  const resolve = (username: Buffer): Buffer => Buffer.concat([method('contacts.resolveUsername'), int32(0), username]);
  const badText = (bytes: number[]): Buffer => resolve(tlBytes(Buffer.from([97, 98, ...bytes, 99])));
  return [
    ...[0x7fffffff, 0xffffffff, 0x80000000, 0x20000000, 1_000_000, 2].flatMap((count) => [
      answered(`Vector<InputUser> of ${count | 0}`, () => Buffer.concat([method('users.getUsers'), vector(count, int32(idOf('inputUserSelf')))]), fetchError),
      answered(`Vector<long> of ${count | 0}`, () => Buffer.concat([method('messages.getCustomEmojiDocuments'), vector(count, int64(1n))]), fetchError),
    ]),
    answered('Vector<string> of 2³¹−1', () => Buffer.concat([method('contacts.deleteByPhones'), vector(0x7fffffff, tlBytes('1'))]), fetchError),
    answered('Vector<int> of 2³⁰, whose bytes overflow 32 bits', () => Buffer.concat([method('messages.getMessagesViews'), int32(idOf('inputPeerSelf')), vector(0x40000000, int32(1))]), fetchError),
    answered('a vector without its constructor', () => Buffer.concat([method('users.getUsers'), int32(0x12345678), int32(0)]), fetchError),
    answered('200,000 elements that are there', () => Buffer.concat([method('users.getUsers'), vector(200_000, Buffer.alloc(800_000, int32(idOf('inputUserSelf'))))]), /^400 /),
    answered('100,000 longs that are there', () => Buffer.concat([method('messages.getCustomEmojiDocuments'), vector(100_000, Buffer.alloc(800_000, 7))]), /^(400 |a result)/),
    answered('10 levels deep', () => getHistory(nestedPeer(10)), '400 PEER_ID_INVALID'),
    answered('17 levels deep', () => getHistory(nestedPeer(17)), fetchError),
    answered('1,000 levels deep', () => getHistory(nestedPeer(1_000)), fetchError),
    answered('60,000 levels deep', () => getHistory(nestedPeer(60_000)), fetchError),
    answered('17 wrappers around a query', () => Buffer.concat([...Array.from({ length: 17 }, () => Buffer.concat([int32(MESSAGE.invokeWithLayer), int32(229)])), encode('help.getNearestDc', {})]), fetchError),
    answered('100,000 wrappers', () => Buffer.concat([Buffer.alloc(800_000, Buffer.concat([int32(MESSAGE.invokeWithLayer), int32(229)])), encode('help.getNearestDc', {})]), fetchError),
    answered('JSON 1,000 levels deep in initConnection', () => Buffer.concat([
      int32(MESSAGE.initConnection), int32(2), int32(1), ...Array.from({ length: 6 }, () => tlBytes('x')), ...Array.from({ length: 1_000 }, () => Buffer.concat([int32(0xf7444763), vector(1)])), int32(0x3f6d7b68), encode('help.getNearestDc', {}),
    ]), fetchError),
    answered('JSON with 2³¹ elements in initConnection', () => Buffer.concat([
      int32(MESSAGE.initConnection), int32(2), int32(1), ...Array.from({ length: 6 }, () => tlBytes('x')), int32(0xf7444763), vector(0x80000000), encode('help.getNearestDc', {}),
    ]), fetchError),
    answered('65 ids in invokeAfterMsgs', () => Buffer.concat([int32(MESSAGE.invokeAfterMsgs), vector(65, Buffer.alloc(65 * 8)), encode('help.getNearestDc', {})]), fetchError),
    answered('a Bool where an InputPeer stands', () => getHistory(int32(MESSAGE.boolTrue)), constructorInvalid(MESSAGE.boolTrue)),
    answered('an InputUser where an InputPeer stands', () => getHistory(int32(idOf('inputUserSelf'))), constructorInvalid(idOf('inputUserSelf'))),
    answered('a user where an InputUser stands', () => Buffer.concat([method('users.getUsers'), vector(1, int32(idOf('user')), Buffer.alloc(64))]), constructorInvalid(idOf('user'))),
    answered('a method where an InputPeer stands', () => getHistory(method('help.getConfig')), constructorInvalid(idOf('help.getConfig', true))),
    answered('a vector where an InputPeer stands', () => getHistory(int32(VECTOR)), constructorInvalid(VECTOR)),
    answered('a constructor of nothing', () => getHistory(int32(0xdeadbeef)), constructorInvalid(0xdeadbeef)),
    answered('constructor 0', () => getHistory(int32(0)), constructorInvalid(0)),
    answered('an internal constructor of the server', () => getHistory(int32(idOf('heliograph.messageContent'))), constructorInvalid(idOf('heliograph.messageContent'))),
    answered('an InputPeer where a Bool stands', () => Buffer.concat([method('account.updateStatus'), int32(idOf('inputPeerSelf'))]), fetchError),
    answered('an InputPeer where an InputUser stands (kurigram) is taken', () => Buffer.concat([method('users.getFullUser'), int32(idOf('inputPeerSelf'))]), /^a result/),
    answered('a method of nothing', () => Buffer.concat([int32(0xdeadbeef), Buffer.alloc(8)]), `400 INPUT_METHOD_INVALID_${0xdeadbeef}`),
    answered('a constructor where a method stands', () => int32(idOf('inputPeerSelf')), `400 INPUT_METHOD_INVALID_${idOf('inputPeerSelf')}`),
    answered('bytes behind a query', () => Buffer.concat([encode('help.getNearestDc', {}), Buffer.alloc(4)]), fetchError),
    answered('a megabyte of bytes behind a query', () => Buffer.concat([encode('updates.getState', {}), Buffer.alloc(1_000_000)]), fetchError),
    answered('a wrapper around nothing', () => Buffer.concat([int32(MESSAGE.invokeWithLayer), int32(229)]), fetchError),
    answered('text that isn\'t UTF-8: a lone continuation', () => badText([0x80]), fetchError),
    answered('text that isn\'t UTF-8: an overlong slash', () => badText([0xc0, 0xaf]), fetchError),
    answered('text that isn\'t UTF-8: a surrogate', () => badText([0xed, 0xa0, 0x80]), fetchError),
    answered('text that isn\'t UTF-8: above U+10FFFF', () => badText([0xf4, 0x90, 0x80, 0x80]), fetchError),
    answered('text that isn\'t UTF-8: cut short', () => resolve(tlBytes(Buffer.from([97, 98, 0xe2, 0x82]))), fetchError),
    answered('text that isn\'t UTF-8 in initConnection', () => Buffer.concat([int32(MESSAGE.initConnection), int32(0), int32(1), tlBytes(Buffer.from([0xff])), ...Array.from({ length: 5 }, () => tlBytes('x')), encode('help.getNearestDc', {})]), fetchError),
    answered('a string of 16 MB that isn\'t there', () => resolve(Buffer.from([254, 255, 255, 255])), fetchError),
    answered('a string whose first byte is 255', () => resolve(Buffer.from([255, 0, 0, 0])), fetchError),
    answered('a user id beyond 2⁵³', () => getHistory(Buffer.concat([int32(idOf('inputPeerUser')), int64(0x7fffffffffffffffn), int64(1n)])), '400 PEER_ID_INVALID'),
    answered('a negative user id', () => getHistory(Buffer.concat([int32(idOf('inputPeerUser')), int64(-1n), int64(1n)])), '400 PEER_ID_INVALID'),
    {
      name: 'every truncation of a request of every implemented method is malformed, and the connection lives',
      run: async () => {
        const queries = implementedMethods().flatMap(({ name }) => {
          const { bytes } = encodeMarked(samples.request(name));
          return Array.from({ length: bytes.length / 4 - 1 }, (_, index) => ({ name, query: bytes.subarray(0, 4 + 4 * index), whole: bytes.length }));
        });
        const outcomes = await inTurns(queries, async (query) => ({ ...query, outcome: await mallory.raw(query.query) }));
        const wrong = outcomes.filter(({ outcome, name, query }) => outcome.error?.code !== 400 && !(name === 'auth.importBotAuthorization' && query.length === 0));
        assert.deepEqual(wrong.map(({ name, query, whole, outcome }) => `${name}, ${query.length} of ${whole} bytes: ${describe(outcome)}`), []);
        await mallory.session.ping();
        return `${queries.length} queries`;
      },
    },
    {
      name: 'bytes behind a request of every implemented method are malformed',
      run: async () => {
        const outcomes = await inTurns(implementedMethods(), async ({ name }) => ({ name, outcome: await mallory.raw(Buffer.concat([encodeMarked(samples.request(name)).bytes, int32(0)])) }));
        assert.deepEqual(outcomes.filter(({ outcome }) => describe(outcome) !== fetchError).map(({ name, outcome }) => `${name}: ${describe(outcome)}`), []);
      },
    },
    {
      name: 'an empty query, and one of four bytes of nothing, are refused alone',
      run: async () => {
        const { session } = mallory;
        const id = session.send(Buffer.alloc(0));
        await session.until('an error', ({ constructor, body }) => constructor === MESSAGE.rpcResult && body.readBigUInt64LE(4) === id);
        assert.equal(describe(await session.call(Buffer.alloc(4))), '400 INPUT_METHOD_INVALID_0');
      },
    },
    {
      name: 'malformed service messages are refused alone',
      run: async () => {
        const { session } = mallory;
        for (const constructor of [MESSAGE.ping, MESSAGE.pingDelay, MESSAGE.futureSaltsRequest, MESSAGE.stateRequest, MESSAGE.resendRequest, MESSAGE.destroySession, MESSAGE.dropAnswer, MESSAGE.gzipPacked]) {
          for (const tail of [Buffer.alloc(0), Buffer.alloc(64, 255)]) {
            const id = session.send(Buffer.concat([int32(constructor), tail]));
            await session.until('an error', ({ constructor: found, body }) => found === MESSAGE.rpcResult && body.readBigUInt64LE(4) === id);
          }
        }
        await session.ping();
        assert.equal(stage.system.memoryBytes() > 0, true);
      },
    },
  ];
}

/** Methods that would end the fuzzer's own login; they are fuzzed with a login of their own. */
const ENDS_LOGIN = new Set(['auth.logOut', 'auth.resetAuthorizations', 'account.resetAuthorization', 'auth.dropTempAuthKeys']);

function fuzzRows(stage: Stage, cast: Cast, short: boolean): Row[] {
  const runs = short ? FUZZ_REQUESTS_SHORT : FUZZ_REQUESTS;
  const fuzz = (name: string, open: () => Promise<Person>, methods: readonly string[], count: number): Row => ({
    name,
    run: async () => {
      const seed = Number(process.env['FUZZ_SEED'] ?? randomInt(0x7fffffff));
      const person = await open();
      const mutator = new Mutator(samplesOf(cast));
      const cases = fc.sample(fc.record({ method: fc.constantFrom(...methods), entropy: fc.integer(), mutations: fc.array(fc.constantFrom(...MUTATIONS), { maxLength: 3 }) }), { seed, numRuns: count });
      const before = stage.system.memoryBytes();
      let peak = before;
      const outcomes = new Map<string, number>();
      const faults: string[] = [];
      for (let start = 0; start < cases.length && faults.length === 0; start += FUZZ_AT_ONCE) {
        await Promise.all(cases.slice(start, start + FUZZ_AT_ONCE).map(async ({ method, entropy, mutations }, index) => {
          const query = mutator.query(method, entropy, mutations);
          const told = `seed ${seed}, case ${start + index}: ${method} with ${mutations.join(', ') || 'no mutation'}`;
          let outcome: Outcome;
          try {
            outcome = await person.raw(query, 30_000);
          } catch (error) {
            faults.push(`${told}: ${(error as Error).message}\n${query.toString('hex', 0, 400)}`);
            return;
          }
          const fault = faultOf(outcome);
          if (fault !== undefined) faults.push(`${told}: ${fault}\n${query.toString('hex', 0, 400)}`);
          const kind = outcome.error?.type.replace(/\d+$|_[0-9A-F]{8}$/, '_X') ?? 'a result';
          outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1);
        }));
        if (start % 1_024 === 0) peak = Math.max(peak, stage.system.memoryBytes());
        person.session.clear();
      }
      assert.deepEqual(faults, []);
      await person.session.ping();
      person.close();
      assert.ok(peak - before < FUZZ_GROWTH_BYTES_MAX, `the process grew by ${Math.round((peak - before) / 1_048_576)} MiB`);
      const results = outcomes.get('a result') ?? 0;
      assert.ok(results > 0 && results < cases.length, 'the fuzzer reaches nothing');
      return `seed ${seed}, ${cases.length} requests, ${results} of them valid, ${outcomes.size} kinds of answers, ${Math.round((peak - before) / 1_048_576)} MiB`;
    },
  });
  const implemented = implementedMethods().map(({ name }) => name);
  const withLogin = implemented.filter((name) => !ENDS_LOGIN.has(name) && !name.startsWith('auth.'));
  const loginFree = implemented.filter((name) => name.startsWith('auth.') || name.startsWith('help.') || name.startsWith('langpack.') || name === 'account.getPassword');
  return [
    fuzz('fuzz: mutated requests of every method, logged in', () => Person.signUp(stage.gateway, stage.phone(), 'Fuzzer'), withLogin, runs),
    fuzz('fuzz: mutated requests of the methods that need no login', () => Person.connect(stage.gateway), loginFree, runs / 6),
    fuzz('fuzz: mutated requests of the methods that end logins', () => Person.signUp(stage.gateway, stage.phone(), 'Fuzzed out'), [...ENDS_LOGIN], runs / 12),
    {
      name: 'fuzz: random bytes as queries',
      run: async () => {
        const person = cast.mallory;
        const seed = Number(process.env['FUZZ_SEED'] ?? randomInt(0x7fffffff));
        const cases = fc.sample(fc.uint8Array({ maxLength: 400 }), { seed, numRuns: runs / 12 });
        const outcomes = await inTurns(cases, (bytes) => person.session.call(begun(Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]))));
        assert.deepEqual(outcomes.filter((outcome) => outcome.error?.code !== 400).map(describe), [], `seed ${seed}`);
      },
    },
  ];
}

/** protocol.md section 3. */
export async function tlRows(stage: Stage, short: boolean): Promise<Row[]> {
  const cast = await openCast(stage);
  return [...malformedRows(stage, cast), ...fuzzRows(stage, cast, short)];
}
