import { connect, createServer, type Server, type Socket } from 'node:net';
import { eventually } from './eventually';
import { openTcpProxy, type TcpProxy, type TcpProxyOptions } from './tcp-proxy';

/** A server that answers every chunk with itself, and keeps what it got. */
async function echo(): Promise<{ port: number; got: () => string; close(): void }> {
  let got = '';
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('data', (chunk) => {
      got += chunk.toString();
      socket.write(chunk);
    });
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port, got: () => got, close: () => { server.close(); for (const socket of sockets) socket.destroy(); } };
}

/** A client that keeps what it got and how it ended. */
async function client(port: number): Promise<{ socket: Socket; got: () => string; ended: () => string }> {
  let got = '';
  let ended = '';
  const socket = connect(port, '127.0.0.1');
  socket.on('data', (chunk) => { got += chunk.toString(); });
  socket.on('error', (error: NodeJS.ErrnoException) => { ended = error.code ?? 'error'; });
  socket.on('close', () => { ended ||= 'closed'; });
  await new Promise<void>((resolve) => { socket.once('connect', resolve).once('close', () => resolve()); });
  return { socket, got: () => got, ended: () => ended };
}

describe('the TCP proxy', () => {
  let server: Awaited<ReturnType<typeof echo>>;
  const proxies: TcpProxy[] = [];
  const open = async (options: Partial<TcpProxyOptions> = {}): Promise<TcpProxy> => {
    const proxy = await openTcpProxy({ target: { host: '127.0.0.1', port: server.port }, ...options });
    proxies.push(proxy);
    return proxy;
  };
  beforeAll(async () => { server = await echo(); });
  afterEach(async () => { for (const proxy of proxies.splice(0)) await proxy.close(); });
  afterAll(() => server.close());

  test('forwards both ways, in order, and counts', async () => {
    const proxy = await open();
    const one = await client(proxy.port);
    for (let index = 0; index < 200; index += 1) one.socket.write(`${index};`);
    const expected = Array.from({ length: 200 }, (_, index) => `${index};`).join('');
    await eventually(() => one.got() === expected);
    expect(proxy.bytes).toEqual({ there: expected.length, back: expected.length });
    expect(proxy.connections).toBe(1);
    one.socket.end();
    await eventually(() => one.ended() === 'closed' && proxy.connections === 0);
  });

  test('delays each direction for itself', async () => {
    const proxy = await open({ weather: { delayMs: 60 } });
    const one = await client(proxy.port);
    const began = performance.now();
    one.socket.write('slow');
    await eventually(() => one.got() === 'slow');
    expect(performance.now() - began).toBeGreaterThanOrEqual(115);
    proxy.set({ delayMs: 0 }, 'back');
    const again = performance.now();
    one.socket.write('er');
    await eventually(() => one.got() === 'slower', { intervalMs: 1 });
    expect(performance.now() - again).toBeGreaterThanOrEqual(55);
  });

  test('a cut one way holds that way only, and lets go of what it held', async () => {
    const proxy = await open();
    const one = await client(proxy.port);
    proxy.set({ cut: true }, 'back');
    const before = server.got();
    one.socket.write('heard, not answered');
    await eventually(() => server.got() === `${before}heard, not answered`);
    one.socket.end();
    expect([one.got(), one.ended()]).toEqual(['', '']);
    proxy.clear();
    await eventually(() => one.got() === 'heard, not answered' && one.ended() === 'closed');
  });

  test('a loss delays by a retransmission and corrupts nothing', async () => {
    const proxy = await open({ weather: { loss: 0.5 }, random: (() => { let turn = 0; return () => ((turn += 1) === 1 ? 0 : 0.9); })() });
    const one = await client(proxy.port);
    const began = performance.now();
    one.socket.write('once more');
    await eventually(() => one.got() === 'once more');
    expect(performance.now() - began).toBeGreaterThanOrEqual(195);
  });

  test('little bandwidth is shared by all connections of a direction', async () => {
    const proxy = await open();
    proxy.set({ bytesPerSecond: 100_000 }, 'there');
    const both = await Promise.all([client(proxy.port), client(proxy.port)]);
    const began = performance.now();
    for (const { socket } of both) socket.write('x'.repeat(10_000));
    await eventually(() => both.every((one) => one.got().length === 10_000));
    expect(performance.now() - began).toBeGreaterThanOrEqual(190);
  });

  test('holds a bounded number of bytes, then the sender', async () => {
    const proxy = await open({ weather: { cut: true } });
    const one = await client(proxy.port);
    const chunk = Buffer.alloc(1024 * 1024);
    for (let index = 0; index < 32; index += 1) one.socket.write(chunk);
    let queued = -1;
    await eventually(() => queued === (queued = one.socket.writableLength), { intervalMs: 100 });
    expect(queued).toBeGreaterThan(8 * 1024 * 1024);
    proxy.clear();
    await eventually(() => one.got().length === 32 * chunk.length, { timeoutMs: 20_000 });
  });

  test('refuses and resets', async () => {
    const proxy = await open();
    const many = await Promise.all(Array.from({ length: 5 }, () => client(proxy.port)));
    await eventually(() => proxy.connections === 5);
    proxy.refuse(true);
    expect(proxy.reset()).toBe(5);
    await eventually(() => many.every((one) => one.ended() === 'ECONNRESET'));
    const late = await client(proxy.port);
    await eventually(() => late.ended() !== '');
    proxy.clear();
    const fine = await client(proxy.port);
    fine.socket.write('back');
    await eventually(() => fine.got() === 'back');
  });

  test('a tap loses an answer: the request arrives, the connection ends before the answer does', async () => {
    const proxy = await open();
    let armed = true;
    proxy.tap({
      back: (chunk, connection) => {
        if (!armed || !chunk.includes('pay')) return true;
        armed = false;
        connection.reset();
        return false;
      },
    });
    const one = await client(proxy.port);
    one.socket.write('pay 5');
    await eventually(() => one.ended() !== '' && server.got().endsWith('pay 5'));
    expect(one.got()).toBe('');
    const again = await client(proxy.port);
    again.socket.write('pay 5');
    await eventually(() => again.got() === 'pay 5');
  });
});
