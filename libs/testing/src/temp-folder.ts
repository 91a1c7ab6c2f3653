import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A fresh folder; removed by `remove`, or when the process ends. */
export function tempFolder(name = 'test'): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), `heliograph-${name}-`));
  const remove = (): void => {
    process.off('exit', remove);
    rmSync(path, { recursive: true, force: true, maxRetries: 3 });
  };
  process.on('exit', remove);
  return { path, remove };
}
