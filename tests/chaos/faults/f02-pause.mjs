/** Replicas count each other out after about this. Milliseconds. */
const TAKEN_OVER_MS = 10_000;

/** A process stands still (SIGSTOP), its connections open, until others have taken over its work; then it wakes and goes on where it was. */
export const f02Pause = {
  id: 'F2',
  title: 'a paused process wakes after its work was taken over',
  targets: ['embedded', 'stack'],
  short: false,
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

async function pauseOne({ target, random, sleep, log, recovered, crowd, fail }, victim) {
  const before = crowd.acknowledged(victim.dc);
  const others = crowd.acknowledged(other(victim.dc));
  victim.pause();
  log(`SIGSTOP ${victim.name} (${victim.pid})`);
  const ms = TAKEN_OVER_MS + random.between(0, 4_000);
  await sleep(ms);
  const meanwhile = crowd.acknowledged(victim.dc) - before;
  victim.resume();
  log(`SIGCONT ${victim.name} after ${ms} ms; ${meanwhile} sends acknowledged in its data center meanwhile`);
  if (crowd.acknowledged(other(victim.dc)) === others) fail(`nothing was acknowledged in DC ${other(victim.dc)} while ${victim.name} of the other one stood still`);
  await recovered(30_000, victim.name);
  if (!victim.running) log(`${victim.name} ended when it woke: ${target.tail(victim, 300).trim().split('\n').at(-1)}`);
}
const other = (dc) => 3 - dc;
