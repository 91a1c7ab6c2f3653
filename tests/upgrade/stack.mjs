// Two data centers on real engines: process by process from the version before to this one, with both side by side for a while, and back.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Crowd } from '../chaos/people/crowd.mjs';
import { randomFrom } from '../chaos/random.mjs';
import { startStackTarget } from '../chaos/target-stack.mjs';
import { root } from './previous.mjs';
import { sleep, step } from './steps.mjs';

/** Both versions side by side for so long. Milliseconds. */
const SIDE_BY_SIDE_MS = 8_000;

export async function upgradeStack({ previous, seed, perDc, watching, short, timeline, results }) {
  const random = randomFrom(seed);
  /** Names of the processes that run this version; the others run the one before. */
  const upgraded = new Set();
  const target = await startStackTarget({
    random: random.fork('target'), log: (line) => timeline.log(line),
    migrateSchema: (options) => migrateWith(previous.folder, options, timeline),
    programOf: ({ name, service }) => join(upgraded.has(name) ? root : previous.folder, 'services', service, 'dist', 'main.js'),
  });
  const crowd = new Crowd({ dcs: target.dcs, perDc, watching, random: random.fork('crowd') });
  const run = { crowd, timeline, results };
  const roll = async (processes, toNew) => {
    for (const process of processes) {
      await process.term();
      if (toNew) upgraded.add(process.name);
      else upgraded.delete(process.name);
      await process.start();
    }
    timeline.log(`  ${processes.length} processes run ${toNew ? 'this version' : 'the version before'}`);
  };
  // Who is called goes before those who call.
  const order = [...target.services].toReversed();
  const half = order.filter(({ replica, dc }) => replica === 0 && dc === 1);
  const rest = order.filter((process) => !half.includes(process));
  try {
    await crowd.gather();
    timeline.log(`${crowd.people.length} people on the version before`);
    await step(run, 'side by side: the schema and half of one data center are of this version', async () => {
      for (const dc of [1, 2]) await migrateWith(root, target.migrationOf(dc), timeline);
      await roll(half, true);
      await sleep(SIDE_BY_SIDE_MS);
    });
    if (short) return await step(run, 'back: that half is of the version before', async () => roll(half.toReversed(), false));
    await step(run, 'up: all processes are of this version', async () => roll(rest, true));
    await step(run, 'back: all processes are of the version before', async () => roll(order.toReversed(), false));
    return undefined;
  } finally {
    await crowd.close();
    await target.stop();
  }
}

/** Migrates as an operator of that version does. */
async function migrateWith(folder, { contactPoints, localDataCenter, keyspace, directoryKeyspace, replication, directoryReplication }, timeline) {
  const program = join(folder, 'tools/migrate/main.mjs');
  if (!existsSync(program)) throw new Error(`${folder} has no migrations: begin from a later version by --from`);
  // Not waited for in this process's stead: what Cassandra's nodes say to each other goes through it.
  const { stdout } = await promisify(execFile)(process.execPath, [
    program, '--dc', localDataCenter.replace(/\D/g, ''), '--cassandra', contactPoints.join(','), '--cassandra-datacenter', localDataCenter, '--cassandra-keyspace', keyspace,
    '--cassandra-directory-keyspace', directoryKeyspace, '--cassandra-replication', replication, '--cassandra-directory-replication', directoryReplication,
  ], { cwd: folder });
  timeline.log(`  ${stdout.trim().split('\n').at(-1)}`);
}
