import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

jest.setTimeout(120_000);

// A real client library runs only where there is nothing but loopback.
const NAMESPACE = process.getuid?.() === 0 ? ['-n'] : ['-rn'];
const hasNamespaces = spawnSync('unshare', [...NAMESPACE, 'ip', 'link', 'set', 'lo', 'up']).status === 0;

/** mtcute against interop/server.cjs: key exchange, temporary keys, packets, over real sockets. Needs Linux's namespaces; elsewhere the conformance suite says so. */
(hasNamespaces ? describe : describe.skip)('an unmodified mtcute', () => {
  test.each([['intermediate', ''], ['secret', 'pfs']])('talks to us: %s %s', (mode, pfs) => {
    const script = `ip link set lo up && exec "${process.execPath}" "${join(__dirname, '../interop/mtcute.cjs')}" ${mode} ${pfs}`;
    const { status, stdout, stderr } = spawnSync('unshare', [...NAMESPACE, 'sh', '-c', script], { encoding: 'utf8' });
    expect({ status, output: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, output: '' });
  });
});
