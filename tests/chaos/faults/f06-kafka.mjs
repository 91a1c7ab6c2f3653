/** The broker of a data center is killed and starts again, twice; then a service is told of more replicas than its topics have. */
export const f06Kafka = {
  id: 'F6',
  title: 'the Kafka broker is killed and restarted; too little replication is refused',
  targets: ['stack'],
  short: ['stack'],
  async run({ target, random, short, sleep, log, recovered, crowd, fail, started }) {
    for (const dc of short ? [random.pick([1, 2])] : [1, 2]) {
      const broker = target.engines.kafka[dc];
      await broker.kill();
      const before = crowd.acknowledged(3 - dc);
      log(`kill −9 ${broker.name}`);
      await sleep(random.between(2_000, 6_000));
      if (crowd.acknowledged(3 - dc) === before) fail(`nothing was acknowledged in DC ${3 - dc} while ${broker.name} was down`);
      await started(broker);
      log(`${broker.name} is ready again`);
      await recovered(45_000, broker.name);
    }
    const store = random.pick(target.of('message-store'));
    await store.term();
    const at = target.tail(store, 1 << 20).length;
    const deaths = target.deaths.length;
    store.spawn({ HELIOGRAPH_KAFKA_REPLICATION: '3' });
    for (let waited = 0; target.deaths.length === deaths && waited < 30_000; waited += 100) await sleep(100);
    const said = target.tail(store, 1 << 20).slice(at);
    const line = said.split('\n').find((candidate) => /replica/i.test(candidate));
    if (target.deaths.length === deaths) fail('a message store that wants three replicas of topics that have one went on');
    else if (line === undefined) fail(`it was refused without a word about replicas: ${said.slice(-300)}`);
    else log(`refused: ${line.slice(0, 260)}`);
    // As an orchestrator would: it is started again by itself, with its right settings.
    await store.untilReady(60_000).catch(() => started(store));
    await recovered(30_000, store.name);
  },
};
