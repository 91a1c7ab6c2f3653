// Fetches what engines are made of, each once, into the cache.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheFolder } from './cache.mjs';
import { CASSANDRA_FLAGS, CASSANDRA_VERSION, cassandra } from './cassandra.mjs';
import { classArchive, fetchJars, findJava } from './java.mjs';
import { KAFKA_FLAGS, KAFKA_VERSION, kafka } from './kafka.mjs';
import { freePorts } from './ports.mjs';
import { endAll, launch } from './processes.mjs';
import { untilReady } from './ready.mjs';
import { fetchRedis } from './redis.mjs';
import { fetchVersitygw } from './s3.mjs';

export const KINDS = ['cassandra', 'kafka', 'redis', 's3'];

/**
 * What the engines need, fetched if it is not in the cache yet.
 * @param {{ which?: string[], cache?: string, log?: (line: string) => void }} [options]
 * @returns {Promise<{ java?: string, cassandra?: JavaEngine, kafka?: JavaEngine, redis?: string, s3?: string }>}
 *   redis: the root it was unpacked in; s3: the program
 *
 * @typedef {{ jars: string, archive: string[] }} JavaEngine archive: flags for Java that use its class-data archive
 */
export async function fetchEngines({ which = KINDS, cache = cacheFolder(), log = (line) => console.error(`engines: ${line}`) } = {}) {
  const unknown = which.filter((kind) => !KINDS.includes(kind));
  if (unknown.length > 0) throw new Error(`there is no engine ${unknown.join(', ')}: choose of ${KINDS.join(', ')}`);
  const wants = (kind) => which.includes(kind);
  const java = wants('cassandra') || wants('kafka') ? findJava() : undefined;
  const fetched = { java: java?.command };
  // Those that Maven fetches share its repository: one after the other.
  const byMaven = async () => {
    if (wants('cassandra')) fetched.cassandra = await javaEngine({ engine: 'cassandra', version: CASSANDRA_VERSION, flags: CASSANDRA_FLAGS, java, cache, log });
    if (wants('kafka')) fetched.kafka = await javaEngine({ engine: 'kafka', version: KAFKA_VERSION, flags: KAFKA_FLAGS, java, cache, log });
  };
  await Promise.all([
    byMaven(),
    wants('redis') && fetchRedis({ cache, log }).then((root) => (fetched.redis = root)),
    wants('s3') && fetchVersitygw({ cache, log }).then((program) => (fetched.s3 = program)),
  ]);
  return fetched;
}

async function javaEngine({ engine, version, flags, java, cache, log }) {
  const jars = await fetchJars({ engine, version, cache, log });
  const archive = await classArchive({ jars, flags, java, log, record: (path) => recordClasses({ engine, jars, java: java.command, path }) });
  return { jars, archive: [`-XX:SharedArchiveFile=${archive}`, '-Xlog:cds=off', '-Xlog:cds+dynamic=off'] };
}

/** Starts an engine alone in a folder that is thrown away; Java writes the archive of the classes that it loaded when it ends. */
async function recordClasses({ engine, jars, java, path }) {
  const folder = mkdtempSync(join(tmpdir(), `heliograph-${engine}-`));
  const ports = await freePorts('127.0.0.1', engine === 'cassandra' ? ['cql', 'storage', 'jmx'] : ['kafka', 'controller']);
  const archive = [`-XX:ArchiveClassesAtExit=${path}`, '-Xlog:cds=off', '-Xlog:cds+dynamic=off'];
  const options = { folder, dc: 1, host: '127.0.0.1', ports, jars, java, archive };
  const definition = engine === 'cassandra' ? cassandra({ ...options, dcs: [1], broadcast: { 1: '127.0.0.1' } }) : kafka(options);
  await definition.prepare();
  const launched = launch({ ...definition, folder, log: join(folder, 'log.txt') });
  try {
    await untilReady(definition, launched);
    await endAll([launched], { graceMs: 60_000 });
  } finally {
    await endAll([launched], { graceMs: 0 });
    rmSync(folder, { recursive: true, force: true });
  }
}
