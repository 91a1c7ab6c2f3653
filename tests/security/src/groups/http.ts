import assert from 'node:assert/strict';
import { connect } from 'node:net';
import type { Row } from '../report';
import type { Stage } from '../stage';

const ANSWER_MS_MAX = 5_000;

/** The status of what is answered to a request given byte by byte; 0 when the connection ends without an answer. */
async function statusOf(port: number, request: string): Promise<{ status: number; head: string }> {
  const socket = connect(port, '127.0.0.1');
  let heard = '';
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => {
    heard += chunk.toString('latin1');
  });
  socket.write(request);
  const timer = setTimeout(() => socket.destroy(), ANSWER_MS_MAX);
  await new Promise<void>((resolve) => {
    socket.on('close', () => resolve());
    socket.on('data', () => {
      if (heard.includes('\r\n\r\n')) socket.end();
    });
  });
  clearTimeout(timer);
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(heard)?.[1] ?? 0), head: heard };
}

/** What listens for HTTP: connect.json, health, and the outbox of login codes that a developer reads. */
export function httpRows(stage: Stage): Row[] {
  const { httpPort } = stage.system;
  const request = (line: string, headers = 'Host: localhost\r\n', body = ''): string => `${line} HTTP/1.1\r\n${headers}Connection: close\r\n\r\n${body}`;
  return [
    {
      name: 'the outbox of codes is not for pages of other origins, nor for names that were made to point here',
      run: async () => {
        const phone = stage.ordinaryPhone();
        const foreign = await fetch(`${stage.outbox}?phone=${phone}`, { headers: { origin: 'https://evil.example' } });
        assert.equal(foreign.headers.get('access-control-allow-origin'), null);
        for (const host of ['evil.example', `evil.example:${httpPort}`, 'localhost.evil.example', '127.0.0.1.evil.example', '']) {
          const { status } = await statusOf(httpPort, request(`GET /dev/outbox?phone=${phone}`, `Host: ${host}\r\n`));
          assert.ok(status === 403 || status === 400, `${JSON.stringify(host)}: ${status}`);
        }
        for (const host of ['localhost', '127.0.0.1', `[::1]:${httpPort}`]) assert.equal((await statusOf(httpPort, request('GET /dev/outbox', `Host: ${host}\r\n`))).status, 200, host);
      },
    },
    {
      name: 'odd targets, methods and bodies are refused without a failure inside',
      run: async () => {
        const requests = [
          request('GET //'), request('GET http://'), request('GET //evil.example/connect.json'), request('GET /%'), request('GET /..%2f..%2fetc/passwd'), request('GET /../../etc/passwd'), request('GET *'),
          request('OPTIONS *'), request('GET /\u0000'), request('POST /connect.json'), request('PUT /dev/outbox'), request('TRACE /'),
          request('POST /dev/outbox', `Host: localhost\r\nContent-Length: ${1 << 30}\r\n`), request('POST /dev/outbox', 'Host: localhost\r\nTransfer-Encoding: chunked\r\n', 'zz\r\n'), request('GET /', 'Host: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n'),
          request('GET /', `Host: localhost\r\nX: ${'y'.repeat(40_000)}\r\n`),
        ];
        const faults: string[] = [];
        for (const text of requests) {
          const { status, head } = await statusOf(httpPort, text);
          if (status === 200 || status >= 500 || /stack|\.ts:|node_modules/.test(head)) faults.push(`${JSON.stringify(text.slice(0, 60))}: ${status}`);
        }
        assert.deepEqual(faults, []);
        for (const target of ['/connect.json', '/connect.json?a[__proto__]=1', `/dev/outbox?phone=${'1'.repeat(6_000)}`]) assert.equal((await statusOf(httpPort, request(`GET ${target}`))).status, 200, target.slice(0, 40));
      },
    },
    {
      name: 'connect.json tells no secret',
      run: async () => {
        const text = await (await fetch(stage.system.url)).text();
        assert.ok(!/PRIVATE|secret|password/i.test(text), text);
      },
    },
  ];
}
