import expected from '../../../libs/testing/dist/eventually.js';
import { skewedClock, STRAIGHT_CLOCK } from '../host-tools.mjs';

/** A process with a wrong clock tells of it by then. Milliseconds. */
const SAID_WITHIN_MS = 30_000;

const eventually = (probe, timeoutMs) => expected.eventually(probe, { timeoutMs, intervalMs: 200 });

/** The process starts again with a clock that is wrong, then with one that is right: time jumps ahead, and back. */
export const f11Clock = {
  id: 'F11',
  title: 'the clock is 31 s, 301 s and an hour ahead, and right again',
  targets: ['embedded', 'stack'],
  short: [],
  needs: ['faketime'],
  async run(context) {
    if (context.kind === 'stack') return skewServices(context);
    const { target, sleep, log, recovered, crowd, fail } = context;
    for (const seconds of [31, 301, 3_600]) {
      await target.kill();
      await target.restart(skewedClock(seconds));
      log(`started again with a clock ${seconds} s ahead`);
      const before = crowd.acknowledged();
      const { date } = await eventually(() => crowd.people[0].library.call('updates.getState', {}), 20_000);
      if (Math.abs(date - Date.now() / 1_000 - seconds) > 20) fail(`the system says ${date - Math.round(Date.now() / 1_000)} s: its clock is not ${seconds} s ahead`);
      await recovered(30_000, `the clock ${seconds} s ahead`);
      await sleep(2_000);
      if (crowd.acknowledged() === before) fail(`nothing was acknowledged with a clock ${seconds} s ahead`);
      await target.kill();
      await target.restart(STRAIGHT_CLOCK);
      log('started again with the right clock');
      await recovered(30_000, 'the clock');
    }
    return undefined;
  },
};

/** One process of a kind has a wrong clock, its peers a right one: it goes on, or says that its clock is wrong. */
async function skewServices({ target, random, sleep, log, recovered, crowd, fail, started }) {
  const cases = [['message-store', 31], ['gateway', 301], ['auth', 3_600], ['users', -301]];
  for (const [service, seconds] of cases) {
    const victim = random.pick(target.of(service));
    await victim.term();
    const from = target.tail(victim, 1 << 20).length;
    const deaths = target.deaths.length;
    victim.spawn(skewedClock(seconds));
    const until = performance.now() + SAID_WITHIN_MS;
    while (performance.now() < until && target.deaths.length === deaths && !/clock/.test(await reasons(victim))) await sleep(200);
    if (target.deaths.length > deaths) log(`${victim.name} with a clock ${seconds} s off ends: ${target.tail(victim, 1 << 20).slice(from).trim().split('\n').at(-1).slice(0, 240)}`);
    else {
      const said = await victim.ready() ? 'nothing of it' : await reasons(victim);
      const before = crowd.acknowledged(victim.dc);
      await sleep(4_000);
      log(`${victim.name} with a clock ${seconds} s off says ${said}; ${crowd.acknowledged(victim.dc) - before} sends acknowledged in its data center within 4 s`);
      if (!/clock/.test(said)) fail(`${victim.name} does not say that its clock is ${seconds} s off`);
      // Whoever has a right clock does its work; where there is nobody else, it goes on.
      if (crowd.acknowledged(victim.dc) === before) fail(`nothing was acknowledged in DC ${victim.dc} while ${victim.name} had a clock ${seconds} s off`);
    }
    await victim.term();
    await started(victim);
    await recovered(30_000, `the clock of ${victim.name}`);
  }
}

async function reasons({ host, httpPort }) {
  try {
    return JSON.stringify((await (await fetch(`http://${host}:${httpPort}/readyz`)).json()).reasons).slice(0, 240);
  } catch (error) {
    return error.message;
  }
}
