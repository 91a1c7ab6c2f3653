// A Python environment per pinned client library, in the cache folder outside the repository.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export const cacheFolder = () => process.env.HELIOGRAPH_CACHE ?? join(homedir(), '.cache', 'heliograph');

const REQUIREMENTS = { telethon: 'telethon==1.45.0', kurigram: 'kurigram==2.2.26' };

export const isPythonClient = (library) => library in REQUIREMENTS;

/** Path of the python of the environment that holds `library`; makes the environment when its stamp is missing. */
export function pythonWith(library) {
  const requirement = REQUIREMENTS[library];
  const folder = join(cacheFolder(), `python-${requirement.replaceAll('=', '')}`);
  const python = join(folder, 'bin', 'python');
  const stamp = join(folder, '.ready');
  if (existsSync(stamp)) return python;
  console.error(`heliograph: making a Python environment with ${requirement} …`);
  mkdirSync(folder, { recursive: true });
  step(process.env.PYTHON ?? 'python3', ['-m', 'venv', folder]);
  step(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', requirement]);
  writeFileSync(stamp, '');
  return python;
}

function step(command, args) {
  const result = spawnSync(command, args, { encoding: 'utf8' });
  if (result.error || result.status !== 0) {
    throw new Error(`${command} ${args.join(' ')} failed: ${result.error?.message ?? result.stderr}\nThe conformance tier needs Python 3.9 or newer with venv (Debian: apt-get install python3-venv).`);
  }
}
