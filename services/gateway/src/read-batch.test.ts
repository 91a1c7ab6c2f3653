import { ManualClock } from '@heliograph/storage/manual-clock';
import { READ_BATCH_BYTES_MAX, READ_BATCH_MIN_READS, READ_BATCH_MS, READ_RATE_SLOT_MS } from './limits';
import { ReadBatch } from './read-batch';

const ALICE = { name: 'alice' };
const BOB = { name: 'bob' };
/** Reads of a slot that make a window likely to see READ_BATCH_MIN_READS. */
const BUSY_READS = Math.ceil((READ_BATCH_MIN_READS * READ_RATE_SLOT_MS) / READ_BATCH_MS);

describe('reads', () => {
  let handled: string[];
  let clock: ManualClock;
  let batch: ReadBatch<{ name: string }>;

  beforeEach(() => {
    handled = [];
    clock = new ManualClock();
    batch = new ReadBatch(clock, (socket, chunk) => handled.push(`${socket.name} ${chunk.toString('latin1', 0, 8)}`));
  });

  const add = (socket: { name: string }, text: string): void => batch.add(socket, Buffer.from(text));
  function makeBusy(): void {
    for (let read = 0; read < BUSY_READS; read += 1) add(read % 2 === 0 ? ALICE : BOB, 'before');
    batch.flush();
    handled.length = 0;
  }

  it('are handled at once while there are few', async () => {
    for (let read = 0; read < 40; read += 1) {
      await clock.advance(2 * READ_BATCH_MS);
      add(read % 2 === 0 ? ALICE : BOB, `${read}`);
      expect(handled).toHaveLength(read + 1);
    }
  });

  it('are handled at once when all come from one connection', () => {
    for (let read = 0; read < 1_000; read += 1) add(ALICE, `${read}`);
    expect(handled).toHaveLength(1_000);
  });

  it('wait for others under load, and keep their order', async () => {
    makeBusy();
    add(ALICE, '1');
    add(BOB, '1');
    add(ALICE, '2');
    expect(handled).toEqual([]);
    await clock.advance(READ_BATCH_MS);
    expect(handled).toEqual(['alice 1', 'bob 1', 'alice 2']);
    add(BOB, '2');
    await clock.advance(READ_BATCH_MS);
    expect(handled.at(-1)).toBe('bob 2');
  });

  it('wait no longer once the load is gone', async () => {
    makeBusy();
    await clock.advance(3 * READ_RATE_SLOT_MS);
    add(ALICE, '1');
    expect(handled).toEqual(['alice 1']);
  });

  it('are handled at once when too much waits', async () => {
    makeBusy();
    add(ALICE, '1');
    batch.add(BOB, Buffer.alloc(READ_BATCH_BYTES_MAX, 'b'));
    expect(handled).toEqual(['alice 1', 'bob bbbbbbbb']);
    await clock.advance(READ_BATCH_MS);
    expect(handled).toHaveLength(2);
  });

  it('are handled before their socket\'s end is', () => {
    makeBusy();
    add(ALICE, '1');
    batch.flush();
    expect(handled).toEqual(['alice 1']);
  });
});
