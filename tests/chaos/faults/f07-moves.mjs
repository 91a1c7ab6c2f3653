/** Partitions of boxes change hands every few seconds: their owners leave and come back by turns, in both data centers. */
export const f07Moves = {
  id: 'F7',
  title: 'consumers move between replicas every few seconds',
  targets: ['stack'],
  short: [],
  async run({ target, random, short, sleep, log, recovered }) {
    for (let move = 0; move < (short ? 2 : 4); move += 1) {
      const victims = [1, 2].map((dc) => target.of('message-store', dc)[(move + dc) % 2]);
      await Promise.all(victims.map((victim) => (move % 3 === 2 ? victim.kill() : victim.term())));
      log(`${victims.map(({ name }) => name).join(' and ')} ${move % 3 === 2 ? 'are killed' : 'leave'}`);
      await sleep(random.between(500, 2_500));
      await Promise.all(victims.map((victim) => victim.start()));
      await sleep(random.between(500, 2_000));
    }
    await recovered(30_000);
  },
};
