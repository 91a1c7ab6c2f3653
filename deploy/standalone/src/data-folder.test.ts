import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { tempFolder } from '@heliograph/testing/temp-folder';
import { DATA_FORMAT, openDataFolder } from './data-folder';

describe('data folder', () => {
  let temporary: ReturnType<typeof tempFolder>;
  const at = (...parts: string[]): string => join(temporary.path, ...parts);
  beforeEach(() => { temporary = tempFolder('data'); });
  afterEach(() => temporary.remove());

  test('is made with its stamp and a folder for each DC', async () => {
    const folder = await openDataFolder(at('a', 'b'), [1, 2]);
    expect(JSON.parse(readFileSync(at('a', 'b', 'heliograph.json'), 'utf8'))).toEqual({ format: DATA_FORMAT });
    for (const name of ['dc1', 'dc2', 'directory']) expect(existsSync(at('a', 'b', name))).toBe(true);
    await folder.release();
  });

  test('is refused while another has it, and free after release', async () => {
    const first = await openDataFolder(at('a'), [2]);
    await expect(openDataFolder(at('a'), [2])).rejects.toThrow(`Another Heliograph (process ${process.pid}) uses`);
    await first.release();
    await (await openDataFolder(at('a'), [2])).release();
  });

  test('what a killed process left of its lock is no lock', async () => {
    mkdirSync(at('a'));
    writeFileSync(at('a', 'lock'), '');
    await (await openDataFolder(at('a'), [2])).release();
  });

  test('a path too long for a socket is locked all the same', async () => {
    const long = at('x'.repeat(120));
    const first = await openDataFolder(long, [2]);
    await expect(openDataFolder(long, [2])).rejects.toThrow('Another Heliograph');
    await first.release();
  });

  test('a newer format is refused with what to do', async () => {
    mkdirSync(at('a'));
    writeFileSync(at('a', 'heliograph.json'), JSON.stringify({ format: DATA_FORMAT + 1 }));
    await expect(openDataFolder(at('a'), [2])).rejects.toThrow(`newer Heliograph (data format ${DATA_FORMAT + 1}; this one knows up to ${DATA_FORMAT})`);
  });

  test.each(['', 'x', '{}', '{"format": "1"}', '[]'])('a stamp that reads %j is damage', async (text) => {
    mkdirSync(at('a'));
    writeFileSync(at('a', 'heliograph.json'), text);
    await expect(openDataFolder(at('a'), [2])).rejects.toThrow('damaged (heliograph.json is not readable)');
  });

  test('a folder with other files is not taken', async () => {
    mkdirSync(at('a'));
    writeFileSync(at('a', 'letter.txt'), '');
    await expect(openDataFolder(at('a'), [2])).rejects.toThrow('holds other files (letter.txt)');
    expect(existsSync(at('a', 'dc2'))).toBe(false);
  });

  test('a file in the way is a sentence', async () => {
    writeFileSync(at('a'), '');
    await expect(openDataFolder(at('a', 'b'), [2])).rejects.toThrow('a part of that path is a file');
    await expect(openDataFolder(at('a'), [2])).rejects.toThrow('Name another with --data');
  });

  test('a start that was interrupted before its stamp can be repeated', async () => {
    mkdirSync(at('a', 'dc2'), { recursive: true });
    mkdirSync(at('a', 'directory'));
    await (await openDataFolder(at('a'), [2])).release();
  });

  test('somebody else’s socket in its place is not removed while it listens', async () => {
    mkdirSync(at('a'));
    const server = createServer((socket) => socket.end());
    await new Promise<void>((resolve) => { server.listen(at('a', 'lock'), resolve); });
    await expect(openDataFolder(at('a'), [2])).rejects.toThrow('Another Heliograph (process unknown)');
    await new Promise((resolve) => { server.close(resolve); });
  });
});
