import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { cacheFolder, cached, checkPins, readPins, run, sha256, withLock } from './cache.mjs';

const cache = mkdtempSync(join(tmpdir(), 'heliograph-cache-'));
after(() => rmSync(cache, { recursive: true, force: true }));
const log = () => {};

test('where the cache is', () => {
  assert.equal(cacheFolder({ HELIOGRAPH_CACHE: '/somewhere' }), '/somewhere');
  assert.equal(cacheFolder({ XDG_CACHE_HOME: '/caches' }), '/caches/heliograph');
  assert.match(cacheFolder({}), /\.cache\/heliograph$/);
});

test('a thing is made once, however many want it', async () => {
  let made = 0;
  const make = async (folder) => {
    made += 1;
    await new Promise((turn) => setImmediate(turn));
    writeFileSync(join(folder, 'thing'), 'whole');
  };
  const folders = await Promise.all([1, 2, 3].map(() => cached({ cache, name: 'once/thing', make, log })));
  assert.deepEqual([made, new Set(folders).size], [1, 1]);
  assert.equal(readFileSync(join(folders[0], 'thing'), 'utf8'), 'whole');
});

test('what was interrupted is absent, and the next one goes on from it', async () => {
  const name = 'interrupted';
  await assert.rejects(cached({ cache, name, log, make: async (folder) => {
    writeFileSync(join(folder, 'first'), '1');
    throw new Error('the line broke');
  } }), /the line broke/);
  assert.ok(!existsSync(join(cache, name)));
  const folder = await cached({ cache, name, log, make: async (partial) => {
    assert.equal(readFileSync(join(partial, 'first'), 'utf8'), '1');
    writeFileSync(join(partial, 'second'), '2');
  } });
  assert.ok(existsSync(join(folder, 'second')));
});

test('what is no good any more is made anew', async () => {
  const name = 'aged';
  const make = (content) => async (folder) => writeFileSync(join(folder, 'version'), content);
  const isGood = (content) => (folder) => readFileSync(join(folder, 'version'), 'utf8') === content;
  await cached({ cache, name, log, make: make('1'), isGood: isGood('1') });
  const folder = await cached({ cache, name, log, make: make('2'), isGood: isGood('2') });
  assert.equal(readFileSync(join(folder, 'version'), 'utf8'), '2');
  await assert.rejects(cached({ cache, name, log, make: make('2'), isGood: isGood('3') }), /does not work here/);
});

test('the lock of a killed process is free', async () => {
  const path = join(cache, 'lock');
  const here = fileURLToPath(new URL('cache.mjs', import.meta.url));
  const holder = spawn(process.execPath, ['--input-type=module', '-e', `
    import { withLock } from ${JSON.stringify(here)};
    await withLock(${JSON.stringify(path)}, () => { console.log('held'); return new Promise(() => setInterval(() => {}, 1000)); });
  `], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(holder.stdout, 'data');
  let taken = false;
  const waiting = withLock(path, async () => { taken = true; });
  assert.ok(!taken);
  holder.kill('SIGKILL');
  await waiting;
  assert.ok(taken);
});

test('pins name what is missing, what is too much and what differs', async () => {
  const folder = join(cache, 'pinned');
  await cached({ cache, name: 'pinned', log, make: async (into) => {
    for (const name of ['a.jar', 'b.jar', 'd.jar']) writeFileSync(join(into, name), name);
  } });
  const pinFile = join(cache, 'pins');
  writeFileSync(pinFile, `${await sha256(join(folder, 'a.jar'))}  a.jar\n${'0'.repeat(64)}  b.jar\n${'0'.repeat(64)}  c.jar\n`);
  const pins = readPins(pinFile);
  await assert.rejects(checkPins(folder, ['a.jar', 'b.jar', 'd.jar'], pins), (error) => {
    assert.match(error.message, /c\.jar is missing/);
    assert.match(error.message, /b\.jar has another checksum/);
    assert.match(error.message, /d\.jar is not pinned/);
    assert.doesNotMatch(error.message, /a\.jar/);
    return true;
  });
  await checkPins(folder, ['a.jar'], new Map([['a.jar', pins.get('a.jar')]]));
  writeFileSync(pinFile, 'nonsense\n');
  assert.throws(() => readPins(pinFile), /sha256sum/);
});

test('a program that fails says how it ended, one that is absent what to do', async () => {
  assert.equal(await run('sh', ['-c', 'echo out; echo err >&2']), 'out\n');
  await assert.rejects(run('sh', ['-c', 'echo the reason >&2; exit 3']), /ended with 3\nthe reason/);
  await assert.rejects(run('heliograph-absent', [], { absent: 'install it' }), /install it/);
});
