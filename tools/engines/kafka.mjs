// One Kafka broker that is its own controller: its files, its command line, and when it is ready.
import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask } from './ask.mjs';
import { run, withLock } from './cache.mjs';
import { classPath } from './java.mjs';

export const KAFKA_VERSION = '4.4.0';

/** Flags that the class-data archive depends on. */
export const KAFKA_FLAGS = [
  '-Xms32m', '-Xmx192m', '-Xss256k', '-XX:MaxDirectMemorySize=64m', '-XX:+UseSerialGC', '-XX:+ExitOnOutOfMemoryError', '-XX:TieredStopAtLevel=1',
  '-Djava.net.preferIPv4Stack=true', '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-Dorg.slf4j.simpleLogger.showDateTime=true', '-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS',
];

/**
 * @param {object} options
 * @param {string} options.folder its own
 * @param {number} options.dc
 * @param {string} options.host
 * @param {{ host: string, port: number }} [options.advertised] where clients are told to go: a proxy, or the broker itself
 * @param {{ kafka: number, controller: number }} options.ports
 * @param {string} options.jars
 * @param {string} options.java
 * @param {string[]} options.archive flags about the class-data archive
 */
export function kafka({ folder, dc, host, ports, advertised = { host, port: ports.kafka }, jars, java, archive }) {
  const properties = join(folder, 'server.properties');
  return {
    name: `kafka-dc${dc}`, kind: 'kafka', dc, host, port: ports.kafka,
    listens: [[host, ports.kafka], [host, ports.controller]],
    command: java,
    args: [...KAFKA_FLAGS, ...archive, '-cp', classPath(jars), 'kafka.Kafka', properties],
    async prepare() {
      mkdirSync(folder, { recursive: true });
      const text = configuration({ folder, host, ports, advertised });
      writeFileSync(properties, text);
      const log = join(folder, 'log');
      if (existsSync(join(log, 'meta.properties'))) return;
      const formatted = await formattedFolder({ jars, java, text });
      rmSync(log, { recursive: true, force: true });
      cpSync(formatted, log, { recursive: true });
      const meta = join(log, 'meta.properties');
      // Each broker is a cluster of its own: no two have the same id.
      writeFileSync(meta, readFileSync(meta, 'utf8').replace(/^cluster\.id=.*$/m, `cluster.id=${clusterId()}`));
    },
    ready: () => kafkaReady({ host, port: ports.kafka }),
  };
}

const clusterId = () => randomBytes(16).toString('base64url');

/**
 * A folder as Kafka's own StorageTool formats it, made once. One that is written by hand starts too, but silently lacks newer features
 * (transaction.version, group.version).
 */
function formattedFolder({ jars, java, text }) {
  const formatted = join(jars, 'formatted');
  const stands = () => existsSync(join(formatted, 'meta.properties'));
  if (stands()) return formatted;
  return withLock(`${formatted}.lock`, async () => {
    if (stands()) return formatted;
    rmSync(formatted, { recursive: true, force: true });
    const properties = `${formatted}.properties`;
    writeFileSync(properties, text.replace(/^log\.dirs=.*$/m, `log.dirs=${formatted}`));
    await run(java, ['-Xmx64m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Dorg.slf4j.simpleLogger.defaultLogLevel=error', '-cp', classPath(jars), 'kafka.tools.StorageTool', 'format', '-t', clusterId(), '-c', properties]);
    return formatted;
  });
}

function configuration({ folder, host, ports, advertised }) {
  return `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@${host}:${ports.controller}
listeners=PLAINTEXT://${host}:${ports.kafka},CONTROLLER://${host}:${ports.controller}
advertised.listeners=PLAINTEXT://${advertised.host}:${advertised.port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
log.dirs=${folder}/log
num.network.threads=2
num.io.threads=4
num.partitions=4
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=2
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
broker.heartbeat.interval.ms=400
broker.session.timeout.ms=2000
metadata.max.idle.interval.ms=5000
log.segment.bytes=67108864
log.index.size.max.bytes=1048576
log.cleaner.dedupe.buffer.size=16777216
`;
}

const CORRELATION = 7;
const API_VERSIONS = 18;

/** Whether a broker answers ApiVersions, which it does once its controller lets it serve. @param {{ host: string, port: number }} address */
export function kafkaReady(address) {
  const client = 'ready';
  const request = Buffer.alloc(14 + client.length);
  request.writeInt32BE(request.length - 4, 0);
  request.writeInt16BE(API_VERSIONS, 4);
  request.writeInt16BE(0, 6);
  request.writeInt32BE(CORRELATION, 8);
  request.writeInt16BE(client.length, 12);
  request.write(client, 14);
  return ask(address, [request], (answer) => (answer.length < 10 ? undefined : answer.readInt32BE(4) === CORRELATION && answer.readInt16BE(8) === 0));
}
