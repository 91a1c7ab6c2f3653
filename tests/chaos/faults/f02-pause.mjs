/** A process stands still for at least so long: others count it out after six seconds. Milliseconds. */
const PAUSE_MS = 10_000;
/** By then whoever it served is served by others. Milliseconds. */
const TAKEN_OVER_MS = 25_000;

/** A process stands still (SIGSTOP), its connections open, until others have taken over its work; then it wakes and goes on where it was. */
export const f02Pause = {
  id: 'F2',
  title: 'a paused process wakes after its work was taken over',
  targets: ['embedded', 'stack'],
  short: [],
  async run(context) {
    const { target, kind, random, short, sleep, log, recovered } = context;
    if (kind === 'stack') {
      const victims = short ? ['message-store'] : ['message-store', 'fanout', 'gateway', 'message-store'];
      for (const service of victims) await pauseOne(context, random.pick(target.of(service)));
      return;
    }
    for (let pause = 1; pause <= 2; pause += 1) {
      const ms = random.between(4_000, 9_000);
      log(`SIGSTOP ${target.pid}`);
      target.signal('SIGSTOP');
      await sleep(ms);
      target.signal('SIGCONT');
      log(`SIGCONT after ${ms} ms`);
      await sleep(1_000);
    }
    await recovered(20_000);
  },
};

async function pauseOne({ target, random, sleep, log, recovered, crowd, fail, now }, victim) {
  const before = crowd.acknowledged(victim.dc);
  const others = crowd.acknowledged(other(victim.dc));
  const since = now();
  victim.pause();
  log(`SIGSTOP ${victim.name} (${victim.pid})`);
  const [servedMs] = await Promise.all([crowd.served(victim.dc, since, TAKEN_OVER_MS), sleep(PAUSE_MS + random.between(0, 4_000))]);
  if (servedMs === undefined) fail(`not everybody in DC ${victim.dc} could send within ${TAKEN_OVER_MS / 1000} s while ${victim.name} stood still`);
  const meanwhile = crowd.acknowledged(victim.dc) - before;
  victim.resume();
  log(`SIGCONT ${victim.name} after ${now() - since} ms; ${meanwhile} sends acknowledged in its data center meanwhile${servedMs === undefined ? '' : `, by everybody ${(servedMs / 1000).toFixed(1)} s after it stood still`}`);
  if (crowd.acknowledged(other(victim.dc)) === others) fail(`nothing was acknowledged in DC ${other(victim.dc)} while ${victim.name} of the other one stood still`);
  await recovered(30_000, victim.name);
  if (!victim.running) log(`${victim.name} ended when it woke: ${target.tail(victim, 300).trim().split('\n').at(-1)}`);
}
const other = (dc) => 3 - dc;
