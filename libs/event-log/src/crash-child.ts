/**
 * A process for crash.test.ts to kill: appends records, writes rows that follow from them, moves positions, commits the tree
 * at odd moments, and says on stdout what was acknowledged. Arguments: folder, seed.
 */
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { shareEnvironment } from '@heliograph/storage/environment';
import { CRASH_PARTITIONS, crashRows, crashTopic, fillOf } from './crash-facts';
import { openEmbedded } from './embedded';

async function main(folder: string, seed: number): Promise<void> {
  let state = seed >>> 0;
  const random = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const { storage, eventLog } = await openEmbedded({ folder: join(folder, 'dc2'), directory: join(folder, 'directory') });
  const { environment } = await shareEnvironment(join(folder, 'dc2'));
  await storage.ensureTables([crashRows]);
  await eventLog.ensureTopics([crashTopic]);
  writeSync(1, 'open\n');
  void (async () => {
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, random(random(3) === 0 ? 400 : 15)));
      await environment.checkpoint();
    }
  })();
  const next = await Promise.all(Array.from({ length: CRASH_PARTITIONS }, async (_, partition) => (await eventLog.bounds(crashTopic, partition)).next));
  const send = async (): Promise<void> => {
    const partition = random(CRASH_PARTITIONS);
    const offset = next[partition] as bigint;
    next[partition] = offset + 1n;
    const version = offset + 1n;
    eventLog.append(crashTopic, partition, [{ key: String(offset), value: fillOf(partition, offset) }]);
    const rows = storage.batch([
      { kind: 'put', table: crashRows, row: { partition, kind: 1, id: Number(offset), body: fillOf(partition, offset) }, version },
      { kind: 'put', table: crashRows, row: { partition, kind: 0, id: 0, body: Buffer.from(String(offset)) }, version },
    ]);
    if (random(4) === 0) void eventLog.storePosition('group', crashTopic, partition, offset);
    await rows;
    writeSync(1, `${partition} ${offset}\n`);
  };
  await Promise.all(Array.from({ length: 16 }, async () => {
    for (;;) {
      await send();
      if (random(3) === 0) await new Promise((resolve) => setTimeout(resolve, random(4)));
    }
  }));
}

void main(process.argv[2] as string, Number(process.argv[3]));
