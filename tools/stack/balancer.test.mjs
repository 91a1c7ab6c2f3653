import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer } from 'node:net';
import { after, test } from 'node:test';
import { openBalancer } from './balancer.mjs';
import { proxyHeader } from './proxy-protocol.mjs';

const closing = [];
after(() => Promise.all(closing.map((close) => close())));
const HEADER_BYTES = 28;

/** A gateway that answers each connection with its name and echoes; its readiness can be set. */
async function backend(name) {
  const state = { name, status: 200, sockets: [], headers: [] };
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    state.sockets.push(socket);
    let header = Buffer.alloc(0);
    socket.on('error', () => {}).on('data', (chunk) => {
      if (header.length < HEADER_BYTES) {
        header = Buffer.concat([header, chunk]);
        if (header.length < HEADER_BYTES) return;
        state.headers.push(header.subarray(0, HEADER_BYTES));
        chunk = header.subarray(HEADER_BYTES);
        socket.write(`${name}:`);
      }
      if (chunk.length > 0) socket.write(chunk);
    }).on('end', () => socket.end());
  });
  const health = createHttpServer((_request, response) => response.writeHead(state.status).end());
  await Promise.all([server, health].map((each) => new Promise((done) => each.listen(0, '127.0.0.1', done))));
  state.close = async () => {
    for (const socket of state.sockets) socket.destroy();
    health.closeAllConnections();
    await Promise.all([server, health].map((each) => new Promise((closed) => each.close(closed))));
  };
  closing.push(() => state.close().catch(() => {}));
  return Object.assign(state, { host: '127.0.0.1', port: server.address().port, ready: `http://127.0.0.1:${health.address().port}/readyz` });
}
async function balance(backends) {
  const balancer = await openBalancer({ listen: { host: '127.0.0.1', port: 0 }, backends });
  closing.push(() => balancer.close());
  return balancer;
}
const dial = (balancer) => connect({ host: '127.0.0.1', port: balancer.port, allowHalfOpen: true }).on('error', () => {});
async function greeting(socket) {
  const [chunk] = await once(socket, 'data');
  return chunk.toString();
}
const turn = () => new Promise((done) => setImmediate(done));

test('connections are spread, and the backend learns who it is', async () => {
  const gateways = [await backend('a'), await backend('b')];
  const balancer = await balance(gateways);
  const clients = [];
  for (let i = 0; i < 4; i += 1) {
    const client = dial(balancer);
    clients.push(client);
    assert.match(await greeting(client), /^[ab]:$/);
  }
  assert.deepEqual(balancer.status().map(({ connections }) => connections), [2, 2]);
  const expected = clients.map((client) => proxyHeader({ host: '127.0.0.1', port: client.localPort }, { host: '127.0.0.1', port: balancer.port }).toString('hex')).sort();
  assert.deepEqual(gateways.flatMap(({ headers }) => headers.map((header) => header.toString('hex'))).sort(), expected);
  clients.forEach((client) => client.destroy());
});

test('bytes come through whole in both directions, and an end is passed on', async () => {
  const balancer = await balance([await backend('a')]);
  const client = dial(balancer);
  const sent = Buffer.alloc(3_000_000, 'heliograph ');
  client.end(sent);
  const received = Buffer.concat(await client.toArray());
  assert.equal(received.subarray(0, 2).toString(), 'a:');
  assert.ok(received.subarray(2).equals(sent));
});

test('one that refuses is left at once, one that is not ready is not asked', async () => {
  const [dead, draining, good] = [await backend('dead'), await backend('draining'), await backend('good')];
  draining.status = 503;
  const balancer = await balance([dead, draining, good]);
  assert.deepEqual(balancer.status().map(({ up }) => up), [true, false, true]);
  await dead.close();
  for (let i = 0; i < 3; i += 1) {
    const client = dial(balancer);
    assert.equal(await greeting(client), 'good:');
    client.destroy();
  }
  assert.deepEqual(balancer.status().map(({ up }) => up), [false, false, true]);
});

test('with no backend a connection is reset, not kept waiting', async () => {
  const only = await backend('only');
  const balancer = await balance([only]);
  await only.close();
  const client = connect({ host: '127.0.0.1', port: balancer.port });
  const [error] = await once(client, 'error');
  assert.equal(error.code, 'ECONNRESET');
  assert.ok(!balancer.ready());
});

test('a reset of one side is a reset of the other', async () => {
  const gateway = await backend('a');
  const balancer = await balance([gateway]);
  const client = connect({ host: '127.0.0.1', port: balancer.port });
  await greeting(client);
  gateway.sockets[0].resetAndDestroy();
  const [error] = await once(client, 'error');
  assert.equal(error.code, 'ECONNRESET');
  const other = dial(balancer);
  await greeting(other);
  const closed = new Promise((done) => gateway.sockets[1].on('close', done));
  other.resetAndDestroy();
  await closed;
  while (balancer.status()[0].connections > 0) await turn();
});

test('a slow reader holds the sender back', async () => {
  const gateway = await backend('a');
  const balancer = await balance([gateway]);
  const client = dial(balancer);
  await greeting(client);
  client.pause();
  const flood = Buffer.alloc(64 * 1024 * 1024);
  gateway.sockets[0].write(flood);
  let last = -1;
  // What the kernel and the balancer hold is filled; then nothing moves.
  for (let still = 0; still < 200; still += 1) {
    if (gateway.sockets[0].bytesWritten - gateway.sockets[0].writableLength !== last) still = 0;
    last = gateway.sockets[0].bytesWritten - gateway.sockets[0].writableLength;
    await turn();
  }
  assert.ok(gateway.sockets[0].writableLength > 0 || !gateway.sockets[0].writableFinished);
  let received = 0;
  client.on('data', (chunk) => { received += chunk.length; }).resume();
  while (received < flood.length) await turn();
  client.destroy();
});

test('headers of both address families', () => {
  const header = proxyHeader({ host: '::ffff:10.1.2.3', port: 1025 }, { host: '127.0.0.1', port: 443 });
  assert.equal(header.subarray(12).toString('hex'), '2111000c0a0102037f000001040101bb');
  const six = proxyHeader({ host: 'fe80::1:2%eth0', port: 1 }, { host: '::1', port: 2 });
  assert.equal(six.subarray(12).toString('hex'), '21210024fe80000000000000000000000001000200000000000000000000000000000001' + '00010002');
  const mixed = proxyHeader({ host: '10.1.2.3', port: 1 }, { host: '::1', port: 2 });
  assert.equal(mixed.subarray(16, 32).toString('hex'), '00000000000000000000ffff0a010203');
});
