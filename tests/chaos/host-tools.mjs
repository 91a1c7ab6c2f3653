// Programs of Debian that faults need, fetched into the cache and never installed.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../../tools/engines/cache.mjs';
import { debianEnvironment, fetchDebianPackages } from '../../tools/engines/debian.mjs';

const log = (line) => console.error(`chaos: ${line}`);
const TOOLS = {
  faketime: { name: 'faketime', packages: ['libfaketime'], isGood: (folder) => libraryIn(folder) !== undefined },
  nft: { name: 'nftables', packages: ['nftables'], isGood: (folder) => spawnSync(join(folder, 'usr/sbin/nft'), ['--version'], { env: { ...process.env, ...debianEnvironment(folder) } }).status === 0 },
};

function libraryIn(folder) {
  const lib = join(folder, 'usr/lib');
  if (!existsSync(lib)) return undefined;
  const found = readdirSync(lib).map((name) => join(lib, name, 'faketime', 'libfaketimeMT.so.1')).find((path) => existsSync(path));
  return found;
}

/** @param {string[]} tools names of TOOLS */
export async function fetchHostTools(tools) {
  for (const tool of new Set(tools)) await fetchDebianPackages({ cache: cacheFolder(), log, ...TOOLS[tool] });
}

const folderOf = (tool) => join(cacheFolder(), TOOLS[tool].name);

/** Environment of a process whose clock is wrong by so many seconds. Its timers run as ever. */
export function skewedClock(seconds) {
  return { LD_PRELOAD: libraryIn(folderOf('faketime')), FAKETIME: `${seconds < 0 ? '' : '+'}${seconds}s`, FAKETIME_DONT_FAKE_MONOTONIC: '1', DONT_FAKE_MONOTONIC: '1', FAKETIME_NO_CACHE: '1' };
}
export const STRAIGHT_CLOCK = { LD_PRELOAD: undefined, FAKETIME: undefined, FAKETIME_DONT_FAKE_MONOTONIC: undefined, DONT_FAKE_MONOTONIC: undefined, FAKETIME_NO_CACHE: undefined };

/** One command of nft, in this process's network namespace. */
export function nft(command) {
  const folder = folderOf('nft');
  const result = spawnSync(join(folder, 'usr/sbin/nft'), [command], { encoding: 'utf8', env: { ...process.env, ...debianEnvironment(folder) } });
  if (result.status !== 0) throw new Error(`nft ${command}: ${result.stderr || result.error?.message}`);
}
