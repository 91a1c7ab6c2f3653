import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { eventually } from '@heliograph/testing/eventually';
import { RECEIVE_BUFFER_BYTES } from './limits';
import { ReceiveBuffer } from './receive-buffer';

describe('the shared receive buffer', () => {
  let server: Server;
  let accepted: Socket[];

  async function listen(onSocket: (socket: Socket) => void): Promise<() => Socket> {
    accepted = [];
    server = createServer((socket) => {
      accepted.push(socket);
      onSocket(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return () => connect((server.address() as AddressInfo).port, '127.0.0.1');
  }

  afterEach(() => {
    for (const socket of accepted) socket.destroy();
    server.close();
  });

  it('is used on this Node, and gives each socket its own bytes in chunks that stay as they are', async () => {
    const chunks = new Map<Socket, Buffer[]>();
    const buffer = new ReceiveBuffer<Socket>(function receive(chunk) {
      chunks.get(this)?.push(chunk);
    });
    const used: boolean[] = [];
    const open = await listen((socket) => {
      chunks.set(socket, []);
      used.push(buffer.read(socket));
    });
    const sent = await Promise.all(Array.from({ length: 8 }, async (_, index) => {
      const bytes = randomBytes(index % 2 === 0 ? 300 : RECEIVE_BUFFER_BYTES * 3 + 17);
      const client = open();
      client.end(bytes);
      await once(client.resume(), 'close');
      return bytes.toString('base64');
    }));
    expect(used).toEqual(Array.from({ length: 8 }, () => true));
    expect([...chunks.values()].map((parts) => Buffer.concat(parts).toString('base64')).sort()).toEqual([...sent].sort());
  });

  it('stops reading while its socket is paused', async () => {
    const sent = RECEIVE_BUFFER_BYTES * 4;
    let reads = 0;
    let received = 0;
    const buffer = new ReceiveBuffer<Socket>(function receive(chunk) {
      reads += 1;
      received += chunk.length;
      this.pause();
    });
    const open = await listen((socket) => buffer.read(socket));
    const client = open();
    client.write(Buffer.alloc(sent));
    for (let turn = 1; received < sent; turn += 1) {
      await eventually(() => reads === turn);
      // Another socket is served meanwhile; this one stays as it is.
      const other = open();
      await once(other, 'connect');
      other.destroy();
      expect(reads).toBe(turn);
      accepted[0]?.resume();
    }
    expect(received).toBe(sent);
    client.destroy();
  });

  it('reads in the usual way where the handle offers nothing else', async () => {
    const bytes: Buffer[] = [];
    const buffer = new ReceiveBuffer<Socket>((chunk) => void bytes.push(chunk));
    let used = true;
    const open = await listen((socket) => {
      Object.defineProperty((socket as unknown as { _handle: object })._handle, 'useUserBuffer', { value: undefined });
      used = buffer.read(socket);
    });
    const client = open();
    client.end('hello');
    await once(client.resume(), 'close');
    expect(used).toBe(false);
    expect(Buffer.concat(bytes).toString()).toBe('hello');
  });
});
