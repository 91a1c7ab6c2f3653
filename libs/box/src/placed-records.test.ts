import type { PlacedRecords } from '@heliograph/event-log/event-log';
import { HANDED_ANSWER_MS, HANDED_ANSWERS_MAX, PlacedRecordsTaker } from './placed-records';
import { BOX_UPDATES } from './topics';

const batch = (firstOffset: bigint) => ({ $typeName: 'heliograph.messagestore.v1.PlacedBatch' as const, incarnation: 'id', partition: 3, firstOffset, records: [] });

function taking() {
  const handed: PlacedRecords[] = [];
  const sleeps: { ms: number; wake(): void }[] = [];
  const taker = new PlacedRecordsTaker({
    eventLog: { hand: (placed) => void handed.push(placed) },
    clock: { sleep: (ms) => new Promise<void>((wake) => { sleeps.push({ ms, wake }); }) },
  }, BOX_UPDATES);
  return { taker, handed, sleeps };
}

it('hands records over at once and answers the calls of a while together', async () => {
  const { taker, handed, sleeps } = taking();
  let answered = 0;
  const calls = [1n, 2n].map((first) => taker.takeRecords({ batches: [batch(first), batch(first + 10n)] }).then(() => { answered += 1; }));
  expect(handed.map(({ topic, partition, firstOffset }) => [topic, partition, firstOffset])).toEqual([1n, 11n, 2n, 12n].map((first) => [BOX_UPDATES.name, 3, first]));
  expect(sleeps.map(({ ms }) => ms)).toEqual([HANDED_ANSWER_MS]);
  expect(answered).toBe(0);
  sleeps[0]?.wake();
  await Promise.all(calls);
});

it('lets no more answers wait than a caller has calls under way', async () => {
  const { taker, sleeps } = taking();
  await Promise.all(Array.from({ length: HANDED_ANSWERS_MAX }, () => taker.takeRecords({ batches: [] })));
  const next = taker.takeRecords({ batches: [] });
  // The timer of those before answers it early, which costs nothing.
  sleeps[0]?.wake();
  await next;
});
