import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { eventually } from '@heliograph/testing/eventually';
import { type DirectWriter, writeDirectly, writeHandle } from './direct-writes';
import { DIRECT_WRITE_BYTES_MAX } from './limits';

let server: Server;
let here: Socket;
let there: Socket;
let writer: DirectWriter;

beforeEach(async () => {
  const accepted = new Promise<Socket>((resolve) => {
    server = createServer((socket) => resolve(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  there = connect((server.address() as AddressInfo).port, '127.0.0.1');
  there.on('error', () => undefined);
  here = await accepted;
  writer = { socket: here, handle: writeHandle(here), directBytes: 0, streaming: false };
});

afterEach(() => {
  here.destroy();
  there.destroy();
  server.close();
});

/** Numbered bytes, so that any loss or change of order shows. */
function numbered(from: number, words: number): Buffer {
  const bytes = Buffer.alloc(4 * words);
  for (let index = 0; index < words; index += 1) bytes.writeUInt32LE(from + index, 4 * index);
  return bytes;
}

test('this Node lets bytes go past the stream', () => {
  expect(writer.handle).toBeDefined();
});

test('what is written directly and through the stream comes in its order, however slowly it is read', async () => {
  there.pause();
  let words = 0;
  let direct = 0;
  let waited = 0;
  // Far more than the system's buffers take: some direct writes are taken in part, and the stream goes on behind them.
  for (let round = 0; round < 40_000; round += 1) {
    const bytes = numbered(words, 64 + (round % 300));
    words += bytes.byteLength / 4;
    if (writeDirectly(writer, bytes)) direct += 1;
    else {
      writer.streaming = true;
      here.write(bytes);
    }
    if (writer.directBytes > 0) waited += 1;
  }
  expect(direct).toBeGreaterThan(1);
  expect(waited).toBeGreaterThan(0);
  expect(here.writableLength).toBeGreaterThan(0);
  let next = 0;
  let rest = Buffer.alloc(0);
  let fault: number | undefined;
  there.on('data', (chunk: Buffer) => {
    const bytes = Buffer.concat([rest, chunk]);
    let at = 0;
    for (; at + 4 <= bytes.byteLength; at += 4) if (bytes.readUInt32LE(at) !== next++) fault ??= next;
    rest = bytes.subarray(at);
  });
  there.resume();
  await eventually(() => next === words, { timeoutMs: 20_000 });
  expect([fault, writer.directBytes]).toEqual([undefined, 0]);
  expect(writeDirectly(writer, numbered(0, 1))).toBe(true);
});

test('many bytes go through the stream, whose books they are in', () => {
  expect(writeDirectly(writer, Buffer.alloc(DIRECT_WRITE_BYTES_MAX + 1))).toBe(false);
});

test('a write to a socket that is over ends it, and is no crash', async () => {
  let failed = 0;
  here.on('error', () => { failed += 1; });
  there.resetAndDestroy();
  await eventually(() => {
    writeDirectly(writer, Buffer.alloc(64));
    return here.destroyed;
  });
  expect(writeDirectly(writer, Buffer.alloc(64))).toBe(true);
  expect(failed).toBeLessThanOrEqual(1);
});
