// Makes a checkout runnable: installs pinned dependencies, generates code from protos and TL schemas, builds what changed.
// Needs Node and npm only. Each step is skipped when its inputs are those of the last time.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const PNPM = 'pnpm@10.34.8';
const NODE_MIN = [20, 19];

/** Hash of files and folders (names and contents), for "is this step still good". */
function fingerprint(paths) {
  const hash = createHash('sha256');
  const add = (path) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat) return;
    if (stat.isDirectory()) {
      for (const name of readdirSync(path).sort()) if (!['node_modules', 'dist', 'gen'].includes(name)) add(join(path, name));
    } else hash.update(path.slice(root.length)).update(readFileSync(path));
  };
  paths.forEach((path) => add(join(root, path)));
  return hash.digest('hex');
}

/** Runs `task` unless the stamp says that these inputs were done. */
function step(name, inputs, outputs, task, log) {
  const stamp = join(root, 'node_modules', `.heliograph-${name}`);
  const wanted = fingerprint(inputs);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && outputs.every((path) => existsSync(join(root, path)))) return;
  log(name);
  task();
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
}

function run(command, args, env = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8', env: { ...process.env, ...env }, maxBuffer: 1 << 28 });
  if (result.error || result.status !== 0) {
    throw new Error(`${command} ${args.join(' ')} failed${result.error ? `: ${result.error.message}` : ''}\n${result.stdout ?? ''}${result.stderr ?? ''}`);
  }
}

export async function prepare({ log = (what) => console.error(`heliograph: ${what} …`) } = {}) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < NODE_MIN[0] || (major === NODE_MIN[0] && minor < NODE_MIN[1])) {
    throw new Error(`Heliograph needs Node ${NODE_MIN.join('.')} or newer; this is ${process.versions.node}. Install a newer one and start again.`);
  }
  const manifests = ['package.json', 'pnpm-workspace.yaml', 'pnpm-lock.yaml', '.npmrc'];
  step('install', manifests, ['node_modules/lmdb'], () => run('npx', ['--yes', PNPM, 'install', '--frozen-lockfile'], { CI: 'true' }), () => log('installing dependencies (about half a minute)'));
  const bin = join(root, 'node_modules', '.bin');
  step('protos', ['protos/buf.gen.yaml', 'protos/buf.yaml', 'protos/heliograph'], ['protos/src/gen'], () => {
    const result = spawnSync(join(bin, 'buf'), ['generate'], { cwd: join(root, 'protos'), encoding: 'utf8', env: { ...process.env, PATH: `${bin}:${process.env.PATH}` } });
    if (result.status !== 0) throw new Error(`buf generate failed\n${result.stderr}`);
  }, () => log('generating protobuf types'));
  for (const { name, inputs, outputs, run: program } of generators) {
    if (!existsSync(join(root, program))) continue;
    step(name, inputs, outputs, () => run(process.execPath, [program]), () => log(`generating ${name}`));
  }
  (await import('../libs/client-api/tools/generate-routes.mjs')).generateRoutes();
  const { build } = await import('./build.mjs');
  await build({ log });
}

/** Code generators, in order. Each is a program without arguments that writes its outputs. */
const generators = [
  { name: 'tl', inputs: ['libs/tl/schema', 'libs/tl/tools', 'libs/tl/data'], outputs: ['libs/tl/src/gen'], run: 'libs/tl/tools/generate.mjs' },
  { name: 'wasm', inputs: ['libs/mtproto/wasm', 'libs/mtproto/tools'], outputs: ['libs/mtproto/src/gen'], run: 'libs/mtproto/tools/build-wasm.mjs' },
];

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await prepare();
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
