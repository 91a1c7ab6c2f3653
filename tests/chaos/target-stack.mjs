// Two data centers on real engines, one process per service, with proxies on every line that a fault may touch.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tcpProxy from '../../libs/testing/dist/tcp-proxy.js';
import { hostOf, portsFrom } from '../../tools/engines/engines.mjs';
import { CqlWatch } from './cql-watch.mjs';
import { openLinks } from '../../tools/stack/links.mjs';
import { migrationOf, startStack } from '../../tools/stack/stack.mjs';

const { openTcpProxy } = tcpProxy;

const DCS = [1, 2];
const BASE_PORT = 19_400;
/** Clients dial these; GramJS's sessions keep ports as signed 16-bit numbers. */
const FIRST_LINK_PORT = 19_830;
/** Kafka's disk in DC 1, which a fault fills. */
const KAFKA_DISK_MIB = 320;
/** Of what the stack tells while it runs. */
const LINES_MAX = 6;
const LINE_CHARACTERS_MAX = 300;

/**
 * @param {{random: object, log: (line: string) => void, programOf?: Function, migrateSchema?: Function}} options the last two as of startStack
 */
export async function startStackTarget({ random, log, programOf, migrateSchema }) {
  const folder = mkdtempSync(join(tmpdir(), 'heliograph-stack-'));
  const ports = portsFrom(BASE_PORT);
  const interDc = await openLinks();
  // Services reach their Cassandra and object store through these.
  const lines = {};
  for (const dc of DCS) {
    const watch = new CqlWatch();
    lines[dc] = {
      watch,
      cassandra: await openTcpProxy({ target: { host: hostOf(dc), port: ports.cql }, host: hostOf(dc), random: random.next, tap: watch.tap }),
      s3: await openTcpProxy({ target: { host: hostOf(dc), port: ports.s3 }, host: hostOf(dc), random: random.next }),
    };
  }
  const disk = join(folder, 'engines', 'kafka-dc1');
  mkdirSync(disk, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${KAFKA_DISK_MIB}m`, 'tmpfs', disk]);
  const deaths = [];
  const stack = await startStack({
    folder, basePort: BASE_PORT, links: interDc.links, log: (text) => log(brief(text)), restarts: true, programOf, migrateSchema,
    onDeath: (process, how) => deaths.push({ name: process.name, how }),
    settings: ({ dc }) => ({ HELIOGRAPH_CASSANDRA: `${lines[dc].cassandra.host}:${lines[dc].cassandra.port}`, HELIOGRAPH_S3_ENDPOINT: `http://${lines[dc].s3.host}:${lines[dc].s3.port}` }),
  });
  const document = await (await fetch(stack.url)).json();
  const links = new Map();
  for (const dc of document.dcs) links.set(dc.id, await openTcpProxy({ target: { host: dc.host, port: dc.port }, port: FIRST_LINK_PORT + dc.id, random: random.next }));
  const services = stack.processes.filter(({ service }) => service !== 'balancer');
  return {
    kind: 'stack',
    stack, interDc, lines, links, deaths, services,
    engines: stack.engines,
    folder,
    logs: join(folder, 'logs'),
    /** Where Kafka of DC 1 writes; of a limited size. */
    kafkaDisk: disk,
    get folders() {
      return [...stack.engines.engines.map(({ name }) => join(folder, 'engines', name)), join(folder, 'logs'), ...DCS.map((dc) => join(folder, `dc${dc}`))];
    },
    gateways: document.dcs,
    dcs: document.dcs.map((dc) => ({ ...dc, host: '127.0.0.1', port: links.get(dc.id).port })),
    process: (name) => stack.process(name),
    of: (service, dc) => services.filter((each) => each.service === service && (dc === undefined || each.dc === dc)),
    /** One inline command to the Redis of a DC. @returns {Promise<string>} the first line of its answer */
    redis: (dc, command) => redisCommand(stack.engines.redis[dc], command),
    /** As migrations are told of the keyspaces of a data center. */
    migrationOf: (dc) => migrationOf(dc, DCS, stack.engines.settings(dc)),
    /** What a service said last. */
    tail: (process, bytes = 4_000) => readFileSync(process.log, 'utf8').slice(-bytes),
    /** Everything that engines hold in memory is on disk. */
    async flush() {
      for (const dc of DCS) {
        await stack.engines.nodetool(dc, 'flush');
        await redisCommand(stack.engines.redis[dc], 'CONFIG SET rdbcompression no');
        await redisCommand(stack.engines.redis[dc], 'SAVE');
      }
    },
    async stop() {
      for (const link of links.values()) await link.close();
      interDc.clear();
      await stack.stop();
      await interDc.close();
      for (const dc of DCS) for (const proxy of [lines[dc].cassandra, lines[dc].s3]) await proxy.close();
      execFileSync('umount', ['-l', disk]);
      rmSync(folder, { recursive: true, force: true });
      return { code: 0 };
    },
  };
}

/** What died is told with the end of its log: its last line says why. */
function brief(text) {
  const lines = text.trim().split('\n').map((line) => line.slice(0, LINE_CHARACTERS_MAX));
  return lines.length <= LINES_MAX ? lines.join('\n') : [lines[0], ...lines.filter((line) => /Error|refus/.test(line)).slice(-1), lines.at(-1)].join('\n');
}

function redisCommand({ host, port }, command) {
  return new Promise((done, failed) => {
    const socket = connect(port, host, () => socket.write(`${command}\r\n`));
    let answer = '';
    socket.setTimeout(10_000, () => socket.destroy(new Error(`Redis does not answer ${command}`)));
    socket.on('error', failed);
    socket.on('data', (chunk) => {
      answer += chunk;
      if (!answer.includes('\r\n')) return;
      socket.destroy();
      if (answer.startsWith('-')) failed(new Error(`${command}: ${answer.trim()}`));
      else done(answer.split('\r\n')[0]);
    });
  });
}
