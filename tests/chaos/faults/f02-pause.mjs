/** The process stands still for a while (SIGSTOP), with its connections open, and wakes. */
export const f02Pause = {
  id: 'F2',
  title: 'a paused process wakes',
  targets: ['embedded'],
  short: false,
  async run({ target, random, sleep, log, recovered }) {
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
