// Programs of Debian packages without installing them: apt (its own lists and cache, in our cache) downloads and verifies, dpkg-deb unpacks.
// Debian's archive keeps the newest build of a package only, so a pinned checksum would break with the next security update:
// apt verifies each package by the archive's signature instead.
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cached, run } from './cache.mjs';

/**
 * Fetches Debian packages, with those of their dependencies that this machine lacks, into `<cache>/<name>`.
 * Nothing of the system is touched, and no rights of root are needed.
 * @param {{ cache: string, name: string, packages: string[], isGood?: (folder: string) => boolean, log: (line: string) => void }} options
 *   name: of the folder in the cache; isGood: tries what was unpacked, e.g. by asking for its version
 * @returns {Promise<string>} the folder: a root with usr/bin, usr/lib …; run its programs with `debianEnvironment(folder)`
 */
export function fetchDebianPackages({ cache, name, packages, isGood, log }) {
  return cached({
    cache, name, isGood, log,
    async make(folder) {
      const apt = join(folder, '.apt');
      mkdirSync(join(apt, 'lists', 'partial'), { recursive: true });
      mkdirSync(join(apt, 'cache', 'archives', 'partial'), { recursive: true });
      const options = ['-o', `Dir::State::lists=${join(apt, 'lists')}`, '-o', `Dir::Cache=${join(apt, 'cache')}`, '-o', 'Debug::NoLocking=1', '-o', 'APT::Sandbox::User=', '-o', 'Acquire::Languages=none', '-o', 'Acquire::Retries=3'];
      const absent = `${packages.join(', ')} come from Debian's archive: this machine has no apt-get. Install them yourself and have them in PATH.`;
      await run('apt-get', [...options, 'update'], { absent });
      await run('apt-get', [...options, 'install', '--download-only', '--no-install-recommends', '--reinstall', '--yes', ...packages], { absent });
      const archives = join(apt, 'cache', 'archives');
      const files = readdirSync(archives).filter((file) => file.endsWith('.deb'));
      for (const file of files) await run('dpkg-deb', ['--extract', join(archives, file), folder]);
      log(`${name}: ${files.map((file) => file.replace(/_[^_]*\.deb$/, '').replace('_', ' ').replace(/%3a/g, ':')).join(', ')}`);
      rmSync(apt, { recursive: true });
    },
  });
}

/** Environment with which a program of an unpacked root finds its libraries and its sister programs. */
export function debianEnvironment(folder, environment = process.env) {
  const libraries = ['usr/lib', 'lib'].flatMap((path) => {
    const base = join(folder, path);
    if (!existsSync(base)) return [];
    return [base, ...readdirSync(base, { withFileTypes: true }).filter((entry) => entry.isDirectory() && entry.name.endsWith('-linux-gnu')).map((entry) => join(base, entry.name))];
  });
  const programs = ['usr/sbin', 'usr/bin', 'sbin', 'bin'].map((path) => join(folder, path)).filter((path) => existsSync(path));
  return {
    LD_LIBRARY_PATH: [...libraries, environment.LD_LIBRARY_PATH].filter(Boolean).join(':'),
    PATH: [...programs, environment.PATH].filter(Boolean).join(':'),
  };
}
