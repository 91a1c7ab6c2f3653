import { eventually } from '@heliograph/testing/eventually';
import type { PlacedRecords } from '@heliograph/event-log/event-log';
import { Handing } from './handing';
import { HANDED_BYTES_MAX, HANDED_CALLS_MAX } from './limits';
import { BOX_COMMANDS, BOX_RELAY } from './topics';

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const placed = (partition: number, firstOffset: number, bytes = 10, topic = BOX_COMMANDS.name): PlacedRecords => ({ topic, incarnation: 'id', partition, firstOffset: BigInt(firstOffset), records: [{ key: '', value: new Uint8Array(bytes) }] });

function handing(answer: () => Promise<void> = () => Promise.resolve()) {
  let place: (each: PlacedRecords) => void = () => {};
  const calls: { owner: number; firsts: number[] }[] = [];
  new Handing({
    eventLog: { onPlaced: (listener) => { place = listener; } },
    topic: BOX_COMMANDS,
    log: quiet,
    // Odd partitions are here, 6 is nobody's.
    ownerOf: (partition) => (partition % 2 === 1 || partition === 6 ? undefined : partition % 4),
    send: (owner, batches) => {
      calls.push({ owner, firsts: batches.map(({ firstOffset }) => Number(firstOffset)) });
      return answer();
    },
  });
  return { place: (each: PlacedRecords) => place(each), calls };
}

it('hands over what belongs to others, one call to each in a turn', async () => {
  const { place, calls } = handing();
  for (const each of [placed(0, 1), placed(1, 2), placed(2, 3), placed(6, 4), placed(4, 5), placed(0, 6, 10, BOX_RELAY.name)]) place(each);
  await eventually(() => calls.length === 2);
  expect(calls).toEqual([{ owner: 0, firsts: [1, 5] }, { owner: 2, firsts: [3] }]);
});

it('leaves what is too much, and goes on after failures', async () => {
  const answers: ((error: Error) => void)[] = [];
  const { place, calls } = handing(() => new Promise((_resolve, reject) => { answers.push(reject); }));
  for (let call = 0; call < HANDED_CALLS_MAX + 3; call += 1) {
    place(placed(0, call, HANDED_BYTES_MAX));
    place(placed(0, 1_000, 1));
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(calls).toEqual(Array.from({ length: HANDED_CALLS_MAX }, (_, call) => ({ owner: 0, firsts: [call] })));
  for (const fail of answers) fail(new Error('not there'));
  await new Promise((resolve) => setImmediate(resolve));
  place(placed(0, 7));
  await eventually(() => calls.length === HANDED_CALLS_MAX + 1);
});
