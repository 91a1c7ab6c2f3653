import { MemoryDisk, openMemoryStorage } from '@heliograph/storage/memory';
import { ManualClock } from '@heliograph/storage/manual-clock';
import { defineTable } from '@heliograph/storage/table';
import { describeEventLogContract } from './contract';
import { describeEmbeddedLog } from './embedded-contract';
import type { Topic } from './event-log';
import { openMemoryEventLog } from './memory';

const openLog = async (clock: ManualClock) => {
  const disk = new MemoryDisk();
  return {
    log: openMemoryEventLog({ disk, clock }),
    reopen: async () => {
      disk.crash();
      return openMemoryEventLog({ disk, clock });
    },
  };
};
describeEventLogContract('memory', openLog);
describeEmbeddedLog('memory', openLog);

test('log and storage share one commit order: after a crash no row is there whose record is not', async () => {
  const topic: Topic = { name: 'commands', partitions: 1, durability: 'durable', retentionMs: 1000, recordBytesMax: 1000 };
  const table = defineTable({ name: 'rows', keyspace: 'dc', partition: { id: 'int' }, clustering: {}, columns: {}, writes: 'plain' });
  for (let groups = 0; groups <= 10; groups++) {
    const disk = new MemoryDisk({ flush: 'by-hand' });
    const clock = new ManualClock();
    const log = openMemoryEventLog({ disk, clock });
    const storage = openMemoryStorage({ disk, clock });
    const ready = [log.ensureTopics([topic]), storage.ensureTables([table])];
    disk.flush();
    await Promise.all(ready);
    for (let i = 0; i < 5; i++) {
      const appended = log.append(topic, 0, [{ key: '', value: new Uint8Array(1) }]);
      const id = Number(await appended.firstOffset);
      storage.put(table, { id }).catch(() => {});
      await Promise.resolve();
    }
    disk.flush(groups);
    disk.crash();
    const [again, rows] = [openMemoryEventLog({ disk, clock }), openMemoryStorage({ disk, clock })];
    await again.ensureTopics([topic]);
    const { next } = await again.bounds(topic, 0);
    for (let id = 0; id < 5; id++) if ((await rows.get(table, { id })) !== undefined) expect(BigInt(id)).toBeLessThan(next);
  }
});
