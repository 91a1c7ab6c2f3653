/** The object store refuses, stands still, and answers late. Talk does not need it. */
export const f09ObjectStore = {
  id: 'F9',
  title: 'the object store fails and is slow',
  targets: ['stack'],
  short: [],
  async run({ target, sleep, log, recovered, crowd, fail, started }) {
    const during = async (what, ms) => {
      const before = crowd.acknowledged();
      await sleep(ms);
      const meanwhile = crowd.acknowledged() - before;
      log(`${what}: ${meanwhile} sends acknowledged meanwhile`);
      if (meanwhile === 0) fail(`nothing was acknowledged while ${what}`);
    };
    for (const dc of [1, 2]) {
      target.lines[dc].s3.refuse(true);
      target.lines[dc].s3.reset();
    }
    await during('both object stores refuse connections', 4_000);
    for (const dc of [1, 2]) {
      target.lines[dc].s3.clear();
      target.lines[dc].s3.set({ delayMs: 1_500, bytesPerSecond: 20_000 });
    }
    await during('both object stores are slow', 4_000);
    for (const dc of [1, 2]) target.lines[dc].s3.clear();
    const store = target.engines.s3[1];
    await store.kill();
    await during(`${store.name} is dead`, 3_000);
    await started(store);
    await recovered(20_000);
  },
};
