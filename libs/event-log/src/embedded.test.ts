import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ManualClock } from '@heliograph/storage/manual-clock';
import type { Storage } from '@heliograph/storage/storage';
import { describeEventLogContract } from './contract';
import { openEmbedded } from './embedded';
import { describeEmbeddedLog } from './embedded-contract';
import type { EventLog, Topic } from './event-log';

const folders: string[] = [];
const storages: Storage[] = [];
afterEach(async () => {
  for (const storage of storages.splice(0)) await storage.close();
});
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const openLog = async (clock: ManualClock) => {
  const folder = mkdtempSync(join(tmpdir(), 'heliograph-event-log-'));
  folders.push(folder);
  const open = async () => {
    const { storage, eventLog } = await openEmbedded({ folder: join(folder, 'dc2'), directory: join(folder, 'directory'), clock });
    storages.push(storage);
    return eventLog;
  };
  const log = await open();
  return {
    log,
    reopen: async () => {
      await log.close();
      for (const storage of storages.splice(0)) await storage.close();
      return open();
    },
    trim: trimBy(log, clock),
  };
};

/** Retention: by time, below every stored position. */
const trimBy = (log: EventLog, clock: ManualClock) => async (topic: Topic, partition: number, before: bigint): Promise<void> => {
  await log.storePosition('trim', topic, partition, before);
  await clock.advance(topic.retentionMs + 10_000);
};

describeEventLogContract('embedded', openLog);
describeEmbeddedLog('embedded', openLog);
