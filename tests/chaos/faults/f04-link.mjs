/** The link between the data centers is gone, for calls and for Cassandra; people of both go on writing, to each other too. */
export const f04Link = {
  id: 'F4',
  title: 'the link between the data centers is cut, both sides are written',
  targets: ['stack'],
  short: ['stack'],
  async run({ target, short, sleep, log, recovered, crowd, fail, now }) {
    const before = [1, 2].map((dc) => crowd.acknowledged(dc));
    target.interDc.set({ cut: true });
    log(`cut: ${target.interDc.connections()} connections between the data centers`);
    await sleep(short ? 12_000 : 40_000);
    for (const dc of [1, 2]) {
      const meanwhile = crowd.acknowledged(dc) - before[dc - 1];
      log(`${meanwhile} sends acknowledged in DC ${dc} meanwhile`);
      if (meanwhile < 10) fail(`only ${meanwhile} sends were acknowledged in DC ${dc} without the other one`);
    }
    const since = now();
    target.interDc.clear();
    log('the link is there again');
    await recovered(45_000);
    // Everything that was held for the other data center arrives: between people of different ones too.
    const crossed = await crowd.crossed(since, 45_000);
    if (crossed === undefined) fail('not everybody heard from the other data center within 45 s');
    else log(`everybody who knows somebody there heard from the other data center ${(crossed / 1000).toFixed(2)} s after the link was there again`);
  },
};
