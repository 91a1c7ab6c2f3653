/** A process that is asked to end drains within this. Milliseconds. */
const DRAIN_MS = 5_000;

/** Planned restarts under load: drained, nothing refused that was not refused before, nothing lost. */
export const f12Restart = {
  id: 'F12',
  title: 'restarts under load by SIGTERM',
  targets: ['embedded', 'stack'],
  short: ['embedded', 'stack'],
  async run(context) {
    if (context.kind === 'stack') return rollAll(context);
    const { target, random, short, sleep, log, recovered, crowd, fail } = context;
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
    return undefined;
  },
};

/** Every process of every service, one after the other, as a roll-out does. */
async function rollAll({ target, short, log, recovered, crowd, fail, started }) {
  const refused = crowd.counts().refused;
  const before = crowd.acknowledged();
  const rolled = short ? target.services.filter(({ service, replica }) => ['message-store', 'gateway'].includes(service) && replica === 0) : target.services;
  let longest = 0;
  for (const victim of rolled) {
    const began = performance.now();
    await victim.term();
    longest = Math.max(longest, performance.now() - began);
    await started(victim);
  }
  log(`${rolled.length} processes restarted one by one; the longest drain took ${Math.round(longest)} ms; ${crowd.acknowledged() - before} sends acknowledged meanwhile`);
  await recovered(30_000);
  const more = crowd.counts().refused - refused;
  if (more > 0) fail(`${more} calls were refused because of a restart`);
}
