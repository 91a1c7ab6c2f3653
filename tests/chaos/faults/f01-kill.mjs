/** kill −9 at random moments; everything acknowledged survives. */
export const f01Kill = {
  id: 'F1',
  title: 'each own process is killed with SIGKILL',
  targets: ['embedded'],
  short: true,
  async run({ target, random, short, sleep, log, recovered }) {
    for (let kill = 1; kill <= (short ? 2 : 5); kill += 1) {
      await sleep(random.between(300, 1_500));
      log(`kill −9 ${target.pid}`);
      await target.kill();
      await target.restart();
      log(`started again as ${target.pid}, ready after ${Math.round(target.system.readyMs)} ms`);
    }
    await recovered(15_000);
  },
};
