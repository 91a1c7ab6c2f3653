// The whole system in one process on one data folder: the version before, this one, the version before again, this one again.
import { join } from 'node:path';
import { Crowd } from '../chaos/people/crowd.mjs';
import { randomFrom } from '../chaos/random.mjs';
import { startEmbedded } from '../chaos/target-embedded.mjs';
import { step } from './steps.mjs';

const MAIN = 'deploy/standalone/dist/main.js';

export async function upgradeEmbedded({ previous, seed, perDc, watching, short, timeline, results }) {
  const random = randomFrom(seed);
  const before = join(previous.folder, MAIN);
  const target = await startEmbedded({ random: random.fork('target'), main: before });
  const crowd = new Crowd({ dcs: target.dcs, perDc, watching, random: random.fork('crowd') });
  const run = { crowd, timeline, results };
  const change = (main) => async (failures) => {
    const { code, tookMs } = await target.end();
    if (code !== 0) failures.push(`the process ended with ${code}`);
    timeline.log(`  ended after ${Math.round(tookMs)} ms`);
    target.use(main);
    await target.restart();
    timeline.log(`  started again, ready after ${Math.round(target.system.readyMs)} ms`);
  };
  try {
    await crowd.gather();
    timeline.log(`${crowd.people.length} people on the version before`);
    await step(run, 'up: this version on the folder of the one before', change(undefined));
    await step(run, 'back: the one before on the folder of this one', change(before));
    if (!short) await step(run, 'up again', change(undefined));
  } finally {
    await crowd.close();
    const { code } = await target.stop();
    if (code !== 0) results.push({ title: 'the system stops cleanly', failures: [`exit code ${code}`] });
  }
}
