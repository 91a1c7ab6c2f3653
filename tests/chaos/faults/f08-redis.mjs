/** Routes, presence and budgets vanish, the server dies, and it stands still: that costs a delay, never a message. */
export const f08Redis = {
  id: 'F8',
  title: 'Redis is flushed, killed and paused',
  targets: ['stack'],
  short: ['stack'],
  async run({ target, random, short, sleep, log, recovered, started }) {
    for (const dc of [1, 2]) log(`FLUSHALL in DC ${dc}: ${await target.redis(dc, 'FLUSHALL')}`);
    await recovered(20_000, 'the flush');
    const dc = random.pick([1, 2]);
    const redis = target.engines.redis[dc];
    await redis.kill();
    log(`kill −9 ${redis.name}`);
    await sleep(random.between(1_000, 5_000));
    await started(redis);
    await recovered(30_000, redis.name);
    if (short) return;
    redis.pause();
    log(`SIGSTOP ${redis.name}`);
    await sleep(8_000);
    redis.resume();
    await recovered(30_000, `the pause of ${redis.name}`);
  },
};
