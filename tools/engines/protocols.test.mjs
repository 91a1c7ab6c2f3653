// Readiness against servers that answer as the engines do, and as they do before they are ready.
import assert from 'node:assert/strict';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { after, test } from 'node:test';
import { cassandraReady } from './cassandra.mjs';
import { kafkaReady } from './kafka.mjs';
import { checkFree, freePorts } from './ports.mjs';
import { redisReady } from './redis.mjs';
import { signedRequest } from './s3.mjs';

const servers = [];
after(() => servers.forEach((server) => server.close()));
const listen = (server) => new Promise((done) => {
  servers.push(server);
  server.listen(0, '127.0.0.1', () => done({ host: '127.0.0.1', port: server.address().port }));
});
/** A server that answers the nth chunk of a connection with the nth of these. */
const answering = (...answers) => listen(createServer((socket) => {
  let next = 0;
  socket.on('error', () => {}).on('data', () => {
    const answer = answers[next++];
    if (answer === undefined) socket.destroy();
    else for (const part of [answer].flat()) socket.write(part);
  });
}));
const nobody = async () => ({ host: '127.0.0.1', port: (await freePorts('127.0.0.1', ['one'])).one });

const cql = (opcode, body) => {
  const header = Buffer.from([0x84, 0, 0, 0, opcode, 0, 0, 0, 0]);
  header.writeInt32BE(body.length, 5);
  return Buffer.concat([header, Buffer.from(body)]);
};
const READY = cql(2, '');

test('Cassandra is ready when it knows the other datacenters', async () => {
  assert.ok(await cassandraReady(await answering(READY, cql(8, 'rows … dc2 … dc3')), ['dc2', 'dc3']));
  assert.ok(await cassandraReady(await answering(READY, cql(8, '')), []));
  assert.ok(!await cassandraReady(await answering(READY, cql(8, 'rows … dc2')), ['dc2', 'dc3']), 'a node that missed one is alone');
  assert.ok(!await cassandraReady(await answering(READY, cql(0, 'dc2')), ['dc2']), 'an error is no answer');
  assert.ok(!await cassandraReady(await answering(), []));
  assert.ok(!await cassandraReady(await nobody(), []));
});

test('Kafka is ready when ApiVersions is answered without an error', async () => {
  const answer = (error) => Buffer.from([0, 0, 0, 10, 0, 0, 0, 7, 0, error, 0, 0, 0, 0]);
  assert.ok(await kafkaReady(await answering(answer(0))));
  assert.ok(await kafkaReady(await answering([answer(0).subarray(0, 5), answer(0).subarray(5)])));
  assert.ok(!await kafkaReady(await answering(answer(35))));
  assert.ok(!await kafkaReady(await nobody()));
});

test('Redis is ready when it says PONG, not while it loads', async () => {
  assert.ok(await redisReady(await answering(Buffer.from('+PONG\r\n'))));
  assert.ok(!await redisReady(await answering(Buffer.from('-LOADING Redis is loading the dataset in memory\r\n'))));
});

test('a request is signed as version 4 asks', async () => {
  let seen;
  const address = await listen(createHttpServer((request, response) => {
    seen = request;
    response.writeHead(409).end('exists');
  }));
  assert.equal(await signedRequest({ ...address, accessKey: 'key', secretKey: 'secret', method: 'PUT', path: '/bucket' }), 409);
  assert.match(seen.headers.authorization, /^AWS4-HMAC-SHA256 Credential=key\/\d{8}\/us-east-1\/s3\/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=[0-9a-f]{64}$/);
});

test('a port that is taken is named', async () => {
  const { host, port } = await answering();
  await assert.rejects(checkFree([[host, port]]), new RegExp(`${host}:${port} \\(EADDRINUSE\\)`));
  await checkFree([[host, (await nobody()).port]]);
});
