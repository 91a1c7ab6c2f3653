import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { judge } from '../judgement.mjs';
import { withOwnSystem } from '../own-system.mjs';

const DISK_MIB = 256;
/** What the ballast leaves free. */
const FREE_MIB = 2;
const FULL_WITHIN_MS = 40_000;

/** The disk of the data folder fills up while people talk; more room is made, and the system goes on from what is durable. */
export const f10DiskFull = {
  id: 'F10',
  title: 'the disk is full, and then it is not',
  targets: ['embedded', 'stack'],
  short: [],
  async run(context) {
    if (context.kind === 'stack') return fillKafka(context);
    const { log, fail, sleep } = context;
    // In a mount namespace of the run's own: nobody else sees it.
    const disk = mkdtempSync(join(tmpdir(), 'heliograph-disk-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MIB}m`, 'tmpfs', disk]);
    try {
      await withOwnSystem(context, { folder: join(disk, 'data') }, async ({ target, crowd }) => {
        crowd.talk(60);
        await sleep(1_500);
        const { bavail, bsize } = statfsSync(disk);
        writeFileSync(join(disk, 'ballast'), Buffer.alloc(Math.max(0, bavail * bsize - FREE_MIB * 1024 * 1024), 1));
        log(`${FREE_MIB} MiB are left on the disk of ${DISK_MIB}`);
        const talking = fill(crowd, FULL_WITHIN_MS);
        const ended = await Promise.race([target.ended(), sleep(FULL_WITHIN_MS).then(() => undefined)]);
        talking.stop();
        if (ended === undefined) log('the system goes on with a full disk');
        else {
          const said = target.system.output().trim().split('\n').slice(-4).join(' | ');
          log(`the process ended with ${ended}: ${said.slice(-300)}`);
          if (!/disk|space|ENOSPC|full/i.test(said)) fail(`the process ended without saying that its disk is full: ${said.slice(-300)}`);
        }
        execFileSync('mount', ['-o', `remount,size=${DISK_MIB * 3}m`, disk]);
        if (ended !== undefined) await target.restart();
        log('there is room again, and it runs');
        const since = crowd.record.now();
        if (await crowd.recovered(since, 30_000) === undefined) fail('not everybody sent and heard within 30 s after there was room');
        else log(`everybody sends and hears ${((crowd.record.now() - since) / 1000).toFixed(2)} s after there was room`);
        await crowd.hush();
        const { findings, messages } = await judge(crowd, { limitMs: 30_000, freshLogins: crowd.people.length, log });
        log(`${messages} messages read back, ${findings.length} findings`);
        for (const finding of findings) fail(finding);
      });
    } finally {
      execFileSync('umount', ['-l', disk]);
      rmSync(disk, { recursive: true, force: true });
    }
    return undefined;
  },
};

/** The disk of DC 1's Kafka fills up: its people wait, the others go on; with room again everybody does. */
async function fillKafka({ target, log, fail, sleep, crowd, recovered, started }) {
  const ballast = join(target.kafkaDisk, 'ballast');
  const { bavail, bsize } = statfsSync(target.kafkaDisk);
  const before = [1, 2].map((dc) => crowd.acknowledged(dc));
  writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - 64 * 1024), 1));
  log(`64 KiB are left on the disk of kafka-dc1`);
  await sleep(15_000);
  log(`${[1, 2].map((dc) => `${crowd.acknowledged(dc) - before[dc - 1]} sends acknowledged in DC ${dc}`).join(', ')} meanwhile; kafka-dc1 ${target.engines.kafka[1].running ? 'runs' : 'ended'}`);
  if (crowd.acknowledged(2) === before[1]) fail('nothing was acknowledged in DC 2 while the disk of Kafka in DC 1 was full');
  rmSync(ballast);
  // A broker that lost its disk does not come back by itself.
  await target.engines.kafka[1].term({ graceMs: 10_000 });
  await started(target.engines.kafka[1]);
  log('there is room again, and kafka-dc1 is ready');
  await recovered(60_000, 'the disk of kafka-dc1');
}

/** Long messages from everybody, beside their talk, until it is stopped. */
function fill(crowd, limitMs) {
  let over = false;
  const until = crowd.record.now() + limitMs;
  const filler = ` ${'x'.repeat(3_900)}`;
  for (const person of crowd.people) {
    void (async () => {
      while (!over && crowd.record.now() < until) await person.send(crowd.random.pick([...person.peers.keys()]), { filler, retryMs: 60_000 }).catch(() => {});
    })();
  }
  return { stop: () => { over = true; } };
}
