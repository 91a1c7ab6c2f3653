// Real engines on one machine: one Cassandra cluster with a datacenter for each DC, and a Kafka, a Redis and an S3 server in each.
// DC k's engines listen on the loopback address 127.0.0.k, on the same ports in each.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { cacheFolder, withLock, writeWhole } from './cache.mjs';
import { cassandra, nodetool } from './cassandra.mjs';
import { KINDS, fetchEngines } from './fetch.mjs';
import { kafka } from './kafka.mjs';
import { ownedProcess } from './owned-process.mjs';
import { checkFree } from './ports.mjs';
import { LOG_LOOK_MS, boundLog, endAll, isAlive, markedFor, ownIdentity, tail, usageTable } from './processes.mjs';
import { redis } from './redis.mjs';
import { S3_REGION, s3 } from './s3.mjs';

export const BASE_PORT = 19400;

/** Ports of the engines of one DC, from the first on. DCs differ by address; Cassandra's JMX alone is always on 127.0.0.1. */
export const portsFrom = (base) => ({ cql: base, storage: base + 1, kafka: base + 2, controller: base + 3, redis: base + 4, s3: base + 5, jmx: base + 6 });

/** The address that DC k's engines listen on, unless told otherwise. */
export const hostOf = (dc) => `127.0.0.${dc}`;

/**
 * Starts engines and waits until each answers by its protocol. What a crashed run of the same folder left running is ended first;
 * what it left on disk is there again.
 * @param {object} options
 * @param {string} options.folder for data, logs and the list of processes
 * @param {number} [options.basePort] first of about ten ports (see portsFrom)
 * @param {Partial<ReturnType<typeof portsFrom>>} [options.ports] single ports, instead of those from basePort
 * @param {number[]} [options.dcs]
 * @param {('cassandra' | 'kafka' | 'redis' | 's3')[]} [options.which]
 * @param {Record<number, string>} [options.hosts] by DC, where its engines listen
 * @param {Record<number, string>} [options.broadcast] by DC, the address (at the same storage port) at which other Cassandra nodes reach its node: a proxy's
 * @param {Record<number, { host: string, port: number }>} [options.kafkaAdvertised] by DC, where Kafka's clients are sent to: a proxy's
 * @param {'batch' | 'group' | 'periodic'} [options.commitLog] of Cassandra
 * @param {boolean} [options.fresh] throw away what an earlier run left on disk
 * @param {boolean} [options.tied] they are killed when this process ends, however that happens; false: they stay until stopEngines
 * @param {string} [options.cache]
 * @param {(line: string) => void} [options.log]
 * @param {(engine: Engine, how: string) => void} [options.onDeath] told when an engine ends that nobody ended
 * @returns {Promise<Engines>}
 */
export async function startEngines({
  folder, basePort = BASE_PORT, ports = {}, dcs = [1, 2], which = KINDS, hosts = {}, broadcast = {}, kafkaAdvertised = {}, commitLog = 'batch', fresh = false, tied = true,
  cache = cacheFolder(), log = (line) => console.error(`engines: ${line}`),
  onDeath = (engine, how) => log(`${engine.name} ended: ${how}. The end of ${engine.log}:\n${tail(engine.log)}`),
}) {
  const root = resolve(folder);
  mkdirSync(root, { recursive: true });
  const fetched = await fetchEngines({ which, cache, log });
  const started = performance.now();
  const since = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
  const definitions = define({ root, ports: { ...portsFrom(basePort), ...ports }, dcs, which, hosts, broadcast, kafkaAdvertised, commitLog, fetched });

  const engines = await withLock(join(root, 'engines.lock'), async () => {
    const before = readState(root);
    if (before?.owner !== undefined && isAlive(before.owner) && before.owner.pid !== process.pid) throw new Error(`process ${before.owner.pid} runs engines in ${root}. End it, or use another folder.`);
    await endLeftovers(root, log);
    if (fresh) for (const { name } of definitions) rmSync(join(root, name), { recursive: true, force: true });
    await checkFree(definitions.flatMap(({ listens }) => listens));
    for (const definition of definitions) await definition.prepare();
    return definitions.map((definition) => engineOf({ definition, root, tied, onDeath, onChange: () => writeState(root, engines, tied) }));
  });
  const byName = (name) => {
    const engine = engines.find((each) => each.name === name);
    if (engine === undefined) throw new Error(`there is no engine ${name}: choose of ${engines.map((each) => each.name).join(', ')}`);
    return engine;
  };
  const ofKind = (kind) => Object.fromEntries(engines.filter((engine) => engine.kind === kind).map((engine) => [engine.dc, engine]));
  const watch = setInterval(() => engines.forEach((engine) => boundLog(engine.log)), LOG_LOOK_MS);
  watch.unref();

  /** @type {Engines} */
  const result = {
    folder: root, engines,
    cassandra: ofKind('cassandra'), kafka: ofKind('kafka'), redis: ofKind('redis'), s3: ofKind('s3'),
    get pids() {
      return Object.fromEntries(engines.map((engine) => [engine.name, engine.pid]));
    },
    engine: byName,
    settings: (dc) => settingsOf(definitions, dc),
    kill: (name) => byName(name).kill(),
    term: (name) => byName(name).term(),
    pause: (name) => byName(name).pause(),
    resume: (name) => byName(name).resume(),
    restart: (name) => byName(name).restart(),
    nodetool: (dc, ...args) => nodetool({ jars: fetched.cassandra.jars, java: fetched.java, jmx: jmxPort({ ...portsFrom(basePort), ...ports }, dcs, dc), folder: join(root, `cassandra-dc${dc}`) }, args),
    table: () => usageTable(engines),
    async stop({ graceMs, remove = false } = {}) {
      clearInterval(watch);
      await Promise.all(engines.map((engine) => engine.term({ graceMs })));
      rmSync(statePath(root), { force: true });
      if (remove) rmSync(root, { recursive: true, force: true });
    },
  };
  try {
    await Promise.all(engines.map(async (engine) => {
      await engine.start();
      log(`${engine.name} ready at ${engine.address} after ${since()}`);
    }));
  } catch (error) {
    await result.stop({ graceMs: 0 });
    throw error;
  }
  return result;
}

/**
 * Ends what runs in a folder, whoever started it.
 * @returns {Promise<string[]>} names of what was ended
 */
export async function stopEngines(folder, { graceMs } = {}) {
  const root = resolve(folder);
  const running = runningIn(root);
  await endAll(running, { graceMs });
  rmSync(statePath(root), { force: true });
  return running.map(({ name }) => name);
}

/** What runs in a folder: names, pids, addresses, settings of each DC. Undefined when nothing was started there. */
export function readState(folder) {
  const path = statePath(resolve(folder));
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}

const statePath = (root) => join(root, 'engines.json');

function writeState(root, engines, tied) {
  const dcs = [...new Set(engines.map(({ dc }) => dc))];
  writeWhole(statePath(root), JSON.stringify({
    owner: tied ? ownIdentity() : undefined,
    engines: engines.map(({ name, dc, kind, pid, started, address, log }) => ({ name, dc, kind, pid, started, address, log })),
    settings: Object.fromEntries(dcs.map((dc) => [dc, settingsOf(engines, dc)])),
  }, undefined, 1), 0o600);
}

/** Processes of a folder: those that were written down, and those that carry its mark (one may have been started just before a crash). */
function runningIn(root) {
  const written = (readState(root)?.engines ?? []).filter(isAlive);
  return [...written, ...markedFor(root).filter(({ pid }) => !written.some((each) => each.pid === pid))];
}

async function endLeftovers(root, log) {
  const left = runningIn(root);
  if (left.length === 0) return;
  log(`ending what an earlier run left: ${left.map(({ name, pid }) => `${name} (${pid})`).join(', ')}`);
  await endAll(left);
}

const jmxPort = (ports, dcs, dc) => ports.jmx + dcs.indexOf(dc);

/** The engines wanted, as definitions: what each is, not yet started. */
function define({ root, ports, dcs, which, hosts, broadcast, kafkaAdvertised, commitLog, fetched }) {
  const host = (dc) => hosts[dc] ?? hostOf(dc);
  const reached = Object.fromEntries(dcs.map((dc) => [dc, broadcast[dc] ?? host(dc)]));
  const makers = {
    cassandra: (dc, folder) => cassandra({ folder, dc, dcs, host: host(dc), broadcast: reached, ports: { ...ports, jmx: jmxPort(ports, dcs, dc) }, commitLog, java: fetched.java, ...fetched.cassandra }),
    kafka: (dc, folder) => kafka({ folder, dc, host: host(dc), ports, advertised: kafkaAdvertised[dc], java: fetched.java, ...fetched.kafka }),
    redis: (dc, folder) => redis({ folder, dc, host: host(dc), ports, root: fetched.redis }),
    s3: (dc, folder) => s3({ folder, dc, host: host(dc), ports, bucket: `heliograph-dc${dc}`, program: fetched.s3 }),
  };
  return dcs.flatMap((dc) => KINDS.filter((kind) => which.includes(kind)).map((kind) => makers[kind](dc, join(root, `${kind}-dc${dc}`))));
}

/** Settings with which a service of a DC finds its engines. */
function settingsOf(engines, dc) {
  const at = (kind) => engines.find((engine) => engine.kind === kind && engine.dc === dc);
  const [node, broker, memory, store] = KINDS.map(at);
  return {
    ...(node && { HELIOGRAPH_CASSANDRA: `${node.host}:${node.port}`, HELIOGRAPH_CASSANDRA_DATACENTER: `dc${dc}` }),
    ...(broker && { HELIOGRAPH_KAFKA: `${broker.host}:${broker.port}`, HELIOGRAPH_KAFKA_REPLICATION: '1' }),
    ...(memory && { HELIOGRAPH_REDIS: `redis://${memory.host}:${memory.port}/0` }),
    ...(store && { HELIOGRAPH_S3_ENDPOINT: `http://${store.host}:${store.port}`, HELIOGRAPH_S3_BUCKET: store.bucket, HELIOGRAPH_S3_REGION: S3_REGION, HELIOGRAPH_S3_ACCESS_KEY: store.keys.accessKey, HELIOGRAPH_S3_SECRET_KEY: store.keys.secretKey }),
  };
}

/** One engine. @returns {Engine} */
function engineOf({ definition, root, tied, onDeath, onChange }) {
  const { name, kind, dc, host, port, bucket, keys, command, args, env, locksNoMemory, ready } = definition;
  const engine = ownedProcess({ name, folder: root, command, args, env, cwd: root, log: join(root, 'logs', `${name}.log`), tied, locksNoMemory, ready, onDeath: (how) => onDeath(engine, how), onChange });
  return Object.assign(engine, { kind, dc, host, port, address: `${host}:${port}`, bucket, keys });
}

/**
 * @typedef {import('./owned-process.mjs').OwnedProcess & EngineFacts} Engine
 *
 * @typedef {object} EngineFacts
 * @property {'cassandra' | 'kafka' | 'redis' | 's3'} kind
 * @property {number} dc
 * @property {string} host
 * @property {number} port
 * @property {string} address `host:port`, as clients reach it
 * @property {string | undefined} bucket of an S3 server
 * @property {{ accessKey: string, secretKey: string } | undefined} keys of an S3 server
 *
 * @typedef {object} Engines
 * @property {string} folder
 * @property {Engine[]} engines
 * @property {Record<number, Engine>} cassandra by DC; the same for the other kinds
 * @property {Record<number, Engine>} kafka
 * @property {Record<number, Engine>} redis
 * @property {Record<number, Engine>} s3
 * @property {Record<string, number>} pids by name
 * @property {(name: string) => Engine} engine
 * @property {(dc: number) => Record<string, string>} settings environment with which a service of the DC finds its engines
 * @property {(name: string) => Promise<void>} kill
 * @property {(name: string) => Promise<void>} term
 * @property {(name: string) => boolean} pause
 * @property {(name: string) => boolean} resume
 * @property {(name: string) => Promise<void>} restart
 * @property {(dc: number, ...args: string[]) => Promise<string>} nodetool
 * @property {() => string} table what each uses
 * @property {(options?: { graceMs?: number, remove?: boolean }) => Promise<void>} stop all of them; remove: the folder too
 */
