// One Redis that keeps nothing on disk: all in it may vanish.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ask } from './ask.mjs';
import { debianEnvironment, fetchDebianPackages } from './debian.mjs';

const program = (root) => join(root, 'usr', 'bin', 'redis-server');

/** Fetches redis-server. @returns {Promise<string>} the root it was unpacked in */
export function fetchRedis({ cache, log }) {
  return fetchDebianPackages({
    cache, log, name: 'engines/redis', packages: ['redis-server'],
    isGood: (root) => existsSync(program(root)) && spawnSync(program(root), ['--version'], { env: { ...process.env, ...debianEnvironment(root) } }).status === 0,
  });
}

/**
 * @param {object} options
 * @param {string} options.folder its own
 * @param {number} options.dc
 * @param {string} options.host
 * @param {{ redis: number }} options.ports
 * @param {string} options.root where it was unpacked
 */
export function redis({ folder, dc, host, ports, root }) {
  const port = ports.redis;
  return {
    name: `redis-dc${dc}`, kind: 'redis', dc, host, port,
    listens: [[host, port]],
    command: program(root),
    args: ['--bind', host, '--port', String(port), '--dir', folder, '--save', '', '--appendonly', 'no', '--maxmemory', '128mb', '--maxmemory-policy', 'volatile-ttl', '--loglevel', 'warning', '--set-proc-title', 'no'],
    env: debianEnvironment(root),
    async prepare() {
      mkdirSync(folder, { recursive: true });
    },
    ready: () => redisReady({ host, port }),
  };
}

/** Whether a Redis answers PING. @param {{ host: string, port: number }} address */
export const redisReady = (address) => ask(address, [Buffer.from('PING\r\n')], (answer) => (answer.length < 5 ? undefined : answer.toString('latin1').startsWith('+PONG')));
