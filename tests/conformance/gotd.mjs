// gotd/td, the client library of Go programs (layer 228), through a program of its own (gotd/main.go): the driver protocol speaks TL
// by names, which Go's types can't.
//   node gotd.mjs                needs a Go toolchain; the program is compiled into the cache folder
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isIsolated, reenterIsolated } from './netns.mjs';
import { cacheFolder } from './python.mjs';
import { startStandalone } from '../../libs/testing/dist/standalone.js';

const source = join(dirname(fileURLToPath(import.meta.url)), 'gotd');
const program = join(cacheFolder(), 'gotd', 'gotd');

if (!isIsolated()) {
  mkdirSync(dirname(program), { recursive: true });
  console.error('heliograph: compiling gotd (minutes at the first time) …');
  const built = spawnSync('go', ['build', '-mod=readonly', '-o', program, '.'], { cwd: source, encoding: 'utf8' });
  if (built.error || built.status !== 0) throw new Error(`go build failed: ${built.error?.message ?? built.stderr}`);
  await reenterIsolated();
}

const system = await startStandalone();
const document = await system.connect();
const child = spawn(program, [JSON.stringify(document.dcs[0])], { stdio: 'inherit' });
const code = await new Promise((done) => child.on('exit', (status) => done(status ?? 1)));
const stopped = await system.stop();
process.exit(code !== 0 || stopped.code !== 0 ? 1 : 0);
