import { LogUnavailable } from '../errors';
import type { LogRecord } from '../event-log';
import { Epochs, EpochTable } from './epochs';

const claim = (offset: number, topic: string, id: string, floor = 1): LogRecord => ({ offset: BigInt(offset), key: topic, value: Buffer.from(JSON.stringify({ id, floor })) });

describe('the table of epochs', () => {
  const tableOf = (...records: LogRecord[]): EpochTable => {
    const table = new EpochTable();
    for (const record of records) table.take(record);
    return table;
  };

  test('counts the incarnations of a topic in their order; who repeats a claim changes nothing', () => {
    const table = tableOf(claim(0, 'a', 'x'), claim(1, 'a', 'x'), claim(2, 'b', 'q'), claim(3, 'a', 'y'), claim(4, 'a', 'x'), claim(5, 'a', 'z'));
    expect(['x', 'y', 'z'].map((id) => table.find('a', id))).toEqual([1, 2, 3]);
    expect(table.find('b', 'q')).toBe(1);
    expect(table.find('b', 'x')).toBeUndefined();
  });

  test('a floor lifts what is made anew, and never what has an epoch', () => {
    const table = tableOf(claim(0, 'a', 'x'), claim(1, 'a', 'x', 7), claim(2, 'a', 'y', 7), claim(3, 'a', 'z', 3));
    expect(['x', 'y', 'z'].map((id) => table.find('a', id))).toEqual([1, 7, 8]);
  });

  test('what is no claim is passed over', () => {
    const table = tableOf({ offset: 0n, key: 'a', value: Buffer.from('not json') }, claim(1, 'a', 'x', -5), claim(2, 'a', 'y'));
    expect(table.find('a', 'x')).toBeUndefined();
    expect(table.find('a', 'y')).toBe(1);
    expect(table.next).toBe(3n);
  });
});

describe('epochs', () => {
  /** A log of claims that processes share, and a topic whose id is what Kafka says. */
  const world = (): { log: LogRecord[]; id: string; process(floor?: number, onAsked?: () => void): Epochs } => {
    const shared = {
      log: [] as LogRecord[],
      id: 'x',
      process: (floor = 1, onAsked: () => void = () => {}) => new Epochs({
        topicId: async () => {
          const { id } = shared;
          onAsked();
          return id;
        },
        append: async (records) => {
          // Somebody else's turn, between asking and writing.
          await new Promise((resolve) => setImmediate(resolve));
          for (const { key, value } of records) shared.log.push({ offset: BigInt(shared.log.length), key, value });
        },
        read: async (from) => shared.log.slice(Number(from)),
        end: async () => BigInt(shared.log.length),
      }, floor),
    };
    return shared;
  };

  test('processes that ask at once get the same, and a topic made anew a higher one', async () => {
    const shared = world();
    const processes = Array.from({ length: 5 }, () => shared.process());
    const ask = async (): Promise<number[]> => (await Promise.all(processes.map((each) => each.current('a')))).map(({ epoch }) => epoch);
    expect(await ask()).toEqual([1, 1, 1, 1, 1]);
    expect(await ask()).toEqual([1, 1, 1, 1, 1]);
    shared.id = 'y';
    expect(await ask()).toEqual([2, 2, 2, 2, 2]);
    const late = shared.process();
    expect(await late.current('a')).toEqual({ id: 'y', epoch: 2 });
    expect(late.known('a', 'x')).toBe(1);
  });

  test('one whose topic is made anew while it asks tells the epoch of what is there in the end', async () => {
    const shared = world();
    let asked = 0;
    const epochs = shared.process(1, () => { if ((asked += 1) === 1) shared.id = 'y'; });
    expect(await epochs.current('a')).toEqual({ id: 'y', epoch: 2 });
    let n = 0;
    await expect(shared.process(1, () => { shared.id = `again ${n += 1}`; }).current('a')).rejects.toBeInstanceOf(LogUnavailable);
  });

  test('begin at the floor', async () => {
    const shared = world();
    expect((await shared.process(9).current('a')).epoch).toBe(9);
    expect((await shared.process(1).current('a')).epoch).toBe(9);
  });

  test('a log of epochs that shrank is refused', async () => {
    const shared = world();
    const epochs = shared.process();
    await epochs.current('a');
    shared.log.length = 0;
    await expect(epochs.current('a')).rejects.toMatchObject({ name: 'LogRefused', message: expect.stringContaining('HELIOGRAPH_KAFKA_EPOCH_FLOOR') as string });
  });
});
