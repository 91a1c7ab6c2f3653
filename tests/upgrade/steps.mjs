// What both ways of upgrading share: people who talk through a step, and the judgement after it.
import { judge } from '../chaos/judgement.mjs';

const RECOVERED_MS = 45_000;
const CONVERGED_MS = 45_000;
/** People talk before and after the change of a version. Milliseconds. */
export const TALK_MS = 3_000;

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/**
 * Runs `change` while people talk, waits until everybody sends and hears again, and judges all that anybody was told so far.
 * @param {{crowd: object, timeline: object, results: object[]}} run
 */
export async function step({ crowd, timeline, results }, title, change) {
  const failures = [];
  const refused = crowd.counts().refused;
  timeline.log(`── ${title}`);
  crowd.talk();
  await sleep(TALK_MS);
  await crowd.remember();
  await change(failures);
  const tookMs = await crowd.recovered(crowd.record.now(), RECOVERED_MS);
  if (tookMs === undefined) failures.push(`not everybody sent and heard within ${RECOVERED_MS / 1000} s`);
  else timeline.log(`  everybody sends and hears ${(tookMs / 1000).toFixed(2)} s after it`);
  await sleep(TALK_MS);
  await crowd.hush();
  const judged = await judge(crowd, { limitMs: CONVERGED_MS, freshLogins: 2, log: (line) => timeline.log(`  ${line}`) });
  failures.push(...judged.findings);
  const more = crowd.counts().refused - refused;
  if (more > 0) failures.push(`${more} calls were refused: ${crowd.errors().slice(0, 6).map(([text]) => text).join('; ')}`);
  timeline.log(`  ${judged.messages} messages read back, ${judged.findings.length} findings`);
  for (const failure of failures) timeline.log(`  FAILS: ${failure}`);
  results.push({ title, failures });
}
