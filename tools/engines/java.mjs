// What the engines in Java share: finding Java, jars by Maven with pinned checksums, class-data archives.
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached, checkPins, readPins, run, withLock } from './cache.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const JAVA_MIN = 17;

/**
 * The Java to run: $JAVA_HOME's, else the first in PATH.
 * @returns {{ command: string, release: string }} release: a text that differs between builds of Java
 * @throws when there is none, or one that is too old
 */
export function findJava(environment = process.env) {
  const candidates = [environment.JAVA_HOME && join(environment.JAVA_HOME, 'bin'), ...(environment.PATH ?? '').split(delimiter)].filter(Boolean).map((folder) => join(folder, 'java'));
  const found = candidates.find((path) => existsSync(path));
  if (found === undefined) throw new Error(`Cassandra and Kafka need Java ${JAVA_MIN}: there is none in JAVA_HOME or PATH. Install one (on Debian: openjdk-${JAVA_MIN}-jre-headless).`);
  const command = realpathSync(found);
  const releasePath = join(dirname(command), '..', 'release');
  const release = existsSync(releasePath) ? readFileSync(releasePath, 'utf8') : `${command} ${statSync(command).mtimeMs}`;
  const version = Number(/^JAVA_VERSION="(\d+)/m.exec(release)?.[1] ?? JAVA_MIN);
  if (version < JAVA_MIN) throw new Error(`Cassandra and Kafka need Java ${JAVA_MIN}; ${found} is ${version}. Install a newer one or set JAVA_HOME.`);
  return { command, release };
}

/**
 * Fetches the jars of an engine: `maven/<engine>/pom.xml` says which, `maven/<engine>/jars.sha256` what they must be.
 * @param {{ engine: 'cassandra' | 'kafka', version: string, cache: string, log: (line: string) => void }} options
 * @returns {Promise<string>} a folder with the jars
 */
export function fetchJars({ engine, version, cache, log }) {
  const name = `engines/${engine}-${version}`;
  const pins = readPins(join(here, 'maven', engine, 'jars.sha256'));
  return cached({
    cache, name, log,
    // Another list of pins is another engine, whatever its version.
    isGood: (folder) => jarsOf(folder).join() === [...pins.keys()].sort().join(),
    async make(folder) {
      const pom = join(folder, 'pom.xml');
      copyFileSync(join(here, 'maven', engine, 'pom.xml'), pom);
      // What Maven fetched whole it keeps in its repository: an interrupted fetch goes on from there.
      const repository = join(cache, 'engines', 'maven-repository');
      let jars = 0;
      let shown = performance.now();
      await run('mvn', ['--batch-mode', `-Dmaven.repo.local=${repository}`, '--file', pom, 'dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${folder}`], {
        absent: `the jars of ${engine} come by Maven: install it (on Debian: maven).`,
        onLine(line) {
          if (/Downloaded from .*\.jar/.test(line)) jars += 1;
          if (performance.now() - shown < 2000) return;
          shown = performance.now();
          log(`${name}: ${jars} jars …`);
        },
      });
      await checkPins(folder, jarsOf(folder), pins);
    },
  });
}

const jarsOf = (folder) => readdirSync(folder).filter((file) => file.endsWith('.jar')).sort();

/** The class path of a folder of jars, sorted: a class-data archive holds for one order only. */
export function classPath(folder) {
  return jarsOf(folder).map((file) => join(folder, file)).join(':');
}

/**
 * The class-data archive of an engine: it halves the CPU that a start costs. Made once for each build of Java and set of flags, by one start.
 * @param {{ jars: string, flags: string[], java: { release: string }, log: (line: string) => void, record: (path: string) => Promise<void> }} options
 *   record: starts the engine with `-XX:ArchiveClassesAtExit=<path>`, waits until it is ready, ends it
 * @returns {Promise<string>} the archive's path
 */
export async function classArchive({ jars, flags, java, log, record }) {
  const key = createHash('sha256').update(java.release).update(flags.join('\n')).update(classPath(jars)).digest('hex').slice(0, 12);
  const path = join(jars, `classes-${key}.jsa`);
  if (existsSync(path)) return path;
  return withLock(`${path}.lock`, async () => {
    if (existsSync(path)) return path;
    log(`${jars.split('/').pop()}: recording its class-data archive (once) …`);
    const partial = `${path}.partial`;
    rmSync(partial, { force: true });
    await record(partial);
    if (!existsSync(partial)) throw new Error(`Java left no class-data archive at ${partial}`);
    renameSync(partial, path);
    return path;
  }, { onWait: () => log(`${jars.split('/').pop()}: another process records its class-data archive; waiting …`) });
}

/** Makes a folder and those above it. */
export const folderAt = (...parts) => {
  const path = join(...parts);
  mkdirSync(path, { recursive: true });
  return path;
};
