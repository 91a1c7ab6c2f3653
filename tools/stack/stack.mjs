// Two data centers on one machine as they run in production: real engines, one process per service and replica, a balancer before the gateways.
import { mkdirSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock, writeWhole } from '../engines/cache.mjs';
import { hostOf, portsFrom, readState as readEngines, startEngines, stopEngines } from '../engines/engines.mjs';
import { ownedProcess } from '../engines/owned-process.mjs';
import { checkFree } from '../engines/ports.mjs';
import { LOG_LOOK_MS, boundLog, endAll, isAlive, markedFor, ownIdentity, pause, tail, usageTable } from '../engines/processes.mjs';
import { migrate } from '../migrate/migrate.mjs';
import { watchDeaths } from './deaths.mjs';
import { askJson, openFront } from './front.mjs';
import { DRAIN_SECONDS, peersFile, peersOf, planStack, servicesOf } from './plan.mjs';
import { readStack, statePath } from './state.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Time in which every process must be ready once the engines are. */
export const READY_MS = 120_000;
/** Time between two lines about what is waited for. */
const TELL_MS = 5000;
/** What a process gets beyond its own time to end before it is killed. */
const GRACE_MS = 3000;
/** Less memory for short-lived objects: what `npm start` runs with. */
const NODE_FLAGS = ['--min-semi-space-size=8', '--max-semi-space-size=8'];

/**
 * Starts the stack; resolves when every process is ready.
 * @param {object} options
 * @param {string} options.folder data, logs, keys, list of processes. Kept between runs.
 * @param {string} [options.host] clients reach it there
 * @param {number} [options.port] DC k's clients connect to this + k
 * @param {number} [options.httpPort]
 * @param {number} [options.basePort] first of about 60 ports on 127.0.0.<dc>, of engines and processes
 * @param {number[]} [options.dcs]
 * @param {Record<string, number>} [options.replicas] by service
 * @param {boolean} [options.testPhones]
 * @param {Record<string, string> | ((process: { service: string, dc: number, replica: number }) => Record<string, string>)} [options.settings]
 *   environment of every service process, or of each; over that of the engines
 * @param {boolean} [options.fresh] throw away what an earlier run left on disk
 * @param {boolean} [options.restarts] start again what died; what was ended through this interface stays down either way
 * @param {object} [options.engines] more options of startEngines
 * @param {Links} [options.links] proxies between the data centers
 * @param {(process: PlannedProcess) => string} [options.programOf] the program of a service process, asked at each of its starts: another version's
 * @param {(options: object) => Promise<void>} [options.migrateSchema] brings a data center's keyspaces to a schema; as migrate of tools/migrate
 * @param {(line: string) => void} [options.log]
 * @param {(process: StackProcess, how: string) => void} [options.onDeath] told when a process or an engine ends that nobody ended
 * @returns {Promise<Stack>}
 *
 * @typedef {object} Links asked while the stack starts; whatever they answer must listen by then
 * @property {(link: { from: number, to: number, name: string, host: string, port: number }) => Promise<{ host: string, port: number }>} [grpc]
 *   where DC `from` finds that process of DC `to`
 * @property {(link: { dc: number, host: string, port: number }) => Promise<string>} [cassandra]
 *   the loopback address, at the same port, where the other DCs' Cassandra finds that of `dc`
 *
 * @typedef {import('../engines/owned-process.mjs').OwnedProcess & { service: string, dc: number, replica: number, host: string, httpPort: number, grpcPort?: number, port?: number }} StackProcess
 *
 * @typedef {object} Stack
 * @property {string} url of connect.json
 * @property {string} folder
 * @property {StackProcess[]} processes services and balancers
 * @property {(name: string) => StackProcess} process
 * @property {import('../engines/engines.mjs').Engines} engines
 * @property {() => string} table what every process uses
 * @property {() => Promise<string[]>} unready reasons, by process; empty when all is well
 * @property {(options?: { graceMs?: number, remove?: boolean }) => Promise<void>} stop drains first, engines last; graceMs 0: kills
 */
export async function startStack({
  folder, host = '127.0.0.1', port = 4430, httpPort = 8080, basePort = 19400, dcs = [1, 2], replicas, testPhones = true, settings = {}, fresh = false, restarts = true, engines: engineOptions = {}, links = {}, programOf = ({ program }) => program,
  migrateSchema = (wanted) => migrate(wanted, log),
  log = (line) => console.error(`stack: ${line}`), onDeath = () => {},
}) {
  const home = resolve(folder);
  mkdirSync(home, { recursive: true });
  const reachable = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host;
  const plan = planStack({ root, folder: home, services: servicesOf(root), dcs, replicas, host: reachable, port, basePort, testPhones, settings });
  await takeFolder(home, log);
  await checkFree([[host, httpPort], ...plan.dcs.map((dc) => [host, dc.port]), ...plan.processes.flatMap((each) => [each.httpPort, each.grpcPort, each.port].filter(Boolean).map((number) => [each.host, number]))]);
  if (fresh) for (const name of [...dcs.map((dc) => `dc${dc}`), 'engines', 'logs']) rmSync(join(home, name), { recursive: true, force: true });

  const step = stepper(log);
  const deaths = watchDeaths({ restarts, log, onDeath });

  const broadcast = {};
  const { storage } = { ...portsFrom(basePort), ...engineOptions.ports };
  if (links.cassandra !== undefined) for (const dc of dcs) broadcast[dc] = await links.cassandra({ dc, host: hostOf(dc), port: storage });
  const engines = await startEngines({ basePort, dcs, broadcast, log: (line) => log(line), ...engineOptions, folder: join(home, 'engines'), onDeath: deaths.died });
  step('engines are ready');

  let processes = [];
  let front;
  const watch = setInterval(() => processes.forEach((each) => boundLog(each.log)), LOG_LOOK_MS);
  const stop = async ({ graceMs, remove = false } = {}) => {
    deaths.stop();
    clearInterval(watch);
    await front?.close();
    const grace = { graceMs: graceMs ?? DRAIN_SECONDS * 1000 + GRACE_MS };
    // Those who call are ended before those whom they call; the balancer after the gateways have let go of their clients.
    for (const group of grace.graceMs === 0 ? [processes] : endingOrder(processes)) await Promise.all(group.map((each) => each.term(grace)));
    await engines.stop({ graceMs });
    rmSync(statePath(home), { force: true });
    if (remove) rmSync(home, { recursive: true, force: true });
  };
  try {
    const environments = Object.fromEntries(dcs.map((dc) => [dc, engines.settings(dc)]));
    for (const dc of dcs) await migrateSchema(migrationOf(dc, dcs, environments[dc]));
    step('the schema is the newest');
    for (const dc of dcs) {
      const addresses = new Map();
      for (const each of plan.processes) {
        const address = each.dc === dc || links.grpc === undefined ? { host: each.host, port: each.grpcPort } : await links.grpc({ from: dc, to: each.dc, name: each.name, host: each.host, port: each.grpcPort });
        addresses.set(each, `${address.host}:${address.port}`);
      }
      writeWhole(peersFile(home, dc), `${JSON.stringify(peersOf(plan, (each) => addresses.get(each)), undefined, 1)}\n`);
    }
    const onChange = () => writeWhole(statePath(home), JSON.stringify({ owner: ownIdentity(), url, processes: processes.map(({ name, pid, started }) => ({ name, pid, started })) }, undefined, 1));
    const url = `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${httpPort}/connect.json`;
    const make = (planned, command) => {
      const owned = ownedProcess({
        ...command, name: planned.name, folder: home, cwd: root, log: join(home, 'logs', `${planned.name}.log`), onChange,
        ready: async () => (await readiness(planned)).length === 0,
        onDeath: (how) => deaths.died(owned, how),
      });
      const { service, dc, replica, host: local, httpPort: health, grpcPort, port: own } = planned;
      return Object.assign(owned, { service, dc, replica, host: local, httpPort: health, grpcPort, port: own, program: planned.program });
    };
    processes = [
      ...plan.processes.map((planned) => make(planned, { command: process.execPath, args: () => [...NODE_FLAGS, programOf(planned)], env: { ...environments[planned.dc], ...planned.env } })),
      ...plan.balancers.map((planned) => make(planned, { command: process.execPath, args: [...NODE_FLAGS, fileURLToPath(new URL('balancer-process.mjs', import.meta.url)), JSON.stringify(balancerOptions(plan, planned, host))], env: {} })),
    ];
    const unready = async () => (await Promise.all(processes.map(async (each) => (await readiness(each)).map((reason) => `${each.name}: ${reason}`)))).flat();
    front = await openFront({
      listen: { host, port: httpPort },
      connect: connectDocument({ plan, processes, url, testPhones }),
      outboxes: () => processes.filter(({ service, running }) => service === 'auth' && running).map((each) => `http://${each.host}:${each.httpPort}/dev/outbox`),
      readiness: async () => {
        const reasons = await unready();
        return { ready: reasons.length === 0, reasons };
      },
    });
    for (const each of processes) each.spawn();
    await untilAllReady(processes, log);
    step(`${processes.length} processes are ready`);
    const byName = (name) => {
      const found = processes.find((each) => each.name === name);
      if (found === undefined) throw new Error(`there is no process ${name}: choose of ${processes.map((each) => each.name).join(', ')}`);
      return found;
    };
    return { url, folder: home, processes, process: byName, engines, table: () => usageTable([...engines.engines, ...processes, { name: 'this one', pid: process.pid }]), unready, stop };
  } catch (error) {
    await stop({ graceMs: 0 });
    throw error;
  }
}

/**
 * Ends the stack of a folder, whoever started it: asks the process that runs it, else ends what is left of it.
 * @returns {Promise<string>} what was done, in words
 */
export async function stopStack(folder, { graceMs } = {}) {
  const home = resolve(folder);
  const state = readStack(home);
  if (state?.owner !== undefined && isAlive(state.owner) && graceMs !== 0) {
    await endAll([state.owner], { graceMs: 90_000 });
    return `the stack in ${home} is down`;
  }
  const left = markedFor(home);
  await endAll(left, { graceMs });
  const engines = readEngines(join(home, 'engines')) === undefined && markedFor(join(home, 'engines')).length === 0 ? [] : await stopEngines(join(home, 'engines'), { graceMs });
  rmSync(statePath(home), { force: true });
  const ended = [...left.map(({ name }) => name), ...engines];
  return ended.length === 0 ? `nothing runs in ${home}` : `ended ${ended.join(', ')}`;
}

async function takeFolder(home, log) {
  await withLock(join(home, 'stack.lock'), async () => {
    const before = readStack(home);
    if (before?.owner !== undefined && isAlive(before.owner) && before.owner.pid !== process.pid) throw new Error(`process ${before.owner.pid} runs the stack of ${home}: npm run stack -- --down ends it.`);
    const left = markedFor(home);
    if (left.length > 0) log(`ending what an earlier run left: ${left.map(({ name, pid }) => `${name} (${pid})`).join(', ')}`);
    await endAll(left);
    writeWhole(statePath(home), JSON.stringify({ owner: ownIdentity(), processes: [] }));
  });
}

/** Keyspaces of a data center, as migrations are told of them: its own in its part of the cluster, the directory in every part. */
export function migrationOf(dc, dcs, { HELIOGRAPH_CASSANDRA: hosts }) {
  return {
    contactPoints: hosts.split(','), localDataCenter: `dc${dc}`, keyspace: `heliograph_dc${dc}`, directoryKeyspace: 'heliograph_directory',
    replication: `dc${dc}:1`, directoryReplication: dcs.map((each) => `dc${each}:1`).join(','),
  };
}

/** Groups of processes that are ended together, one after another. */
function endingOrder(processes) {
  const groups = new Map();
  for (const each of processes) {
    const key = each.service === 'balancer' ? 'gateway+' : each.service;
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  const balancers = groups.get('gateway+') ?? [];
  groups.delete('gateway+');
  return [...groups.values()].flatMap((group, index) => (index === 0 ? [group, balancers] : [group]));
}

function balancerOptions(plan, planned, host) {
  const backends = plan.processes.filter(({ service, dc }) => service === 'gateway' && dc === planned.dc).map((gateway) => ({ name: gateway.name, host: gateway.host, port: gateway.port, ready: `http://${gateway.host}:${gateway.httpPort}/readyz` }));
  return { listen: { host, port: planned.port }, backends, http: { host: planned.host, port: planned.httpPort } };
}

/** Why a process is not ready, by its own words. */
function readiness({ host, httpPort }) {
  return new Promise((done) => {
    const asked = get({ host, port: httpPort, path: '/readyz', timeout: 2000, agent: false }, (answer) => {
      const chunks = [];
      answer.on('data', (chunk) => chunks.push(chunk)).on('error', () => done(['no whole answer'])).on('end', () => {
        if (answer.statusCode === 200) return done([]);
        try {
          done(JSON.parse(Buffer.concat(chunks).toString('utf8')).reasons);
        } catch {
          done([`answers ${answer.statusCode}`]);
        }
      });
    });
    asked.on('timeout', () => asked.destroy(new Error('does not answer'))).on('error', (error) => done([error.code === 'ECONNREFUSED' ? 'not listening' : error.message]));
  });
}

/** @throws with what each of the rest waits for */
async function untilAllReady(processes, log) {
  const started = performance.now();
  let told = started;
  let left = processes;
  for (;;) {
    const asked = await Promise.all(left.map(async (each) => ({ each, reasons: await readiness(each) })));
    left = asked.filter(({ reasons }) => reasons.length > 0).map(({ each }) => each);
    if (left.length === 0) return;
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    const waiting = byReason(asked);
    if (performance.now() - started > READY_MS) throw new Error(`not ready within ${READY_MS / 1000} s:\n${waiting}\nThe end of ${left[0].log}:\n${tail(left[0].log)}`);
    if (performance.now() - told > TELL_MS) {
      told = performance.now();
      log(`${processes.length - left.length} of ${processes.length} processes are ready after ${seconds} s; the others:\n${waiting}`);
    }
    await pause(100);
  }
}

/** Who waits, by what for: one line a reason. */
function byReason(asked) {
  const names = new Map();
  for (const { each, reasons } of asked) {
    // Seconds and replicas differ; what is waited for is the same.
    for (const reason of reasons) {
      const key = reason.replace(/ since \d+ s/, '');
      names.set(key, [...(names.get(key) ?? []), each.name]);
    }
  }
  return [...names].map(([reason, who]) => `  ${who.join(' ')}: ${reason}`).join('\n');
}

/** The document that clients connect by; what gateways said of themselves is kept, so that it can be had while one is down. */
function connectDocument({ plan, processes, url, testPhones }) {
  const known = new Map();
  return async () => {
    for (const { id } of plan.dcs) {
      if (known.has(id)) continue;
      const gateways = processes.filter(({ service, dc }) => service === 'gateway' && dc === id);
      known.set(id, await Promise.any(gateways.map((each) => askJson(`http://${each.host}:${each.httpPort}/connect.json`))).catch(() => {
        throw new Error(`no gateway of DC ${id} is up`);
      }));
    }
    const documents = [...known.values()];
    const at = new URL('/', url).href.replace(/\/$/, '');
    return {
      dcs: plan.dcs.map(({ id }) => known.get(id).dcs.find((dc) => dc.id === id)),
      layers: [...new Set(documents.flatMap(({ layers }) => layers))].sort((one, other) => one - other),
      testPhones, outbox: `${at}/dev/outbox`, botApi: at,
    };
  };
}

/** Tells each step with the time that it took. */
function stepper(log) {
  let last = performance.now();
  return (what) => {
    const now = performance.now();
    log(`${what} (${((now - last) / 1000).toFixed(1)} s)`);
    last = now;
  };
}
