const WEATHERS = [
  ['answers are held back', { cut: true }, 'back', 5_000],
  ['requests are held back', { cut: true }, 'there', 5_000],
  ['nothing comes through', { cut: true }, 'both', 5_000],
  ['150 ms each way and 5 % loss', { delayMs: 150, loss: 0.05 }, 'both', 6_000],
  ['24 KB/s for everybody together', { bytesPerSecond: 24_000 }, 'both', 6_000],
];

/** Bad lines between clients and gateways, to both DCs. */
export const f05Weather = {
  id: 'F5',
  title: 'one-way cuts, loss, delay and little bandwidth between clients and gateways',
  targets: ['embedded', 'stack'],
  short: true,
  async run({ target, random, short, sleep, log, recovered, crowd, fail }) {
    const chosen = short ? [WEATHERS[0], WEATHERS[3]] : WEATHERS;
    for (const [name, weather, direction, ms] of chosen) {
      const before = crowd.acknowledged();
      for (const link of target.links.values()) link.set(weather, direction);
      log(name);
      await sleep(ms);
      const meanwhile = crowd.acknowledged() - before;
      // Half of the cuts heal under living connections, half find that the line was given up.
      const broken = random.chance(0.5) ? [...target.links.values()].reduce((sum, link) => sum + link.reset(), 0) : 0;
      for (const link of target.links.values()) link.clear();
      log(`fair weather after ${ms} ms, ${meanwhile} sends acknowledged meanwhile, ${broken} connections broken`);
      if (!weather.cut && meanwhile === 0) fail(`nothing was acknowledged with ${name}`);
      await recovered(20_000, name);
    }
  },
};
