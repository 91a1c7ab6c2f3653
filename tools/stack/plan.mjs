// What the stack consists of: which processes, on which addresses, with which settings. Nothing here starts anything.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { hostOf } from '../engines/engines.mjs';

/** Services that run twice in each DC; the others once. */
export const REPLICAS = { gateway: 2, 'message-store': 2, fanout: 2 };
/** Engines take the first ports after the base; processes those from here on. */
const ENGINE_PORTS = 16;
/** Seconds that a service may take to end. A person waits for the whole stack. */
export const DRAIN_SECONDS = 5;

/** Services that this checkout has, in the order in which they are ended: who is called goes after those who call. */
export function servicesOf(root) {
  const found = readdirSync(join(root, 'services'), { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const rank = (name) => ({ gateway: 0, bots: 0, fanout: 1, keyring: 3 })[name] ?? 2;
  return found.sort((one, other) => rank(one) - rank(other) || (one < other ? -1 : 1));
}

/**
 * @param {object} options
 * @param {string} options.root of the checkout
 * @param {string} options.folder of the stack, absolute
 * @param {string[]} options.services
 * @param {number[]} options.dcs
 * @param {Record<string, number>} [options.replicas] by service; what is not named runs once
 * @param {string} options.host clients reach it there
 * @param {number} options.port DC k is at this + k
 * @param {number} options.basePort of engines and processes, each DC's on its own loopback address
 * @param {boolean} options.testPhones
 * @param {Record<string, string> | ((process: { service: string, dc: number, replica: number }) => Record<string, string>)} [options.settings]
 *   environment of every process, or of each, over what stands here and what the engines say
 * @returns {Plan}
 *
 * @typedef {object} Plan
 * @property {{ id: number, host: string, port: number }[]} dcs as clients reach them
 * @property {PlannedProcess[]} processes in the order in which they are ended
 * @property {PlannedProcess[]} balancers
 *
 * @typedef {object} PlannedProcess
 * @property {string} name `gateway-dc1-0`
 * @property {string} service
 * @property {number} dc
 * @property {number} replica
 * @property {number} replicas
 * @property {string} host
 * @property {number} httpPort health
 * @property {number | undefined} grpcPort
 * @property {number | undefined} port of a gateway: where the balancer reaches it
 * @property {Record<string, string>} env without what the engines add
 */
export function planStack({ root, folder, services, dcs, replicas = REPLICAS, host, port, basePort, testPhones, settings = {} }) {
  const reached = dcs.map((id) => ({ id, host, port: port + id }));
  const addresses = reached.map((dc) => `${dc.id}=${dc.host}:${dc.port}`).join(',');
  const processes = [];
  const balancers = [];
  for (const dc of dcs) {
    let next = basePort + ENGINE_PORTS;
    const local = hostOf(dc);
    balancers.push({ name: `balancer-dc${dc}`, service: 'balancer', dc, replica: 0, replicas: 1, host: local, httpPort: next++, grpcPort: undefined, port: port + dc, env: {} });
    for (const service of services) {
      const count = replicas[service] ?? 1;
      for (let replica = 0; replica < count; replica += 1) {
        const httpPort = next++;
        const grpcPort = next++;
        const own = service === 'gateway' ? next++ : undefined;
        processes.push({
          name: `${service}-dc${dc}-${replica}`, service, dc, replica, replicas: count, host: local, httpPort, grpcPort, port: own,
          env: {
            HELIOGRAPH_DC: String(dc), HELIOGRAPH_DC_ADDRESSES: addresses,
            HELIOGRAPH_HOST: local, HELIOGRAPH_HTTP_PORT: String(httpPort), HELIOGRAPH_GRPC_PORT: String(grpcPort),
            HELIOGRAPH_REPLICA: String(replica), HELIOGRAPH_REPLICAS: String(count),
            HELIOGRAPH_PEERS: `static:${peersFile(folder, dc)}`,
            // Replicas of a service in a DC share a folder: its keys are made once.
            HELIOGRAPH_DATA: join(folder, `dc${dc}`, service),
            HELIOGRAPH_TEST_PHONES: testPhones ? '1' : '0', HELIOGRAPH_NO_TEST_PHONES: testPhones ? '0' : '1',
            HELIOGRAPH_DRAIN_SECONDS: String(DRAIN_SECONDS),
            ...(own !== undefined && { HELIOGRAPH_PORT: String(own), HELIOGRAPH_GATEWAY_PROXY_PROTOCOL: 'on', HELIOGRAPH_RSA_KEY_FILE: join(folder, `dc${dc}`, 'gateway', 'rsa.pem') }),
            ...(typeof settings === 'function' ? settings({ service, dc, replica }) : settings),
          },
          program: join(root, 'services', service, 'dist', 'main.js'),
        });
      }
    }
  }
  // Ended service by service over all DCs.
  processes.sort((one, other) => services.indexOf(one.service) - services.indexOf(other.service));
  return { dcs: reached, processes, balancers };
}

/** Where the processes of a DC read where the others are. */
export const peersFile = (folder, dc) => join(folder, `peers-dc${dc}.json`);

/**
 * The gRPC addresses of every service, as the processes of one DC are told: `{"1": {"auth": ["host:port"]}}`, the place in a list is the replica.
 * @param {Plan} plan
 * @param {(process: PlannedProcess) => string} addressOf may name a proxy instead of the process
 */
export function peersOf(plan, addressOf) {
  const peers = {};
  for (const process of plan.processes) ((peers[process.dc] ??= {})[process.service] ??= [])[process.replica] = addressOf(process);
  return peers;
}
