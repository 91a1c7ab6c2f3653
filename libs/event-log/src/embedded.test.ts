import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Storage } from '@heliograph/storage/storage';
import { describeEventLogContract } from './contract';
import { openEmbedded } from './embedded';

const folders: string[] = [];
const storages: Storage[] = [];
afterEach(async () => {
  for (const storage of storages.splice(0)) await storage.close();
});
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

describeEventLogContract('embedded', async (clock) => {
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
  };
});
