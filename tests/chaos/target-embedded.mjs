// The whole system in one process (`npm start -- --dcs 2`), with proxies between it and its clients.
import standalone from '../../libs/testing/dist/standalone.js';
import tcpProxy from '../../libs/testing/dist/tcp-proxy.js';

const { startStandalone } = standalone;
const { openTcpProxy } = tcpProxy;

/** Clients dial these; GramJS's sessions keep ports as signed 16-bit numbers. */
const FIRST_LINK_PORT = 19_830;

/**
 * @param {{folder?: string, dcs?: number, random: object, firstPort?: number, env?: Record<string, string>, main?: string}} options
 *   folder: default a temporary one; main: the program of another checkout
 */
export async function startEmbedded({ folder, dcs = 2, random, firstPort = FIRST_LINK_PORT, env = {}, main }) {
  const environment = { ...env };
  const options = { flags: ['--dcs', String(dcs)], env: environment, folder, main };
  const system = await startStandalone(options);
  const document = await system.connect();
  const links = new Map();
  for (const [index, dc] of document.dcs.entries()) {
    links.set(dc.id, await openTcpProxy({ target: { host: dc.host, port: dc.port }, port: firstPort + index, random: random.next }));
  }
  return {
    kind: 'embedded',
    system,
    links,
    folders: [system.folder],
    dcs: document.dcs.map((dc) => ({ ...dc, host: '127.0.0.1', port: links.get(dc.id).port })),
    /** Without the proxies. */
    gateways: document.dcs,
    get pid() { return system.pid; },
    /** Resolves with its exit code when it ends by itself. */
    ended: () => system.ended(),
    kill: () => system.kill(),
    /** SIGTERM, to its end. @returns {Promise<{code: number | null, tookMs: number}>} */
    end: () => system.end(),
    /** Starts again on its folder; `env` is added to its environment from now on, undefined values are taken out. */
    async restart(env = {}) {
      for (const [name, value] of Object.entries(env)) {
        if (value === undefined) delete environment[name];
        else environment[name] = value;
      }
      await system.restart();
    },
    /** The program of the next start. */
    use: (program) => { options.main = program; },
    signal: (name) => process.kill(system.pid, name),
    async stop() {
      for (const link of links.values()) await link.close();
      return system.stop();
    },
  };
}
