import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RegionKeyRefused, SealBroken } from './errors';
import { openRegionKeyFile } from './region-key';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'heliograph-region-key-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('the first start makes a key that only its owner may read, and the next reads it', () => {
  const path = join(folder, 'dc2', 'region-key');
  const made = openRegionKeyFile(path);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const wrapped = made.wrap(new Uint8Array(32).fill(5), 'user:1');
  const read = openRegionKeyFile(path);
  expect([...read.unwrap(wrapped, 'user:1')]).toEqual(new Array(32).fill(5));
  expect(() => read.unwrap(wrapped, 'user:2')).toThrow(SealBroken);
  expect(Buffer.from(read.secret('salts'))).toEqual(Buffer.from(made.secret('salts')));
  expect(Buffer.from(read.secret('salts'))).not.toEqual(Buffer.from(read.secret('access-hash')));
});

test('a file that others may read is refused with what to do', () => {
  const path = join(folder, 'region-key');
  openRegionKeyFile(path);
  chmodSync(path, 0o640);
  expect(() => openRegionKeyFile(path)).toThrow(RegionKeyRefused);
  expect(() => openRegionKeyFile(path)).toThrow(/chmod 600/);
});

test('every kind of damage is refused, and the file stays as it was', () => {
  const path = join(folder, 'region-key');
  openRegionKeyFile(path);
  const whole = readFileSync(path, 'utf8');
  const swapped = whole.replace(/:1:(.)/, (_all, first: string) => `:1:${first === 'A' ? 'B' : 'A'}`);
  for (const damaged of ['', 'x', whole.slice(0, -5), swapped, `${whole.trim()}:more`, whole.replace(':1:', ':0:')]) {
    writeFileSync(path, damaged, { mode: 0o600 });
    expect(() => openRegionKeyFile(path)).toThrow(/damaged: restore it/);
    expect(readFileSync(path, 'utf8')).toBe(damaged);
  }
});
