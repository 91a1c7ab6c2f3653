import { describeStorageContract } from './contract';
import { StorageUnavailable } from './errors';
import { ManualClock } from './manual-clock';
import { MemoryDisk, openMemoryStorage } from './memory';
import { defineTable } from './table';

describeStorageContract('memory', async (clock) => {
  const disk = new MemoryDisk();
  return {
    storage: openMemoryStorage({ disk, clock }),
    reopen: async () => {
      disk.crash();
      return openMemoryStorage({ disk, clock });
    },
  };
});

const table = defineTable({ name: 'rows', keyspace: 'dc', partition: { id: 'int' }, clustering: {}, columns: { a: 'text' }, writes: 'plain' });

describe('a disk flushed by hand', () => {
  test('a write is seen at once, and resolves when flushed', async () => {
    const disk = new MemoryDisk({ flush: 'by-hand' });
    const storage = openMemoryStorage({ disk, clock: new ManualClock() });
    const ready = storage.ensureTables([table]);
    disk.flush();
    await ready;
    let durable = 0;
    const first = storage.put(table, { id: 1, a: 'a' }).then(() => (durable += 1));
    await Promise.resolve();
    const second = storage.put(table, { id: 2, a: 'b' }).then(() => (durable += 1));
    expect((await storage.get(table, { id: 2 }))?.a).toBe('b');
    expect([durable, disk.waiting]).toEqual([0, 2]);
    disk.flush(1);
    await first;
    expect(durable).toBe(1);
    disk.flush();
    await second;
    expect(disk.waiting).toBe(0);
  });

  test.each([[() => false, [true, false, false]], [() => true, [true, true, true]], [(group: number) => group === 1, [true, false, true]]])('a crash loses what is not durable but for what survives', async (survives, expected) => {
    const disk = new MemoryDisk({ flush: 'by-hand' });
    const storage = openMemoryStorage({ disk, clock: new ManualClock() });
    const ready = storage.ensureTables([table]);
    const kept = storage.put(table, { id: 1, a: 'old' });
    disk.flush();
    await Promise.all([ready, kept]);
    const lost = [storage.put(table, { id: 2, a: 'new' })];
    await Promise.resolve();
    lost.push(storage.put(table, { id: 3, a: 'new' }));
    const outcomes = Promise.allSettled(lost);
    disk.crash(survives);
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(storage.put(table, { id: 4 })).rejects.toBeInstanceOf(StorageUnavailable);
    const again = openMemoryStorage({ disk, clock: new ManualClock() });
    const rows = await again.getMany(table, [{ id: 1 }, { id: 2 }, { id: 3 }]);
    expect(rows.map((row) => row !== undefined)).toEqual(expected);
  });
});
