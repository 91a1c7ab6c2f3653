import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeBlobContract } from './contract';
import { openFileBlob } from './files';
import { UPLOAD_IDLE_MS } from './limits';

const folders: string[] = [];
const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'heliograph-blob-'));
  folders.push(folder);
  return folder;
};
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

describeBlobContract('files', async () => {
  const folder = newFolder();
  return { blob: await openFileBlob({ folder }), reopen: () => openFileBlob({ folder }) };
});

test('nothing is ever written outside of the folder, and no half-written file stays', async () => {
  const outer = newFolder();
  const blob = await openFileBlob({ folder: join(outer, 'blobs') });
  for (const key of ['../escaped', '/escaped', '../../escaped']) await blob.put(key, Buffer.from('x'));
  expect(readdirSync(outer)).toEqual(['blobs']);
  expect(readdirSync(join(outer, 'blobs', 'uploads'))).toEqual([]);
});

test('what a killed process left half written is removed at a later start, an upload in progress is not', async () => {
  const folder = newFolder();
  const blob = await openFileBlob({ folder });
  const [old, fresh] = [await blob.startMultipart('old'), await blob.startMultipart('fresh')];
  const half = join(folder, 'uploads', '11111111-1111-1111-1111-111111111111.part');
  writeFileSync(half, 'x');
  const then = (Date.now() - UPLOAD_IDLE_MS - 60_000) / 1000;
  for (const path of [half, join(folder, 'uploads', old)]) utimesSync(path, then, then);
  await openFileBlob({ folder });
  expect([half, join(folder, 'uploads', old), join(folder, 'uploads', fresh)].map((path) => existsSync(path))).toEqual([false, false, true]);
});

test('a folder that cannot be used is told', async () => {
  const folder = newFolder();
  writeFileSync(join(folder, 'file'), '');
  await expect(openFileBlob({ folder: join(folder, 'file') })).rejects.toMatchObject({ name: 'BlobUnavailable' });
});
