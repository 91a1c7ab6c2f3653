// TDLib as npm distributes it, in the cache folder outside the repository, and a copy of it that trusts our key.
// TDLib has Telegram's RSA keys and addresses compiled in. The addresses give way to a proxy setting; for the keys a *copy* of the
// library gets our PEM over each of its own. That copy is no longer the published TDLib and says so by its file name.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { cacheFolder } from './python.mjs';

const PACKAGES = ['tdl@8.1.0', '@prebuilt-tdlib/linux-x64-glibc@0.1008067.0'];
const BEGIN = '-----BEGIN RSA PUBLIC KEY-----';
const END = '-----END RSA PUBLIC KEY-----';
/** The main and the test servers' keys, in the library's order; what follows is the key of simple configuration, which no connection uses. */
const KEYS = 2;

const folder = () => join(cacheFolder(), `tdlib-${PACKAGES[1].split('@').at(-1)}`);

/** Installs the packages when their stamp is missing. Needs the registry, so it runs outside the namespace. */
export function installTdlib() {
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error('the TDLib scenario needs Linux on x64 with glibc: the prebuilt library is for that alone');
  const stamp = join(folder(), '.ready');
  if (existsSync(stamp)) return;
  console.error(`heliograph: installing ${PACKAGES.join(' and ')} …`);
  mkdirSync(folder(), { recursive: true });
  writeFileSync(join(folder(), 'package.json'), '{"private": true}\n');
  const result = spawnSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--save-exact', ...PACKAGES], { cwd: folder(), encoding: 'utf8' });
  if (result.error || result.status !== 0) throw new Error(`npm install failed: ${result.error?.message ?? result.stderr}`);
  writeFileSync(stamp, '');
}

/**
 * `tdl` over a copy of TDLib that trusts `publicKey`.
 * @param publicKey PKCS#1 PEM of a 2048-bit key
 * @param into folder for the copy
 */
export function loadPatchedTdlib(publicKey, into) {
  const load = createRequire(join(folder(), 'package.json'));
  const library = readFileSync(join(folder(), 'node_modules', ...PACKAGES[1].split('@').slice(0, 2).join('@').split('/'), 'libtdjson.so'));
  const own = Buffer.from(publicKey.trim());
  let at = 0;
  for (let key = 0; key < KEYS; key += 1) {
    const begin = library.indexOf(BEGIN, at);
    const end = library.indexOf(END, begin) + END.length;
    if (begin < 0 || end - begin !== own.length) throw new Error(`the library's key ${key + 1} is ${end - begin} bytes long, ours ${own.length}: it must fit exactly`);
    own.copy(library, begin);
    at = end;
  }
  const path = join(into, 'libtdjson-patched-keys.so');
  writeFileSync(path, library);
  const tdl = load('tdl');
  tdl.configure({ tdjson: path, verbosityLevel: Number(process.env.TDLIB_VERBOSITY ?? 1) });
  return tdl;
}
