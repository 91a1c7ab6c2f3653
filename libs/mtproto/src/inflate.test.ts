import { randomBytes } from 'node:crypto';
import { deflateSync, gzipSync } from 'node:zlib';
import { InflateError, Inflater } from './inflate';
import { INFLATE_IN_FLIGHT_BYTES_MAX, INFLATE_OUTPUT_BYTES_MAX, INFLATE_SYNC_BYTES_MAX } from './limits';

const failure = async (run: () => Promise<Buffer> | Buffer): Promise<string> => {
  try {
    await run();
    return 'none';
  } catch (error) {
    return error instanceof InflateError ? error.reason : String(error);
  }
};

describe.each([['gzip', gzipSync], ['zlib', (data: Buffer) => deflateSync(data)]] as const)('%s', (_, pack) => {
  test('is unpacked at once when it is small, on the thread pool when it is not', async () => {
    const inflater = new Inflater();
    const small = Buffer.from('small '.repeat(100));
    expect((inflater.inflate(pack(small)) as Buffer).equals(small)).toBe(true);
    const large = randomBytes(INFLATE_SYNC_BYTES_MAX * 3);
    const pending = inflater.inflate(pack(large));
    expect(pending).toBeInstanceOf(Promise);
    expect((await pending).equals(large)).toBe(true);
    const bulky = Buffer.alloc(500_000, 'x');
    const packed = pack(bulky);
    expect(packed.length).toBeLessThan(INFLATE_SYNC_BYTES_MAX);
    expect((await inflater.inflate(packed)).equals(bulky)).toBe(true);
    expect(inflater.inFlightBytes).toBe(0);
  });

  test('stops at the limit, however small the input', async () => {
    const inflater = new Inflater();
    const bomb = pack(Buffer.alloc(INFLATE_OUTPUT_BYTES_MAX + 1));
    expect(await failure(() => inflater.inflate(bomb))).toBe('too-long');
    expect(await failure(() => inflater.inflate(pack(Buffer.alloc(1_001)), 1_000))).toBe('too-long');
    expect(await inflater.inflate(pack(Buffer.alloc(1_000)), 1_000)).toHaveLength(1_000);
  });

  test('that is damaged is refused', async () => {
    const packed = pack(randomBytes(500));
    expect(await failure(() => new Inflater().inflate(packed.subarray(0, 100)))).toBe('damaged');
    expect(await failure(() => new Inflater().inflate(Buffer.concat([packed.subarray(0, 20), randomBytes(400)])))).toBe('damaged');
  });
});

test('anything else is refused', async () => {
  for (const bytes of [Buffer.alloc(0), Buffer.from([0x1f]), Buffer.from('plain text'), Buffer.alloc(50)]) expect(await failure(() => new Inflater().inflate(bytes))).toBe('damaged');
});

test('no more is unpacked at once than the budget', async () => {
  const inflater = new Inflater();
  const packed = deflateSync(randomBytes(50_000));
  const most = INFLATE_IN_FLIGHT_BYTES_MAX / INFLATE_OUTPUT_BYTES_MAX;
  const results = await Promise.all(Array.from({ length: most + 3 }, () => failure(() => inflater.inflate(packed))));
  expect(results.filter((result) => result === 'busy')).toHaveLength(3);
  expect(await failure(() => inflater.inflate(packed))).toBe('none');
});
