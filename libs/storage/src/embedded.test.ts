import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeStorageContract } from './contract';
import { openEmbeddedStorage } from './embedded';

const folders: string[] = [];
const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'heliograph-storage-'));
  folders.push(folder);
  return folder;
};
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

describeStorageContract('embedded', async (clock) => {
  const folder = newFolder();
  const open = async () => (await openEmbeddedStorage({ folder: join(folder, 'dc2'), directory: join(folder, 'directory'), clock })).storage;
  const storage = await open();
  return {
    storage,
    reopen: async () => {
      await storage.close();
      return open();
    },
  };
});
