// Proxies between the data centers of a stack: every gRPC connection and every Cassandra connection from one to another goes through one,
// so that a test or a bench can delay, throttle, cut and reset what flows in one direction or both.
import { openTcpProxy } from '../../libs/testing/dist/tcp-proxy.js';

/** Loopback addresses at which proxies of Cassandra nodes listen: 127.0.1.<dc>. */
const cassandraHost = (dc) => `127.0.1.${dc}`;

/**
 * @returns {Promise<InterDcLinks>} give `links` to startStack
 *
 * @typedef {object} InterDcLinks
 * @property {import('./stack.mjs').Links} links
 * @property {(weather: Partial<import('../../libs/testing/dist/tcp-proxy.js').Weather>, way?: { from?: number, to?: number }) => void} set
 *   changes the weather of what flows from a DC to another; without `way` of everything
 * @property {() => void} clear fair weather everywhere
 * @property {() => number} reset ends all connections
 * @property {(refusing: boolean) => void} refuse
 * @property {() => number} connections
 * @property {() => Promise<void>} close
 */
export async function openLinks() {
  const proxies = [];
  const open = async (options, ends) => {
    const proxy = await openTcpProxy(options);
    // A node of Cassandra is reached by all other DCs through one proxy.
    proxies.push({ proxy, ...ends });
    return proxy;
  };
  return {
    links: {
      async grpc({ from, to, host, port }) {
        const { host: at, port: number } = await open({ target: { host, port } }, { from, to });
        return { host: at, port: number };
      },
      async cassandra({ dc, host, port }) {
        return (await open({ target: { host, port }, host: cassandraHost(dc), port }, { from: undefined, to: dc })).host;
      },
    },
    set(weather, way = {}) {
      const matches = (one, other) => (way.from === undefined || one === undefined || one === way.from) && (way.to === undefined || other === undefined || other === way.to);
      for (const { proxy, from, to } of proxies) {
        // What flows from a to b goes there on connections that a opened, and back on those that b opened.
        if (matches(from, to)) proxy.set(weather, 'there');
        if (matches(to, from)) proxy.set(weather, 'back');
      }
    },
    clear: () => proxies.forEach(({ proxy }) => proxy.clear()),
    reset: () => proxies.reduce((sum, { proxy }) => sum + proxy.reset(), 0),
    refuse: (refusing) => proxies.forEach(({ proxy }) => proxy.refuse(refusing)),
    connections: () => proxies.reduce((sum, { proxy }) => sum + proxy.connections, 0),
    close: async () => {
      await Promise.all(proxies.map(({ proxy }) => proxy.close()));
    },
  };
}
