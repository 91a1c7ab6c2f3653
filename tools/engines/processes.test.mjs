import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { boundLog, endAll, isAlive, launch, markedFor, signal, startTime, tail, usage, usageTable } from './processes.mjs';

const folder = mkdtempSync(join(tmpdir(), 'heliograph-processes-'));
const log = join(folder, 'log.txt');
after(async () => {
  await endAll(markedFor(folder), { graceMs: 0 });
  rmSync(folder, { recursive: true, force: true });
});

const node = (code, options = {}) => launch({ name: 'lamp', folder, command: process.execPath, args: ['-e', code], log, ...options });
const idle = 'setInterval(() => {}, 1000)';
/** Waits until a process printed a line. */
async function printed(word) {
  while (!tail(log, 100).includes(word)) await new Promise((turn) => setImmediate(turn));
}

test('a process is known by number and start time', async () => {
  const lamp = node(idle);
  assert.ok(isAlive(lamp));
  const another = { pid: lamp.pid, started: '1' };
  assert.ok(!isAlive(another), 'the same number at another time is somebody else');
  assert.ok(!signal(another, 'SIGKILL'));
  await endAll([another], { graceMs: 0 });
  assert.ok(isAlive(lamp), 'and is left alone');
  assert.deepEqual(markedFor(folder), [{ pid: lamp.pid, started: lamp.started, name: 'lamp' }]);
  assert.deepEqual(markedFor(`${folder}x`), []);
  await endAll([lamp]);
  assert.equal(await lamp.ended, 'signal SIGTERM');
  assert.equal(lamp.how, 'signal SIGTERM');
  assert.equal(startTime(lamp.pid), undefined);
  assert.deepEqual(markedFor(folder), []);
});

test('one that ignores SIGTERM is killed after the grace, and one that is stopped ends at once', async () => {
  const stubborn = node(`process.on('SIGTERM', () => {}); console.log('deaf'); ${idle}`);
  await printed('deaf');
  await endAll([stubborn], { graceMs: 100 });
  assert.equal(await stubborn.ended, 'signal SIGKILL');
  const stopped = node(idle);
  assert.ok(signal(stopped, 'SIGSTOP'));
  await endAll([stopped]);
  assert.equal(await stopped.ended, 'signal SIGTERM');
});

test('a tied process ends with the one that started it, however that ends', async () => {
  const here = fileURLToPath(new URL('processes.mjs', import.meta.url));
  const parent = spawn(process.execPath, ['--input-type=module', '-e', `
    import { launch } from ${JSON.stringify(here)};
    const lamp = launch({ name: 'tied', folder: ${JSON.stringify(folder)}, command: process.execPath, args: ['-e', ${JSON.stringify(`console.log('shining'); ${idle}`)}], log: ${JSON.stringify(log)} });
    console.log(JSON.stringify(lamp));
  `], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(parent.stdout, 'data');
  const lamp = JSON.parse(line);
  await printed('shining');
  parent.kill('SIGKILL');
  while (isAlive(lamp)) await new Promise((turn) => setImmediate(turn));
});

test('what cannot be started says so', async () => {
  const none = launch({ name: 'none', folder, command: join(folder, 'absent'), args: [], log, tied: false });
  assert.match(await none.ended, /cannot be started/);
  assert.ok(!isAlive(none));
});

test('a log stays within its bound while its writer appends', () => {
  const path = join(folder, 'bounded.txt');
  writeFileSync(path, 'x'.repeat(100));
  boundLog(path, 100);
  assert.ok(!existsSync(`${path}.1`));
  boundLog(path, 99);
  assert.equal(readFileSync(`${path}.1`, 'utf8').length, 100);
  assert.equal(readFileSync(path, 'utf8'), '');
  writeFileSync(path, 'one\ntwo\nthree\n');
  assert.equal(tail(path, 2), 'two\nthree');
  assert.equal(tail(join(folder, 'absent')), '');
});

test('usage', () => {
  const own = usage(process.pid);
  assert.ok(own.rssBytes > 1e7 && own.pssBytes > 1e6 && own.cpuSeconds > 0, JSON.stringify(own));
  assert.match(usageTable([{ name: 'own', pid: process.pid }, { name: 'gone', pid: 2 ** 30 }]), /own .*\ngone .* 0 .*\ntotal/);
});
