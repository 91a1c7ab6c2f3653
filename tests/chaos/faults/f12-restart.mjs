/** A process that is asked to end drains within this. Milliseconds. */
const DRAIN_MS = 5_000;

/** Planned restarts under load: drained, nothing refused that was not refused before, nothing lost. */
export const f12Restart = {
  id: 'F12',
  title: 'restarts under load by SIGTERM',
  targets: ['embedded'],
  short: true,
  async run({ target, random, short, sleep, log, recovered, crowd, fail }) {
    const refused = crowd.counts().refused;
    for (let restart = 1; restart <= (short ? 1 : 3); restart += 1) {
      await sleep(random.between(500, 1_500));
      const { code, tookMs } = await target.end();
      log(`SIGTERM; ended with ${code} after ${Math.round(tookMs)} ms`);
      if (code !== 0) fail(`ended with ${code}`);
      if (tookMs > DRAIN_MS + 3_000) fail(`took ${Math.round(tookMs)} ms to drain`);
      await target.restart();
      await recovered(20_000, `restart ${restart}`);
    }
    const more = crowd.counts().refused - refused;
    if (more > 0) fail(`${more} calls were refused because of a restart`);
  },
};
