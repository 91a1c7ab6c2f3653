import { eventually } from '@heliograph/testing/eventually';
import { fakeClock } from '@heliograph/testing/fake-clock';
import { Errands } from './errands';
import { ERRANDS_PAGE_ROWS, ERRANDS_RETRY_MS } from './limits';

const log = { debug() {}, info() {}, warn() {}, error() {} };

test('what a data center did not take is told again until it does, in order, and another is not held up', async () => {
  const clock = fakeClock();
  const owed = new Map([[1, Array.from({ length: ERRANDS_PAGE_ROWS + 3 }, (_, index) => index)], [3, [7]]]);
  const told: string[] = [];
  let down = true;
  const errands = new Errands<number>({
    dcs: [1, 3], clock, log, what: 'numbers',
    list: async (dc, limit) => (owed.get(dc) ?? []).slice(0, limit),
    run: async (dc, errand) => {
      if (dc === 1 && down) throw new Error('down');
      told.push(`${dc}:${errand}`);
    },
    done: async (dc, errand) => void owed.set(dc, (owed.get(dc) ?? []).filter((other) => other !== errand)),
  });
  await errands.sweep();
  expect(told).toEqual(['3:7']);
  down = false;
  await clock.advance(ERRANDS_RETRY_MS);
  await eventually(() => owed.get(1)?.length === 0);
  expect(told.slice(1)).toEqual(Array.from({ length: ERRANDS_PAGE_ROWS + 3 }, (_, index) => `1:${index}`));
  expect(owed.get(1)).toEqual([]);
  await errands.close();
});
