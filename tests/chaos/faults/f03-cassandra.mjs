/** A Cassandra node is killed and comes back; then all engines of its data center at once. The other data center goes on. */
export const f03Cassandra = {
  id: 'F3',
  title: 'a Cassandra node, then all engines of a data center, are killed',
  targets: ['stack'],
  short: [],
  async run({ target, random, short, sleep, log, recovered, crowd, fail, started }) {
    const dc = random.pick([1, 2]);
    const others = 3 - dc;
    for (const victims of short ? [['cassandra']] : [['cassandra'], ['cassandra', 'kafka', 'redis', 's3']]) {
      const names = victims.map((kind) => `${kind}-dc${dc}`);
      const before = crowd.acknowledged(others);
      await Promise.all(names.map((name) => target.engines.engine(name).kill()));
      log(`kill −9 ${names.join(', ')}`);
      await sleep(short ? 5_000 : 12_000);
      const meanwhile = crowd.acknowledged(others) - before;
      log(`${meanwhile} sends acknowledged in DC ${others} meanwhile`);
      if (meanwhile === 0) fail(`nothing was acknowledged in DC ${others} while engines of DC ${dc} were down`);
      await Promise.all(names.map((name) => started(target.engines.engine(name))));
      log(`${names.join(', ')} are ready again`);
      await recovered(60_000, names.join(', '));
    }
  },
};
