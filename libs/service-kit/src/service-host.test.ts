import { request } from 'node:http';
import { connect } from 'node:net';
import { KeyringService } from '@heliograph/protos/heliograph/keyring/v1/keyring_pb';
import { freePort } from '@heliograph/testing/free-port';
import { Endpoints } from './endpoints';
import type { Kit, ServiceDefinition } from './kit';
import { LocalNetwork } from './local-network';
import { processLog } from './process-log';
import type { Ports } from './ports';
import { runServices, type RunningProcess } from './run-process';
import { systemClock } from './system-clock';
import { processTelemetryOff } from './telemetry';

/** Ports that only close: these services store nothing. */
const closable = (closed: string[]): Ports => Object.fromEntries(['storage', 'eventLog', 'ephemeral', 'blob'].map((name) => [name, { close: async () => void closed.push(name) }])) as unknown as Ports;

describe('running services', () => {
  const events: string[] = [];
  let running: RunningProcess | undefined;
  let lines: string[] = [];
  let port = 0;

  const run = async (services: ServiceDefinition[]): Promise<RunningProcess> => {
    events.length = 0;
    lines = [];
    port = await freePort();
    const log = processLog({ level: 'warn', format: 'json', write: (line) => void lines.push(line) });
    const dc = { id: 2, host: '127.0.0.1', port: 4430 };
    running = await runServices({
      services,
      dcs: [{ dc, ports: closable(events), settings: { DATA: '/data' } }],
      allDcs: [dc],
      network: new LocalNetwork({ log: log.of }),
      endpoints: new Endpoints(),
      clock: systemClock(() => log.of('process')),
      log,
      telemetry: processTelemetryOff,
      settings: { TEST_PHONES: '1' },
      env: { HELIOGRAPH_CODE_URL: 'http://x', HELIOGRAPH_TEST_PHONES: '0' },
      http: { host: '127.0.0.1', port },
      flagOf: () => '--http-port',
      release: async () => void events.push('released'),
    });
    return running;
  };
  afterEach(async () => {
    await running?.stop();
    running = undefined;
  });
  const get = async (path: string, init?: RequestInit): Promise<{ status: number; body: unknown }> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
    return { status: response.status, body: await response.json() };
  };

  /** fetch sets the host header itself. */
  const statusBy = (host: string, path: string): Promise<number> => new Promise((resolve, reject) => {
    request({ port, path, headers: { host } }, (response) => resolve(response.resume().statusCode ?? 0)).on('error', reject).end();
  });

  test('services compose together, each may call the other, and drain in reverse', async () => {
    const answer: ServiceDefinition = {
      name: 'keyring',
      compose: async (kit) => {
        kit.serve(KeyringService, { getSecret: async () => ({ secret: new Uint8Array([kit.dc.id]) }), getDataKey: async () => ({}), deleteDataKey: async () => ({}) });
        kit.onDrain(async () => void events.push('keyring drained'));
      },
    };
    let seen: Kit | undefined;
    const ask: ServiceDefinition = {
      name: 'asker',
      compose: async (kit) => {
        seen = kit;
        events.push(`asked ${(await kit.client(KeyringService).getSecret({})).secret.length}`);
        kit.onDrain(async () => void events.push('asker drained first'));
        kit.onDrain(async () => void events.push('asker drained last'));
      },
    };
    // The one that asks comes first: composing must not wait in order.
    const { stop } = await run([answer, ask]);
    expect(seen?.setting('test-phones')).toBe('1');
    expect(seen?.setting('codeUrl')).toBe('http://x');
    expect(seen?.setting('DATA')).toBe('/data');
    expect(seen?.setting('NOTHING')).toBeUndefined();
    expect(events).toEqual(['asked 1']);
    await stop();
    expect(events.slice(1)).toEqual(['asker drained last', 'asker drained first', 'keyring drained', 'eventLog', 'ephemeral', 'blob', 'storage', 'released']);
  });

  test('health, readiness with reasons, endpoints, errors', async () => {
    let reason: string | undefined = 'warming up';
    await run([{
      name: 'web',
      compose: async (kit) => {
        kit.readiness(() => reason);
        kit.http('GET', '/dev/echo', async ({ query }) => ({ status: 200, body: { q: query.get('q'), big: 5n } }));
        kit.http('POST', '/dev/echo', async ({ body, headers }) => ({ status: 201, body: { text: Buffer.from(body).toString(), type: headers['content-type'] } }));
        kit.http('GET', '/dev/broken', () => Promise.reject(new Error('secret detail')));
      },
    }]);
    expect(await get('/healthz')).toEqual({ status: 200, body: { status: 'ok' } });
    expect(await get('/readyz')).toEqual({ status: 503, body: { status: 'not ready', reasons: ['web: warming up'] } });
    reason = undefined;
    expect(await get('/readyz')).toEqual({ status: 200, body: { status: 'ready', reasons: [] } });
    expect(await get('/dev/echo?q=a%20b')).toEqual({ status: 200, body: { q: 'a b', big: '5' } });
    expect(await get('/dev/echo', { method: 'POST', body: 'hi', headers: { 'content-type': 'text/x' } })).toEqual({ status: 201, body: { text: 'hi', type: 'text/x' } });
    expect((await get('/dev/echo', { method: 'PUT' })).status).toBe(405);
    expect((await get('/dev/none')).status).toBe(404);
    expect(await statusBy('evil.example', '/dev/echo?q=1')).toBe(403);
    expect(await statusBy(`localhost:${port}`, '/dev/echo?q=1')).toBe(200);
    expect(await statusBy('evil.example', '/healthz')).toBe(200);
    expect((await get('/dev/echo', { method: 'POST', body: 'x'.repeat(1024 * 1024 + 1) })).status).toBe(413);
    const broken = await get('/dev/broken');
    expect(broken.status).toBe(500);
    expect(JSON.stringify(broken.body)).not.toContain('secret detail');
    expect(lines.join('')).toContain('HTTP endpoint failed');
  });

  test('odd targets are not found, and a client that goes away in the middle is no failure', async () => {
    let bodies = 0;
    await run([{ name: 'web', compose: async (kit) => kit.http('POST', '/dev/echo', async () => ({ status: 200, body: (bodies += 1) })) }]);
    for (const target of ['//', '//localhost/dev/echo', '//[', '/\\']) expect(await statusBy('localhost', target)).toBe(404);
    await new Promise<void>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.on('close', () => resolve());
      socket.write('POST /dev/echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nx', () => setImmediate(() => socket.resetAndDestroy()));
    });
    expect(await get('/dev/echo', { method: 'POST', body: 'whole' })).toEqual({ status: 200, body: 1 });
    expect(lines).toEqual([]);
  });

  test('a service that fails to compose fails the start, by name, and everything is closed', async () => {
    await expect(run([{ name: 'bad', compose: () => Promise.reject(new Error('no luck')) }])).rejects.toThrow('bad (DC 2) did not start: no luck');
    expect(events).toContain('released');
    expect(events).toContain('storage');
  });

  test('a busy HTTP port is a sentence', async () => {
    await run([]);
    const busy = port;
    const log = processLog({ level: 'silent', format: 'json', write: () => {} });
    await expect(runServices({
      services: [], dcs: [], allDcs: [], network: new LocalNetwork({ log: log.of }), endpoints: new Endpoints(), clock: systemClock(() => log.of('x')), log, telemetry: processTelemetryOff, settings: {}, env: {}, http: { host: '127.0.0.1', port: busy }, flagOf: () => '--http-port',
    })).rejects.toThrow(`Port ${busy} is in use by another program. Stop that one, or choose another port with --http-port.`);
  });
});
