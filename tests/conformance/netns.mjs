// Client libraries carry Telegram's own addresses and dial them when our configuration leaves a gap. So everything that drives one
// runs inside a network namespace that has loopback only: such a gap is a failed test, never traffic.
import { spawn } from 'node:child_process';
import { unlinkSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { networkInterfaces } from 'node:os';

export const isIsolated = () => process.env.HELIOGRAPH_NETNS === '1' && Object.keys(networkInterfaces()).every((name) => name === 'lo');

/**
 * Runs this very program again inside a namespace with loopback only and exits with its code.
 * @param outside ports of this side's loopback that are reachable inside on the same port (through a unix socket)
 * @param options.mounts with a mount namespace of its own: what is mounted inside is seen and left nowhere else
 */
export async function reenterIsolated(outside = [], { mounts = false } = {}) {
  const pipes = await Promise.all(outside.map(pipeOut));
  const child = spawn('unshare', ['--net', ...(mounts ? ['--mount'] : []), '--', 'sh', '-c', 'ip link set lo up && ip addr add 127.0.0.1/8 dev lo 2>/dev/null; exec "$0" "$@"', process.execPath, ...process.execArgv, ...process.argv.slice(1)], {
    stdio: 'inherit',
    env: { ...process.env, HELIOGRAPH_NETNS: '1', HELIOGRAPH_NETNS_PIPES: JSON.stringify(pipes) },
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  const code = await new Promise((done, failed) => {
    child.on('error', (error) => failed(new Error(`cannot make a network namespace (${error.message}): run as root, or inside a container with CAP_SYS_ADMIN`)));
    child.on('exit', (status, signal) => done(signal ? 1 : status));
  });
  for (const { path } of pipes) try { unlinkSync(path); } catch { /* already gone */ }
  process.exit(code);
}

/** Inside the namespace: listens on the ports that the outside pipes in. */
export async function openPipes() {
  for (const { port, path } of JSON.parse(process.env.HELIOGRAPH_NETNS_PIPES ?? '[]')) {
    await new Promise((done, failed) => {
      const server = createServer((inner) => join2(inner, connect(path)));
      server.on('error', failed).listen(port, '127.0.0.1', done);
      server.unref();
    });
  }
}

function pipeOut(port) {
  const path = join(tmpdir(), `heliograph-${process.pid}-${port}.sock`);
  return new Promise((done, failed) => {
    createServer((inner) => join2(inner, connect(port, '127.0.0.1'))).on('error', failed).listen(path, () => done({ port, path }));
  });
}
function join2(one, other) {
  one.pipe(other).pipe(one);
  for (const socket of [one, other]) socket.on('error', () => { one.destroy(); other.destroy(); });
}
