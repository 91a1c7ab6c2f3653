/** kill −9 at random moments; everything acknowledged survives. */
export const f01Kill = {
  id: 'F1',
  title: 'each own process is killed with SIGKILL',
  targets: ['embedded', 'stack'],
  short: ['embedded', 'stack'],
  async run(context) {
    if (context.kind === 'stack') return killServices(context);
    const { target, random, short, sleep, log, recovered } = context;
    for (let kill = 1; kill <= (short ? 2 : 5); kill += 1) {
      await sleep(random.between(300, 1_500));
      log(`kill −9 ${target.pid}`);
      await target.kill();
      await target.restart();
      log(`started again as ${target.pid}, ready after ${Math.round(target.system.readyMs)} ms`);
    }
    return recovered(15_000);
  },
};

/** Each service once, in an order of the seed's, one replica of those that have two; it stays down for a while. */
async function killServices({ target, random, short, sleep, log, recovered, crowd, fail, started }) {
  const kinds = [...new Set(target.services.map(({ service }) => service))];
  const order = kinds.map((service) => [random.next(), service]).sort((a, b) => a[0] - b[0]).map(([, service]) => service);
  for (const service of short ? ['message-store', 'gateway'] : order) {
    const victim = random.pick(target.of(service));
    log(`kill −9 ${victim.name} (${victim.pid})`);
    await victim.kill();
    const before = crowd.acknowledged();
    const downMs = random.between(500, 3_000);
    await sleep(downMs);
    const began = performance.now();
    await started(victim);
    log(`${victim.name} was down for ${downMs} ms, is ready ${Math.round(performance.now() - began)} ms after its start; ${crowd.acknowledged() - before} sends acknowledged meanwhile`);
    await recovered(30_000, victim.name);
  }
  // The other data center goes on whatever dies here.
  if (target.of('message-store', 1).length < 2) fail('the stack has one message store only');
}
