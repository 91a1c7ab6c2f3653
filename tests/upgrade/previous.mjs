// The version before this one, built beside it: a checkout in the cache folder.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached, cacheFolder, run } from '../../tools/engines/cache.mjs';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
/** What makes a version another one. */
const RUNS = ['services', 'libs', 'protos', 'deploy', 'schema'];
/** Checkouts that stay in the cache; older ones are removed. */
const CHECKOUTS_MAX = 3;

const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();

/**
 * The commit to come from: the newest release tag that is not this commit, or without tags the last one before what runs was changed.
 * @param {string | undefined} wanted a tag or commit instead
 * @returns {{commit: string, name: string, why: string}}
 */
export function findPrevious(wanted) {
  if (wanted !== undefined) return { commit: git('rev-parse', `${wanted}^{commit}`), name: wanted, why: 'as wanted' };
  const head = git('rev-parse', 'HEAD');
  const tags = git('tag', '--merged', 'HEAD', '--sort=-creatordate').split('\n').filter(Boolean);
  const tag = tags.find((name) => git('rev-parse', `${name}^{commit}`) !== head);
  if (tag !== undefined) return { commit: git('rev-parse', `${tag}^{commit}`), name: tag, why: 'the newest tag before this commit' };
  const changed = git('log', '-1', '--format=%H', '--', ...RUNS);
  const before = spawnSync('git', ['rev-parse', '--quiet', '--verify', `${changed}~1`], { cwd: root, encoding: 'utf8' });
  if (before.status !== 0) throw new Error('there is no earlier version: this checkout knows no tag and no commit before the last change of what runs (a shallow clone? git fetch --unshallow)');
  return { commit: before.stdout.trim(), name: git('log', '-1', '--format=%h %s', before.stdout.trim()), why: 'no tag: the last commit before what runs was changed' };
}

/**
 * A built checkout of a commit.
 * @returns {Promise<string>} its folder
 */
export async function buildPrevious({ commit }, log) {
  const cache = cacheFolder();
  const name = `checkout-${commit.slice(0, 12)}`;
  const folder = await cached({
    cache, name, log, isGood: (path) => existsSync(join(path, 'deploy/standalone/dist/main.js')),
    async make(path) {
      const archive = spawnSync('bash', ['-c', 'git archive "$0" | tar -x -C "$1"', commit, path], { cwd: root, encoding: 'utf8' });
      if (archive.status !== 0) throw new Error(`git archive ${commit} failed: ${archive.stderr}`);
      await run(process.execPath, ['tools/prepare.mjs'], { cwd: path });
    },
  });
  const others = readdirSync(cache).filter((each) => each.startsWith('checkout-') && each !== name).map((each) => join(cache, each)).sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  for (const old of others.slice(CHECKOUTS_MAX - 1)) rmSync(old, { recursive: true, force: true });
  return folder;
}
