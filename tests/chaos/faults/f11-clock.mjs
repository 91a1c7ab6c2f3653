import expected from '../../../libs/testing/dist/eventually.js';
import { skewedClock, STRAIGHT_CLOCK } from '../host-tools.mjs';

const eventually = (probe, timeoutMs) => expected.eventually(probe, { timeoutMs, intervalMs: 200 });

/** The process starts again with a clock that is wrong, then with one that is right: time jumps ahead, and back. */
export const f11Clock = {
  id: 'F11',
  title: 'the clock is 31 s, 301 s and an hour ahead, and right again',
  targets: ['embedded'],
  short: false,
  needs: ['faketime'],
  async run({ target, sleep, log, recovered, crowd, fail }) {
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
  },
};
