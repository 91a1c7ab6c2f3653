// A TCP balancer: one address of a DC, several gateways behind it. It stands for the load balancer of a platform.
import { Agent, get } from 'node:http';
import { connect, createServer } from 'node:net';
import { proxyHeader } from './proxy-protocol.mjs';

/** Time between two questions for a backend's readiness. A backend that refuses a connection is left at once. */
export const LOOK_MS = 2000;
/** Time in which a backend must take a connection. */
export const CONNECT_MS = 1000;
/** Bytes read from one side that the other has not taken; at the bound the one is not read until the other has taken all. */
export const HELD_BYTES_MAX = 64 * 1024;
/** Connections that wait to be accepted. */
const BACKLOG_CONNECTIONS = 4096;

/**
 * Listens, and hands each connection to the ready backend that has fewest, with a PROXY header that names the client.
 * @param {object} options
 * @param {{ host: string, port: number }} options.listen
 * @param {{ name: string, host: string, port: number, ready: string }[]} options.backends ready: a URL that answers 200 while it takes connections
 * @param {(line: string) => void} [options.log]
 * @returns {Promise<{ port: number, ready: () => boolean, status: () => { name: string, up: boolean, connections: number }[], close: () => Promise<void> }>}
 */
export async function openBalancer({ listen, backends, log = () => {} }) {
  const states = backends.map((backend) => ({ ...backend, up: false, connections: 0, agent: new Agent({ keepAlive: true, maxSockets: 1 }) }));
  const sockets = new Set();
  const mark = (state, up, why) => {
    if (state.up === up) return;
    state.up = up;
    log(`${state.name} is ${up ? 'up' : `down: ${why}`}`);
  };
  const look = (state) => new Promise((done) => {
    const asked = get(state.ready, { agent: state.agent, timeout: CONNECT_MS }, (answer) => {
      answer.resume().on('end', done).on('error', done);
      mark(state, answer.statusCode === 200, `answers ${answer.statusCode}`);
    });
    asked.on('timeout', () => asked.destroy(new Error('no answer'))).on('error', (error) => {
      mark(state, false, error.message);
      done();
    });
  });

  const accept = (client) => {
    track(client);
    client.pause();
    const tried = new Set();
    const next = () => {
      const choice = states.filter((state) => state.up && !tried.has(state)).sort((one, other) => one.connections - other.connections)[0];
      if (client.destroyed) return;
      if (choice === undefined) {
        client.resetAndDestroy();
        return;
      }
      tried.add(choice);
      choice.connections += 1;
      let joined = false;
      const backend = connect({ host: choice.host, port: choice.port, noDelay: true, allowHalfOpen: true });
      track(backend);
      backend.setTimeout(CONNECT_MS, () => backend.destroy(new Error('did not take the connection')));
      backend.on('connect', () => {
        joined = true;
        backend.setTimeout(0);
        if (client.destroyed) {
          backend.destroy();
          return;
        }
        backend.write(proxyHeader({ host: client.remoteAddress, port: client.remotePort }, { host: client.localAddress, port: client.localPort }));
        join(client, backend);
      });
      backend.on('error', (error) => {
        if (!joined) mark(choice, false, error.message);
      });
      backend.on('close', () => {
        choice.connections -= 1;
        if (!joined) next();
      });
    };
    next();
  };
  const track = (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
  };

  const server = createServer({ noDelay: true, allowHalfOpen: true, pauseOnConnect: true }, accept);
  await new Promise((listening, failed) => {
    server.once('error', failed);
    server.listen({ ...listen, backlog: BACKLOG_CONNECTIONS }, listening);
  });
  // Out of descriptors: this connection is lost, the next may come through.
  server.on('error', (error) => log(error.message));
  await Promise.all(states.map(look));
  const timer = setInterval(() => states.forEach(look), LOOK_MS);
  return {
    port: server.address().port,
    ready: () => states.some(({ up }) => up),
    status: () => states.map(({ name, up, connections }) => ({ name, up, connections })),
    close: () => new Promise((closed) => {
      clearInterval(timer);
      for (const { agent } of states) agent.destroy();
      server.close(() => closed());
      for (const socket of sockets) socket.destroy();
    }),
  };
}

/** Moves bytes both ways until both sides have ended; what ends one abruptly ends the other so. */
function join(one, other) {
  for (const [from, to] of [[one, other], [other, one]]) {
    from.on('data', (chunk) => {
      if (!to.write(chunk) && to.writableLength > HELD_BYTES_MAX) from.pause();
    });
    to.on('drain', () => from.resume());
    from.on('end', () => to.end());
    from.on('error', () => to.resetAndDestroy());
    from.on('close', () => {
      // Reset where the stream was cut, closed where it ended.
      if (!to.destroyed && !to.writableEnded) to.resetAndDestroy();
    });
  }
  one.resume();
}
