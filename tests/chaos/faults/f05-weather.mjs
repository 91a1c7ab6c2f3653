const WEATHERS = [
  ['answers are held back', { cut: true }, 'back', 5_000],
  ['requests are held back', { cut: true }, 'there', 5_000],
  ['nothing comes through', { cut: true }, 'both', 5_000],
  ['150 ms each way and 5 % loss', { delayMs: 150, loss: 0.05 }, 'both', 6_000],
  ['24 KB/s for everybody together', { bytesPerSecond: 24_000 }, 'both', 6_000],
];

const BETWEEN = [
  ['nothing goes from DC 1 to DC 2', { cut: true }, { from: 1, to: 2 }, 8_000],
  ['nothing goes from DC 2 to DC 1', { cut: true }, { from: 2, to: 1 }, 8_000],
  ['200 ms each way and 5 % loss', { delayMs: 200, loss: 0.05 }, {}, 8_000],
  ['48 KB/s', { bytesPerSecond: 48_000 }, {}, 8_000],
];

/** Bad lines between clients and gateways, to both DCs. */
export const f05Weather = {
  id: 'F5',
  title: 'one-way cuts, loss, delay and little bandwidth, to clients and between data centers',
  targets: ['embedded', 'stack'],
  short: ['embedded'],
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
    if (target.interDc === undefined) return;
    for (const [name, weather, way, ms] of short ? BETWEEN.slice(0, 1) : BETWEEN) {
      const before = [1, 2].map((dc) => crowd.acknowledged(dc));
      target.interDc.set(weather, way);
      log(`between the data centers: ${name}`);
      await sleep(ms);
      const meanwhile = [1, 2].map((dc) => crowd.acknowledged(dc) - before[dc - 1]);
      target.interDc.clear();
      log(`fair weather after ${ms} ms, ${meanwhile.join(' and ')} sends acknowledged in the data centers meanwhile`);
      for (const dc of [1, 2]) if (meanwhile[dc - 1] === 0) fail(`nothing was acknowledged in DC ${dc} with ${name} between the data centers`);
      await recovered(45_000, `${name} between the data centers`);
    }
  },
};
