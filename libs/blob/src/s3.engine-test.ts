import { createHash, randomUUID } from 'node:crypto';
import { ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';
import { eventually } from '@heliograph/testing/eventually';
import { openTcpProxy, type TapConnection, type TcpProxy } from '@heliograph/testing/tcp-proxy';
import type { Blob } from './blob';
import { describeBlobContract } from './contract';
import { BlobUnavailable } from './errors';
import { ATTEMPTS_COUNT_MAX, PART_BYTES_MIN, UPLOAD_IDLE_MS } from './limits';
import { openS3, type S3BlobOptions } from './s3';

/** The real engine: HELIOGRAPH_S3_*, as for a service. Keys of this suite have names of their own; what else is there stays. */
const setting = (name: string, otherwise: string): string => process.env[`HELIOGRAPH_S3_${name}`] ?? otherwise;
const options = {
  endpoint: setting('ENDPOINT', 'http://127.0.0.1:7070'), bucket: setting('BUCKET', 'heliograph'), region: setting('REGION', 'us-east-1'), accessKey: setting('ACCESS_KEY', ''), secretKey: setting('SECRET_KEY', ''),
} satisfies S3BlobOptions;
const server = { host: new URL(options.endpoint).hostname, port: Number(new URL(options.endpoint).port) };

describeBlobContract('s3', async () => ({ blob: await openS3(options), reopen: () => openS3(options) }));

describe('s3, hurt', () => {
  let proxy: TcpProxy;
  let blob: Blob;
  let key: string;
  beforeEach(async () => {
    key = randomUUID();
    proxy = await openTcpProxy({ target: server });
    blob = await openS3({ ...options, endpoint: `http://127.0.0.1:${proxy.port}` });
  });
  afterEach(async () => {
    await blob.close();
    await proxy.close();
  });
  const body = Buffer.alloc(3 * 1024 * 1024, 'some content ');

  test('a connection that breaks in the middle of a body, either way, costs an attempt and no more', async () => {
    for (const way of ['there', 'back'] as const) {
      let passed = 0;
      let breaks = 2;
      proxy.tap({
        [way]: (chunk: Buffer, connection: TapConnection) => {
          passed += chunk.length;
          if (passed < 1_000_000 || breaks === 0) return true;
          passed = 0;
          breaks -= 1;
          connection.reset();
          return false;
        },
      });
      await blob.put(key, body);
      expect(Buffer.compare(await blob.get(key) as Uint8Array, body)).toBe(0);
      expect(breaks).toBe(0);
    }
  }, 20_000);

  test('a body that is damaged on its way never becomes an object', async () => {
    await blob.put(key, Buffer.from('before'));
    proxy.tap({
      there: (chunk) => {
        // Behind the headers of the request.
        if (chunk.length > 10_000) chunk[chunk.length - 1] = (chunk[chunk.length - 1] as number) ^ 1;
      },
    });
    await expect(blob.put(key, body)).rejects.toBeInstanceOf(BlobUnavailable);
    const upload = await blob.startMultipart(key);
    await expect(blob.putPart(key, upload, 1, body)).rejects.toBeInstanceOf(BlobUnavailable);
    proxy.tap(undefined);
    expect(Buffer.from(await blob.get(key) as Uint8Array).toString()).toBe('before');
  }, 20_000);

  test('an upload whose completion got no answer is completed by asking again', async () => {
    const upload = await blob.startMultipart(key);
    const tag = await blob.putPart(key, upload, 1, body);
    let lost = 0;
    let asked = '';
    proxy.tap({
      there: (chunk) => {
        asked = chunk.toString('latin1').split(' ', 1)[0] as string;
      },
      back: (_chunk, connection) => {
        if (asked !== 'POST' || lost > 0) return true;
        lost += 1;
        connection.reset();
        return false;
      },
    });
    await blob.completeMultipart(key, upload, [{ part: 1, tag }]);
    expect(lost).toBe(1);
    expect(createHash('sha1').update(await blob.get(key) as Uint8Array).digest('hex')).toBe(createHash('sha1').update(body).digest('hex'));
  });

  test('a server that is gone: a failure soon, few attempts, and all is well when it is back', async () => {
    // What an opening sweeps would be attempts, too.
    await blob.close();
    const listing = new Set<TapConnection>();
    let swept = false;
    proxy.tap({
      there: (chunk, connection) => { if (/^GET [^ ]*[?&]uploads/.test(chunk.toString('latin1'))) listing.add(connection); },
      back: (_chunk, connection) => { swept ||= listing.has(connection); },
    });
    blob = await openS3({ ...options, endpoint: `http://127.0.0.1:${proxy.port}` });
    await eventually(() => swept, { what: 'the sweep of old uploads' });
    proxy.tap(undefined);
    await blob.put(key, Buffer.from('kept'));
    proxy.refuse(true);
    proxy.reset();
    const { came } = proxy;
    const began = performance.now();
    await expect(blob.get(key)).rejects.toBeInstanceOf(BlobUnavailable);
    await expect(blob.put(key, body)).rejects.toBeInstanceOf(BlobUnavailable);
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(proxy.came - came).toBeGreaterThan(ATTEMPTS_COUNT_MAX);
    expect(proxy.came - came).toBeLessThanOrEqual(2 * ATTEMPTS_COUNT_MAX);
    // In trouble, repeated attempts end with their budget.
    await Promise.all(Array.from({ length: 60 }, () => expect(blob.get(key)).rejects.toBeInstanceOf(BlobUnavailable)));
    expect(proxy.came - came).toBeLessThan(2 * ATTEMPTS_COUNT_MAX + 60 + 20);
    proxy.clear();
    expect(Buffer.from(await blob.get(key) as Uint8Array).toString()).toBe('kept');
  }, 20_000);

  test('a server that hangs is given up; closing does not wait for it', async () => {
    proxy.set({ cut: true });
    const reading = blob.get(key).then(() => 'answered', (error: Error) => error.name);
    await eventually(() => proxy.connections > 0, { what: 'the request' });
    await blob.close();
    expect(await reading).toBe('BlobUnavailable');
    await expect(blob.put(key, body)).rejects.toBeInstanceOf(BlobUnavailable);
    proxy.clear();
  });

  test('an upload that nobody goes on with is swept, a younger one is not', async () => {
    const [upload, other] = [await blob.startMultipart(key), await blob.startMultipart(`${key} other`)];
    await blob.putPart(key, upload, 1, body);
    await blob.putPart(`${key} other`, other, 1, body);
    const soon = await openS3({ ...options, now: () => Date.now() + UPLOAD_IDLE_MS - 60_000 });
    const told: object[] = [];
    const later = await openS3({ ...options, now: () => Date.now() + UPLOAD_IDLE_MS + 60_000, log: { info: (fields) => void told.push(fields), warn: (fields) => void told.push(fields) } });
    await eventually(() => told.length > 0, { what: 'the sweep' });
    await soon.close();
    await later.close();
    await expect(blob.putPart(key, upload, 2, body)).rejects.toThrow('no such upload');
    await expect(blob.putPart(`${key} other`, other, 2, Buffer.alloc(PART_BYTES_MIN))).rejects.toThrow('no such upload');
    const client = new S3Client({ endpoint: options.endpoint, region: options.region, forcePathStyle: true, credentials: { accessKeyId: options.accessKey, secretAccessKey: options.secretKey } });
    expect((await client.send(new ListMultipartUploadsCommand({ Bucket: options.bucket }))).Uploads ?? []).toEqual([]);
    client.destroy();
  });
});

describe('s3, refused at the start', () => {
  const refusal = async (changed: Partial<S3BlobOptions>): Promise<Error> => {
    const outcome = await openS3({ ...options, ...changed }).then(() => new Error('opened'), (error: Error) => error);
    if (changed.secretKey !== undefined && changed.secretKey !== '') expect(outcome.message).not.toContain(changed.secretKey);
    return outcome;
  };

  test.each([
    ['a bucket that is not there', { bucket: 'no-such-bucket-here' }, 'HELIOGRAPH_S3_BUCKET'],
    ['no bucket', { bucket: '' }, 'HELIOGRAPH_S3_BUCKET'],
    ['a wrong secret', { secretKey: 'wrong-s3cret' }, 'HELIOGRAPH_S3_SECRET_KEY'],
    ['an unknown key', { accessKey: 'nobody', secretKey: 'wrong-s3cret' }, 'HELIOGRAPH_S3_ACCESS_KEY'],
    ['half of the keys', { secretKey: undefined }, 'HELIOGRAPH_S3_SECRET_KEY'],
    ['another region', { region: 'eu-nowhere-7' }, 'HELIOGRAPH_S3_REGION'],
    ['no region', { region: '' }, 'HELIOGRAPH_S3_REGION'],
    ['no address', { endpoint: 'localhost' }, 'HELIOGRAPH_S3_ENDPOINT'],
  ])('%s', async (_what, changed, told) => {
    expect(await refusal(changed)).toMatchObject({ name: 'BlobRefused', message: expect.stringContaining(told) });
  });

  test('nobody there, soon', async () => {
    const began = performance.now();
    expect(await refusal({ endpoint: 'http://127.0.0.1:1' })).toMatchObject({ name: 'BlobUnavailable', message: expect.stringContaining('HELIOGRAPH_S3_ENDPOINT') });
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});
