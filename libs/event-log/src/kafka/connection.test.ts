import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { eventually } from '@heliograph/testing/eventually';
import { LogRefused } from '../errors';
import { AnswerLate, Connection, ConnectionLost, type ConnectionOptions } from './connection';
import { CONNECT_TIMEOUT_MS } from './limits';
import { API_VERSIONS, LIST_OFFSETS, NEEDED, SASL_AUTHENTICATE, SASL_HANDSHAKE } from './requests';
import { WireReader, WireWriter } from './wire';

interface Asked {
  key: number;
  version: number;
  correlation: number;
  clientId: string;
  body: WireReader;
}

/** A broker's side of the wire. `answer` writes the body of an answer, or nothing to keep silent. */
class FakeServer {
  readonly asked: Asked[] = [];
  readonly sockets = new Set<Socket>();
  /** Bytes per write; Infinity: all at once. */
  pieces = Infinity;
  versions = new Map(NEEDED.map(({ key, version }) => [key, { lowest: 0, highest: version }]));
  answer: (asked: Asked, writer: WireWriter) => boolean = () => false;
  private readonly server: Server;

  constructor() {
    this.server = createServer((socket) => {
      this.sockets.add(socket);
      socket.on('error', () => {});
      let held = Buffer.alloc(0);
      socket.on('data', (chunk: Buffer) => {
        held = Buffer.concat([held, chunk]);
        while (held.length >= 4 && held.length >= 4 + held.readInt32BE(0)) {
          const body = new WireReader(held, 4, 4 + held.readInt32BE(0));
          held = held.subarray(4 + held.readInt32BE(0));
          const asked = { key: body.int16(), version: body.int16(), correlation: body.int32(), clientId: body.shortString(), body };
          this.asked.push(asked);
          this.respond(socket, asked);
        }
      });
    });
  }

  private respond(socket: Socket, asked: Asked): void {
    const writer = new WireWriter();
    const sizeAt = writer.placeInt32();
    writer.int32(asked.correlation);
    if (asked.key === API_VERSIONS.key && this.versions.size > 0) {
      writer.int16(0).int32(this.versions.size);
      for (const [key, { lowest, highest }] of this.versions) writer.int16(key).int16(lowest).int16(highest);
    } else if (asked.key === API_VERSIONS.key || !this.answer(asked, writer)) {
      return;
    }
    writer.setInt32(sizeAt, writer.position - 4);
    const bytes = writer.finish();
    for (let at = 0; at < bytes.length; at += this.pieces) socket.write(bytes.subarray(at, at + this.pieces));
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

let server: FakeServer;
let port: number;
beforeEach(async () => {
  server = new FakeServer();
  port = await server.listen();
});
afterEach(() => server.close());

const open = (options: Partial<ConnectionOptions> = {}): Promise<Connection> => Connection.open('127.0.0.1', port, { clientId: 'test', ...options }, {});
const question = { at: -1n, topics: [{ name: 't', partitions: [{ index: 3, leaderEpoch: 2 }] }] };
const ends = (asked: Asked, writer: WireWriter): boolean => {
  if (asked.key !== LIST_OFFSETS.key) return false;
  writer.noTags().int32(0).array([{ name: 't', offset: BigInt(asked.correlation) }], ({ name, offset }) => {
    writer.string(name).array([offset], (at) => writer.int32(3).int16(0).int64(-1n).int64(at).int32(0).noTags()).noTags();
  }).noTags();
  return true;
};

test.each([1, 3, 7, 4_096, Infinity])('answers in pieces of %s bytes find their questions', async (pieces) => {
  server.pieces = pieces;
  server.answer = ends;
  const connection = await open();
  const answers = await Promise.all(Array.from({ length: 20 }, () => connection.request(LIST_OFFSETS, question, 5_000)));
  expect(answers.map(({ topics }) => topics[0]?.partitions[0]?.offset)).toEqual(Array.from({ length: 20 }, (_, i) => BigInt(i + 2)));
  expect(server.asked[1]).toMatchObject({ key: 2, version: 7, clientId: 'test' });
  connection.close(new ConnectionLost('done'));
});

test('a broker that takes the connection and says nothing is given up', async () => {
  server.versions.clear();
  const began = performance.now();
  await expect(open()).rejects.toBeInstanceOf(AnswerLate);
  expect(performance.now() - began).toBeLessThan(CONNECT_TIMEOUT_MS + 1_500);
});

test('an answer that is late closes the connection, and all that waits on it', async () => {
  const connection = await open();
  const asked = [10, 60_000].map((timeoutMs) => connection.request(LIST_OFFSETS, question, timeoutMs).catch((error: unknown) => error));
  connection.checkDeadlines(performance.now());
  expect(connection.usable).toBe(true);
  connection.checkDeadlines(performance.now() + 20);
  for (const failed of await Promise.all(asked)) expect(failed).toBeInstanceOf(AnswerLate);
  expect(connection.usable).toBe(false);
  await expect(connection.request(LIST_OFFSETS, question, 1_000)).rejects.toBeInstanceOf(ConnectionLost);
});

test('a connection that breaks ends what waits', async () => {
  const connection = await open();
  const asked = connection.request(LIST_OFFSETS, question, 60_000);
  await eventually(() => server.asked.length === 2);
  for (const socket of server.sockets) socket.resetAndDestroy();
  await expect(asked).rejects.toBeInstanceOf(ConnectionLost);
});

test('nonsense is no answer', async () => {
  const connection = await open();
  server.answer = (_asked, writer) => {
    writer.noTags().int32(0).uvarint(2_000_000).int8(7);
    return true;
  };
  await expect(connection.request(LIST_OFFSETS, question, 5_000)).rejects.toBeInstanceOf(ConnectionLost);
  expect(connection.usable).toBe(false);

  const other = await open();
  const asked = other.request(LIST_OFFSETS, question, 5_000);
  for (const socket of server.sockets) socket.write('HTTP/1.1 400 Bad Request\r\n\r\n');
  await expect(asked).rejects.toMatchObject({ message: expect.stringContaining('is it a port for TLS?') as string });
});

test('a broker that is too old, or too new, is refused', async () => {
  server.versions.set(1, { lowest: 0, highest: 11 });
  await expect(open()).rejects.toMatchObject({ name: 'LogRefused', message: expect.stringContaining('Kafka 3.1') as string });
  server.versions.set(1, { lowest: 14, highest: 20 });
  await expect(open()).rejects.toBeInstanceOf(LogRefused);
});

describe('logging in', () => {
  const sasl = { username: 'user', password: 'pencil' };
  const offer = (mechanisms: string[], code: number) => (asked: Asked, writer: WireWriter): boolean => {
    if (asked.key === SASL_HANDSHAKE.key) {
      const wanted = asked.body.shortString();
      writer.int16(mechanisms.includes(wanted) ? 0 : 33).int32(mechanisms.length);
      for (const mechanism of mechanisms) writer.shortString(mechanism);
      return true;
    }
    if (asked.key !== SASL_AUTHENTICATE.key) return false;
    writer.noTags().int16(code).nullableString(undefined).byteArray(Buffer.from('r=other')).int64(0n).noTags();
    return true;
  };

  test('takes the strongest that is offered', async () => {
    server.answer = offer(['PLAIN', 'SCRAM-SHA-256'], 0);
    const choice = {};
    await expect(Connection.open('127.0.0.1', port, { clientId: 'test', sasl }, choice)).rejects.toMatchObject({ name: 'BrokerNotTrusted' });
    expect(choice).toEqual({ mechanism: 'SCRAM-SHA-256' });
  });

  test('never shows the password to the network, and says what to do', async () => {
    server.answer = offer(['PLAIN'], 0);
    await expect(open({ sasl })).rejects.toMatchObject({ name: 'LogRefused', message: expect.stringContaining('set HELIOGRAPH_KAFKA_TLS_CA') as string });
    expect(server.asked.some(({ key }) => key === SASL_AUTHENTICATE.key)).toBe(false);
  });

  test('that is refused is told, without the password', async () => {
    server.answer = offer(['SCRAM-SHA-512'], 58);
    const error = await open({ sasl }).catch((refused: unknown) => refused as Error);
    expect(error).toBeInstanceOf(LogRefused);
    expect((error as Error).message).toContain('HELIOGRAPH_KAFKA_SASL_USERNAME');
    expect((error as Error).message).not.toContain('pencil');
  });
});
