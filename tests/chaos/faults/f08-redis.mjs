/** Routes, presence and budgets vanish, the server dies, and it stands still: that costs a delay, never a message. */
export const f08Redis = {
  id: 'F8',
  title: 'Redis is flushed, killed and paused',
  targets: ['stack'],
  short: ['stack'],
  async run({ target, random, short, sleep, log, recovered, started, crowd, fail }) {
    const without = async (redis, ms) => {
      const before = [1, 2].map((each) => crowd.acknowledged(each));
      await sleep(ms);
      const meanwhile = [1, 2].map((each) => crowd.acknowledged(each) - before[each - 1]);
      log(`${ms} ms without ${redis.name}: ${meanwhile.join(' and ')} sends acknowledged in the data centers`);
      for (const each of [1, 2]) if (meanwhile[each - 1] === 0) fail(`nothing was acknowledged in DC ${each} without ${redis.name}`);
    };
    for (const dc of [1, 2]) log(`FLUSHALL in DC ${dc}: ${await target.redis(dc, 'FLUSHALL')}`);
    await recovered(20_000, 'the flush');
    const dc = random.pick([1, 2]);
    const redis = target.engines.redis[dc];
    await redis.kill();
    log(`kill −9 ${redis.name}`);
    await without(redis, random.between(2_000, 6_000));
    await started(redis);
    await recovered(30_000, redis.name);
    if (short) return;
    redis.pause();
    log(`SIGSTOP ${redis.name}`);
    await without(redis, 8_000);
    redis.resume();
    await recovered(30_000, `the pause of ${redis.name}`);
  },
};
