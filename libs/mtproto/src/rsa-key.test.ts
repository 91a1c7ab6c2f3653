import { createHash, generateKeyPairSync } from 'node:crypto';
import { fingerprintHex, generateRsaKey, readRsaKey } from './rsa-key';

// Telegram's published key of the production data centers and its fingerprint. Source: core.telegram.org/api/obtaining_api_id
const PUBLISHED_MODULUS = 'e8bb3305c0b52c6cf2afdf7637313489e63e05268e5badb601af417786472e5f93b85438968e20e6729a301c0afc121bf7151f834436f7fda680847a66bf64accec78ee21c0b316f0edafe2f41908da7bd1f4a5107638eeb67040ace472a14f90d9f7c2b7def99688ba3073adb5750bb02964902a359fe745d8170e36876d4fd8a5d41b2a76cbff9a13267eb9580b2d06d10357448d20d9da2191cb5d8c93982961cdfdeda629e37f1fb09a0722027696032fe61ed663db7a37f6f263d370f69db53a0dc0a1748bdaaff6209d5645485e6e001d1953255757e4b8e42813347b11da6ab500fd0ace7e6dfa3736199ccaf9397ed0745a427dcfa6cd67bcb1acff3';
const PUBLISHED_FINGERPRINT = 'd09d1d85de64fd85';

test('a fingerprint is that of the TL bytes of modulus and exponent', () => {
  const n = Buffer.from(PUBLISHED_MODULUS, 'hex');
  const bytes = Buffer.concat([Buffer.from([254, 0, 1, 0]), n, Buffer.from([3, 1, 0, 1])]);
  expect(fingerprintHex(createHash('sha1').update(bytes).digest().readBigUInt64LE(12))).toBe(PUBLISHED_FINGERPRINT);
});

test('a generated key is read back, has PKCS#1 texts and a fingerprint without a leading zero', async () => {
  const key = await generateRsaKey();
  expect(key.publicPem).toMatch(/^-----BEGIN RSA PUBLIC KEY-----\n/);
  expect(key.privatePem).toMatch(/^-----BEGIN RSA PRIVATE KEY-----\n/);
  expect(fingerprintHex(key.fingerprint)).toMatch(/^[1-9a-f][0-9a-f]{15}$/);
  expect(readRsaKey(key.privatePem)).toEqual(key);
});

test('a key in PKCS#8 is read too', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048, privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'pkcs1', format: 'pem' } });
  expect(readRsaKey(privateKey).privatePem).toMatch(/^-----BEGIN RSA PRIVATE KEY-----\n/);
});

test.each([
  ['no key at all', 'nonsense', /PEM/],
  ['too few bits', generateKeyPairSync('rsa', { modulusLength: 1_024, privateKeyEncoding: { type: 'pkcs1', format: 'pem' }, publicKeyEncoding: { type: 'pkcs1', format: 'pem' } }).privateKey, /2048 bits/],
  ['another kind', generateKeyPairSync('ed25519', { privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } }).privateKey, /2048 bits/],
])('%s says what to do', (_, pem, message) => expect(() => readRsaKey(pem)).toThrow(message));
