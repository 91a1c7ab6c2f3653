// Ports of this machine.
import { createServer } from 'node:net';

/** Ports that nobody uses now, one a name. @returns {Promise<Record<string, number>>} */
export async function freePorts(host, names) {
  const servers = await Promise.all(names.map(() => listening(host, 0)));
  const ports = Object.fromEntries(names.map((name, index) => [name, servers[index].address().port]));
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}

/** @throws when somebody listens on one of the addresses @param {[string, number][]} addresses */
export async function checkFree(addresses) {
  for (const [host, port] of addresses) {
    const server = await listening(host, port).catch((error) => {
      throw new Error(`cannot listen on ${host}:${port} (${error.code}): something else does. End it, or choose other ports.`);
    });
    await new Promise((closed) => server.close(closed));
  }
}

function listening(host, port) {
  return new Promise((done, failed) => {
    const server = createServer();
    server.once('error', failed);
    server.listen({ host, port, exclusive: true }, () => done(server));
  });
}
