import { gzipSync } from 'node:zlib';
import { randomBytes } from 'node:crypto';
import { writeObject } from '@heliograph/tl/writer';
import { CONSTRUCTOR } from './domain/constructors';
import { bytesFieldSize, TlBytes } from './domain/tl-bytes';
import { SESSIONS_PER_KEY_MAX } from './limits';
import { type GatewayFixture, startGateway } from './testing/gateway-fixture';

jest.setTimeout(20_000);

let fixture: GatewayFixture;
beforeAll(async () => {
  fixture = await startGateway();
  fixture.services.on('help.getNearestDc', () => ({ _: 'nearestDc' as const, country: 'NL', this_dc: 2, nearest_dc: 2 }));
});
afterAll(() => fixture.close());

const NEAREST_DC = writeObject({ _: 'help.getNearestDc' }, 'newest');
const packed = (body: Uint8Array): Buffer => {
  const bytes = gzipSync(body);
  return new TlBytes(4 + bytesFieldSize(bytes.length)).uint32(CONSTRUCTOR.gzip_packed).bytesField(bytes).done();
};
const layered = (body: Uint8Array): Buffer => new TlBytes(8 + body.byteLength).uint32(CONSTRUCTOR.invokeWithLayer).uint32(229).raw(body).done();

test('nothing packed inside what was packed, wrappers between or not', async () => {
  const client = await fixture.client();
  expect(await client.error(client.send(packed(packed(NEAREST_DC))))).toBe('400 INPUT_FETCH_ERROR');
  expect(await client.error(client.send(packed(layered(packed(NEAREST_DC)))))).toBe('400 INPUT_FETCH_ERROR');
  await client.ping();
});

test('more sessions of one key than may be, over one connection: the oldest are forgotten, the connection lives', async () => {
  const client = await fixture.client();
  const ids = Array.from({ length: SESSIONS_PER_KEY_MAX + 20 }, () => randomBytes(8).readBigUInt64LE(0));
  for (const id of ids) {
    client.sessionId = id;
    client.seqNo = 0;
    await client.ping();
  }
  expect(client.closed).toBe(false);
});
