import { execFile } from 'node:child_process';
import { cpSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { freePort } from '@heliograph/testing/free-port';
import { type RunningStandalone, startStandalone } from '@heliograph/testing/standalone';
import { tempFolder } from '@heliograph/testing/temp-folder';

/** What takes longer than a second is told on stderr. */
const withoutProgress = (output: string): string => output.replace('heliograph: starting …\n', '');

/** The built program in a process of its own: what `npm start` promises (DESIGN section 10). `npm test` builds it first. */
describe('npm start', () => {
  jest.setTimeout(120_000);
  const running: RunningStandalone[] = [];
  const start = async (...args: Parameters<typeof startStandalone>): Promise<RunningStandalone> => {
    const system = await startStandalone(...args);
    running.push(system);
    return system;
  };
  afterEach(async () => {
    for (const system of running.splice(0)) await system.stop();
  });
  const refused = (...args: string[]): Promise<{ code: number; stderr: string; stdout: string }> => new Promise((resolve) => {
    execFile(process.execPath, [join(__dirname, '..', 'dist', 'main.js'), ...args], (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stderr, stdout }));
  });

  test('is ready, describes itself, holds its folder, drains and ends with 0', async () => {
    const system = await start();
    expect(withoutProgress(system.output())).toBe(`ready http://127.0.0.1:${system.httpPort}/connect.json\n`);
    const document = await system.connect();
    const [dc] = document.dcs;
    expect(document.dcs).toHaveLength(1);
    expect(dc).toMatchObject({ id: 2, host: '127.0.0.1', websocket: `ws://127.0.0.1:${dc?.port}/apiws` });
    expect(dc?.publicKey).toMatch(/^-----BEGIN RSA PUBLIC KEY-----\n[\s\S]+\n-----END RSA PUBLIC KEY-----\n?$/);
    expect(dc?.fingerprint).toMatch(/^-?\d{10,20}$/);
    expect(document.layers).toEqual([198, 204, 214, 216, 218, 220, 221, 223, 225, 227, 228, 229]);
    expect(document).toMatchObject({ testPhones: true, outbox: `http://127.0.0.1:${system.httpPort}/dev/outbox`, botApi: `http://127.0.0.1:${system.httpPort}` });
    expect(await (await fetch(`${document.outbox}?phone=4915112345678`)).json()).toEqual([]);
    const ready = await fetch(`http://127.0.0.1:${system.httpPort}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready', reasons: [] }]);

    const second = await refused('--data', system.folder, '--port', String(await freePort()), '--http-port', String(await freePort()));
    expect(second).toMatchObject({ code: 1, stdout: '' });
    expect(second.stderr).toContain(`Another Heliograph (process ${system.pid}) uses`);

    const { code, tookMs } = await system.stop();
    expect(code).toBe(0);
    expect(tookMs).toBeLessThan(5_000);
    expect(withoutProgress(system.output()).trimEnd().split('\n')).toHaveLength(1);
  });

  test('keeps its key over restarts and kill −9', async () => {
    const system = await start();
    const before = await system.connect();
    await system.kill();
    await system.restart();
    expect((await system.connect()).dcs).toEqual(before.dcs);
  });

  test('runs two DCs, with real gRPC between the services', async () => {
    const system = await start({ flags: ['--dcs', '2', '--grpc'] });
    const { dcs } = await system.connect();
    expect(dcs.map((dc) => dc.id)).toEqual([1, 2]);
    expect(dcs[1]?.port).toBe((dcs[0]?.port ?? 0) + 1);
    for (const name of ['dc1', 'dc2', 'directory']) expect(existsSync(join(system.folder, name))).toBe(true);
    expect((await system.stop()).code).toBe(0);
  });

  test('a busy port is named with the flag that changes it', async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) => { server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)); });
    const folder = tempFolder('busy');
    const free = await freePort();
    expect((await refused('--data', join(folder.path, 'd'), '--port', String(port), '--http-port', String(free))).stderr).toBe(`heliograph: Port ${port} is in use by another program. Stop that one, or choose another port with --port.\n`);
    expect((await refused('--data', join(folder.path, 'd'), '--port', String(free), '--http-port', String(port))).stderr).toContain('choose another port with --http-port');
    expect(existsSync(join(folder.path, 'd'))).toBe(false);
    server.close();
    folder.remove();
  });

  test('a damaged store is a sentence, and nothing is lost of the copy that was whole', async () => {
    const folder = tempFolder('damage');
    const data = join(folder.path, 'data');
    const first = await startStandalone({ folder: data });
    await first.stop();
    cpSync(data, join(folder.path, 'copy'), { recursive: true });
    const store = ['data.mdb', 'store/data.mdb', 'lmdb/data.mdb'].map((name) => join(data, 'dc2', name)).find((path) => existsSync(path));
    expect(store).toBeDefined();
    writeFileSync(store as string, Buffer.alloc(65_536, 0x5a));
    const outcome = await refused('--data', data, '--port', String(await freePort()), '--http-port', String(await freePort()));
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toMatch(/^heliograph: .*(damaged|backup)/);
    rmSync(data, { recursive: true });
    cpSync(join(folder.path, 'copy'), data, { recursive: true });
    const again = await startStandalone({ folder: data });
    expect((await again.stop()).code).toBe(0);
    folder.remove();
  });

  test('the second signal ends it at once', async () => {
    const system = await start();
    process.kill(system.pid, 'SIGTERM');
    process.kill(system.pid, 'SIGTERM');
    const { tookMs } = await system.stop();
    expect(tookMs).toBeLessThan(5_000);
  });

  test('--help and wrong options need no services', async () => {
    expect((await refused('--help')).stdout).toContain('--http-port PORT');
    expect(await refused('--nope')).toMatchObject({ code: 1, stdout: '' });
  });
});
