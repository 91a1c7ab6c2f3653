// One Cassandra node: its files, its command line, and when it is ready.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask } from './ask.mjs';
import { run } from './cache.mjs';
import { classPath } from './java.mjs';

export const CASSANDRA_VERSION = '5.0.9';
const HEAP_MIB = 384;

const open = (kind, names) => names.split(' ').flatMap((name) => [kind, `${name}=ALL-UNNAMED`]);
/** What Cassandra reaches for inside Java 17 (a superset of its own conf/jvm17-server.options). */
const INSIDE_JAVA = [
  ...open('--add-exports', 'java.base/jdk.internal.misc java.base/java.lang.ref java.management.rmi/com.sun.jmx.remote.internal.rmi java.rmi/sun.rmi.registry java.rmi/sun.rmi.server java.sql/java.sql jdk.unsupported/sun.misc jdk.attach/sun.tools.attach jdk.compiler/com.sun.tools.javac.file'),
  ...open('--add-opens', 'java.base/java.lang.module java.base/jdk.internal.loader java.base/jdk.internal.ref java.base/jdk.internal.reflect java.base/jdk.internal.math java.base/jdk.internal.module java.base/jdk.internal.util.jar jdk.management/com.sun.management.internal java.base/sun.nio.ch java.base/java.io java.base/java.lang java.base/java.lang.reflect java.base/java.util java.base/java.util.concurrent java.base/java.util.concurrent.atomic java.base/java.math java.base/java.net jdk.compiler/com.sun.tools.javac'),
];

/** Flags that the class-data archive depends on. */
export const CASSANDRA_FLAGS = [
  '-Xms64m', `-Xmx${HEAP_MIB}m`, '-Xss256k', '-XX:MaxDirectMemorySize=192m', '-XX:+UseSerialGC', '-XX:+PerfDisableSharedMem', '-XX:+ExitOnOutOfMemoryError', '-XX:TieredStopAtLevel=1',
  ...INSIDE_JAVA,
  '-Djava.net.preferIPv4Stack=true', '-Djdk.attach.allowAttachSelf=true', '-Dio.netty.tryReflectionSetAccessible=true', '-Dio.netty.allocator.useCacheForAllThreads=true', '-Dio.netty.allocator.maxOrder=11',
];

/**
 * Cassandra's workers look for work every 10 µs while there is some, up to 18,000 times a second, which on few cores costs three times as
 * much as the work itself. With a timer slack of a millisecond (Linux: proc(5), timerslack_ns) the system lets them sleep that long at least;
 * elsewhere nothing changes. See docs/adr/0012-engines-on-few-cores.md.
 */
const WITH_TIMER_SLACK = '{ echo 1000000 > /proc/self/timerslack_ns; } 2>/dev/null; exec "$@"';

/**
 * @param {object} options
 * @param {string} options.folder its own
 * @param {number} options.dc
 * @param {number[]} options.dcs of the cluster: node k owns the ring of datacenter dc<k>
 * @param {string} options.host it listens there for clients and for nodes
 * @param {Record<number, string>} options.broadcast by DC, where the other nodes reach a node: the address of a proxy, or the node's own
 * @param {{ cql: number, storage: number, jmx: number }} options.ports
 * @param {string} options.jars
 * @param {string} options.java
 * @param {string[]} options.archive flags about the class-data archive
 * @param {'batch' | 'group' | 'periodic'} [options.commitLog] periodic loses acknowledged writes when the node is killed
 */
export function cassandra({ folder, dc, dcs, host, broadcast, ports, jars, java, archive, commitLog = 'batch' }) {
  const datacenter = `dc${dc}`;
  return {
    name: `cassandra-${datacenter}`, kind: 'cassandra', dc, host, port: ports.cql,
    listens: [[host, ports.cql], [host, ports.storage], ['127.0.0.1', ports.jmx]],
    locksNoMemory: true,
    command: '/bin/sh',
    args: [
      '-c', WITH_TIMER_SLACK, 'cassandra', java, ...CASSANDRA_FLAGS, ...archive,
      `-Dcassandra.config=file://${folder}/cassandra.yaml`, `-Dcassandra-rackdc.properties=file://${folder}/cassandra-rackdc.properties`, `-Dlogback.configurationFile=file://${folder}/logback.xml`,
      `-Dcassandra.storagedir=${folder}`, `-Dcassandra.logdir=${folder}`, `-Dcassandra.jmx.local.port=${ports.jmx}`,
      // Two nodes that start together forget each other when the quarantine is as short as the ring delay, and each makes a cluster of its own.
      '-Dcassandra.ring_delay_ms=100', '-Dcassandra.gossip_quarantine_delay_ms=60000', '-Dcassandra.skip_wait_for_gossip_to_settle=0',
      '-Dcassandra.consistent.rangemovement=false', '-Dcassandra.superuser_setup_delay_ms=0', '-Dcassandra.shutdown_announce_in_ms=0', '-Dcassandra.available_processors=2',
      // Its coarse clock ticks every 2 ms by default: most of what an idle node does.
      '-Dcassandra.approximate_time_precision_ms=20',
      '-cp', classPath(jars), 'org.apache.cassandra.service.CassandraDaemon',
    ],
    async prepare() {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'cassandra.yaml'), configuration({ folder, dc, dcs, host, broadcast, ports, commitLog }));
      writeFileSync(join(folder, 'cassandra-rackdc.properties'), `dc=${datacenter}\nrack=r1\n`);
      // Another date pattern silences the log.
      writeFileSync(join(folder, 'logback.xml'), '<configuration><appender name="OUT" class="ch.qos.logback.core.ConsoleAppender"><encoder><pattern>%-5level %date{ISO8601} [%thread] %logger{0} %msg%n</pattern></encoder></appender><root level="INFO"><appender-ref ref="OUT"/></root></configuration>\n');
    },
    ready: () => cassandraReady({ host, port: ports.cql }, dcs.filter((other) => other !== dc).map((other) => `dc${other}`)),
  };
}

function configuration({ folder, dc, dcs, host, broadcast, ports, commitLog }) {
  const sync = { batch: 'commitlog_sync: batch', group: 'commitlog_sync: group\ncommitlog_sync_group_window: 5ms', periodic: 'commitlog_sync: periodic\ncommitlog_sync_period: 1000ms' }[commitLog];
  if (sync === undefined) throw new Error(`commitLog is batch, group or periodic, not ${commitLog}`);
  // Tokens differ over the whole cluster; with one node a datacenter each owns the whole ring of its own.
  const token = -(2n ** 63n) + BigInt(dcs.indexOf(dc)) * (2n ** 64n / BigInt(dcs.length));
  return `cluster_name: heliograph
num_tokens: 1
initial_token: "${token}"
auto_bootstrap: false
partitioner: org.apache.cassandra.dht.Murmur3Partitioner
endpoint_snitch: GossipingPropertyFileSnitch
dynamic_snitch: false
seed_provider: [ { class_name: org.apache.cassandra.locator.SimpleSeedProvider, parameters: [ { seeds: "${dcs.map((each) => broadcast[each]).join(',')}" } ] } ]
listen_address: ${host}
broadcast_address: ${broadcast[dc]}
storage_port: ${ports.storage}
rpc_address: ${host}
broadcast_rpc_address: ${host}
native_transport_port: ${ports.cql}
data_file_directories: [ ${folder}/data ]
commitlog_directory: ${folder}/commitlog
saved_caches_directory: ${folder}/saved_caches
hints_directory: ${folder}/hints
cdc_raw_directory: ${folder}/cdc
${sync}
commitlog_segment_size: 8MiB
commitlog_total_space: 64MiB
memtable_heap_space: 64MiB
memtable_offheap_space: 64MiB
file_cache_size: 32MiB
networking_cache_size: 16MiB
key_cache_size: 4MiB
row_cache_size: 0MiB
counter_cache_size: 0MiB
concurrent_reads: 16
concurrent_writes: 16
concurrent_compactors: 1
native_transport_max_threads: 16
paxos_variant: v2
cas_contention_timeout: 5000ms
hints_flush_period: 1000ms
auto_snapshot: false
`;
}

const frame = (opcode, body) => {
  const header = Buffer.alloc(9);
  header[0] = 4;
  header[4] = opcode;
  header.writeInt32BE(body.length, 5);
  return Buffer.concat([header, body]);
};
const shortString = (text) => Buffer.concat([Buffer.from([0, text.length]), Buffer.from(text)]);
const STARTUP = frame(1, Buffer.concat([Buffer.from([0, 1]), shortString('CQL_VERSION'), shortString('3.0.0')]));
const RESULT = 8;
const wholeFrame = (answer) => answer.length >= 9 && answer.length >= 9 + answer.readInt32BE(5);

/**
 * Whether a node answers CQL and knows the other datacenters. An open port alone says too little: nodes that missed each other at the
 * start each serve a cluster of their own.
 * @param {{ host: string, port: number }} address
 * @param {string[]} others datacenters that must be in system.peers_v2
 */
export function cassandraReady(address, others) {
  const text = 'SELECT data_center FROM system.peers_v2';
  const query = Buffer.alloc(4 + text.length + 3);
  query.writeInt32BE(text.length);
  query.write(text, 4);
  query.writeInt16BE(1, 4 + text.length);
  return ask(address, [STARTUP, frame(7, query)], (answer) => {
    if (!wholeFrame(answer)) return undefined;
    const rows = answer.toString('latin1');
    return answer[4] === RESULT && others.every((name) => rows.includes(name));
  }, wholeFrame);
}

/**
 * Runs nodetool against a node of this machine.
 * @param {{ jars: string, java: string, jmx: number, folder: string }} node folder: for what nodetool wants to write
 * @param {string[]} args e.g. ['status']
 * @returns {Promise<string>} what it printed
 */
export function nodetool({ jars, java, jmx, folder }, args) {
  const silent = join(folder, 'nodetool-logback.xml');
  writeFileSync(silent, '<configuration><root level="ERROR"/></configuration>\n');
  return run(java, [
    '-Xmx64m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', ...INSIDE_JAVA, '-Djava.net.preferIPv4Stack=true', `-Dcassandra.storagedir=${folder}`, `-Dlogback.configurationFile=file://${silent}`,
    '-cp', join(jars, '*'), 'org.apache.cassandra.tools.NodeTool', '-h', '127.0.0.1', '-p', String(jmx), ...args,
  ]);
}
